"""Crop mapping from Sentinel-2 time series with context-self contrastive pretraining."""
