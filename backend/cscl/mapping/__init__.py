"""Crop maps: windows through the network, layers onto the disk."""
