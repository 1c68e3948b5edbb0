"""Parcels and their classes: legend, balance, findings, and the dataset made of them."""
