"""Time series: from images on disk to reflectance by date, band and pixel."""
