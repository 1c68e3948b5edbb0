"""Statistics of class probabilities within polygons, by exact coverage."""
