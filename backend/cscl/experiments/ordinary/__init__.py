"""Ordinary 2-D images and 3-D volumes: a demonstration that the loss is not bound to crops."""
