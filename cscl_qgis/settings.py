"""The plugin's settings, kept in the user's QGIS profile."""

from __future__ import annotations

from dataclasses import dataclass, fields

from qgis.core import QgsSettings

SECTION = "cscl"


@dataclass(frozen=True)
class Settings:
    """All settings; an empty text leaves the choice to the plugin."""

    backend_python: str = ""


def read_settings() -> Settings:
    """Return the settings of the current profile."""
    stored = QgsSettings()
    return Settings(
        **{
            item.name: stored.value(f"{SECTION}/{item.name}", item.default, type=str)
            for item in fields(Settings)
        }
    )


def write_settings(settings: Settings) -> None:
    """Keep the settings in the current profile."""
    stored = QgsSettings()
    for item in fields(Settings):
        stored.setValue(f"{SECTION}/{item.name}", getattr(settings, item.name))
