"""Sets up the engine: an environment of its own in the platform data folder."""
