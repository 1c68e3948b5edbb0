"""Map layers to paths, and results to a styled group of layers."""
