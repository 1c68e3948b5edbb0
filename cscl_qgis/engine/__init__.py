"""Finds, starts, watches and stops the engine's process."""
