"""The parts of the page of time series."""
