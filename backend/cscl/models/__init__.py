"""Backbones, heads and the files that hold trained networks."""
