"""The version of plugin and backend, which are released together."""

VERSION = "0.1.0"
