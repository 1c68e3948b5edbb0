"""The plugin's words in the person's language.

The English text is the key. Translations are read from Qt's own `.ts` files, so that translators
use the tools they know and nothing compiled is shipped.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QXmlStreamReader

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "translations"
_words: Optional[Dict[str, str]] = None


def tr(text: str, /, **values: Any) -> str:
    """Return `text` in the language of QGIS, with `values` in place of its names in braces.

    The first argument is a literal wherever it is called, so that the texts can be listed.
    """
    translated = told(text)
    return translated.format(**values) if values else translated


def told(text: str) -> str:
    """Return a text of the contract, or one that a class carries, in the language of QGIS."""
    global _words
    if _words is None:
        _words = read_words(QgsApplication.instance().locale() if QgsApplication.instance() else "")
    return _words.get(text, text)


def use_language(locale: Optional[str]) -> None:
    """Speak the language of `locale`, such as de_AT, from now on; `None` for that of QGIS."""
    global _words
    _words = None if locale is None else read_words(locale)


def read_words(locale: str) -> Dict[str, str]:
    """Return the finished translations into the language of `locale`, or none."""
    language = locale.split("_")[0].lower()
    if not language.isalpha():
        return {}
    path = FOLDER / f"cscl_{language}.ts"
    if not path.is_file():
        return {}
    reader = QXmlStreamReader(path.read_bytes())
    words: Dict[str, str] = {}
    source = ""
    while not reader.atEnd():
        reader.readNext()
        if not reader.isStartElement():
            continue
        if reader.name() == "source":
            source = reader.readElementText()
        elif reader.name() == "translation":
            finished = not reader.attributes().hasAttribute("type")
            translation = reader.readElementText()
            if source and finished:
                words[source] = translation or source
    return words
