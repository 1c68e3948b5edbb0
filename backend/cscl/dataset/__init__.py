"""Datasets: a time series and parcels made into chips with labels at 10 m and finer."""
