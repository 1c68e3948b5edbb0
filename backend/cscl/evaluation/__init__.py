"""How good a map is: figures, zones, the random-forest yardstick, calibration and the report."""
