"""Parcels from a map: connected ground of one crop as polygons that share their edges."""
