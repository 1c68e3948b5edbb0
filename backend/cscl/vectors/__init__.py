"""Vector layers: read and written as streams, geometries as polygons."""
