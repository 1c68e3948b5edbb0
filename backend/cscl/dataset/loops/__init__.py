"""Compiled loops over edges and pixels, from which labels are burned."""
