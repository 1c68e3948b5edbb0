"""Compiled loops over the dates of pixels."""
