"""Loops over the pixels of maps, compiled by numba."""
