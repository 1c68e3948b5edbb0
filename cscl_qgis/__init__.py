"""The plugin: PyQGIS, qgis.PyQt and the standard library."""
