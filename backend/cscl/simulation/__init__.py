"""Scenes with known truth: a landscape, its crops through a season, and how Sentinel-2 sees it."""
