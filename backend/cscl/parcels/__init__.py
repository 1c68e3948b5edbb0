"""Parcels: classified from a crop map, exported to GIS formats."""
