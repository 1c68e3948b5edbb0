"""Setting up the engine, from the first start to the demonstration scene."""
