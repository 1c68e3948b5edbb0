"""The few pieces of HTML that a report is made of; all text is escaped here."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from cscl.pages.style_sheet import STYLE_SHEET

# Control characters and those that turn the direction of writing: names could hide behind them.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
MIME = {".png": "image/png", ".jpg": "image/jpeg", ".svg": "image/svg+xml"}


class Markup(str):
    """Text that is HTML already."""


def escaped(text: object) -> Markup:
    """Return text as HTML, with what would be markup or invisible shown as plain characters."""
    if isinstance(text, Markup):
        return text
    return Markup(html.escape(_INVISIBLE.sub("\N{REPLACEMENT CHARACTER}", str(text)), quote=True))


def element(tag: str, content: object = "", **attributes: object) -> Markup:
    """Return one element; `css` stands for the attribute class."""
    names = {"css": "class"}
    words = "".join(
        f' {names.get(key, key.replace("_", "-"))}="{escaped(item)}"'
        for key, item in attributes.items()
        if item not in (None, "")
    )
    return Markup(f"<{tag}{words}>{escaped(content)}</{tag}>")


def joined(parts: Iterable[object]) -> Markup:
    """Return the parts one after the other."""
    return Markup("\n".join(escaped(part) for part in parts))


def section(identifier: str, title: str, *parts: object) -> Markup:
    """Return a section with its heading."""
    heading = element("h2", title)
    return element("section", joined([heading, *parts]), id=identifier)


def table(
    headers: Sequence[object],
    rows: Iterable[Sequence[object]],
    *,
    text: int = 1,
    groups: Sequence[tuple[object, int]] = (),
) -> Markup:
    """Return a table whose first `text` columns are text; the others are figures, to the right.

    `groups` are headings above the headings, each over a number of columns.
    """

    def line(tag: str, cells: Sequence[object], **attributes: object) -> Markup:
        return element(
            "tr",
            joined(
                element(tag, item, css="" if place < text else "figure", **attributes)
                for place, item in enumerate(cells)
            ),
        )

    above = joined(
        element("th", title, colspan=span, scope="colgroup", css="group" if title else "")
        for title, span in groups
    )
    head = [*([element("tr", above)] if groups else []), line("th", headers, scope="col")]
    body = joined(line("td", row) for row in rows)
    inner = joined([element("thead", joined(head)), element("tbody", body)])
    return element("div", element("table", inner), css="scroll")


def definitions(items: Iterable[tuple[object, object]]) -> Markup:
    """Return a list of terms with what they are."""
    return element(
        "dl",
        joined(
            joined([element("dt", term), element("dd", content)])
            for term, content in items
            if content not in (None, "")
        ),
    )


def swatch(colour: str) -> Markup:
    """Return a small square of a colour, which is #rrggbb."""
    shown = colour if re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else "#ffffff"
    return Markup(f'<span class="swatch" style="background:{shown}"></span>')


def bar(share: float | None, colour: str = "#2f7d5b") -> Markup:
    """Return a bar for a share 0..1 behind nothing else."""
    if share is None:
        return Markup("")
    shown = colour if re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else "#2f7d5b"
    return Markup(
        f'<span class="bar"><span style="width:{100 * min(max(share, 0), 1):.1f}%;'
        f'background:{shown}"></span></span>'
    )


def picture(path: Path, caption: str) -> Markup:
    """Return a picture file, embedded, with its caption."""
    return embedded(path.read_bytes(), MIME[path.suffix.lower()], caption)


def embedded(content: bytes, kind: str, caption: str, width: int | None = None) -> Markup:
    """Return a picture of a MIME type, embedded, with its caption, `width` pixels wide."""
    size = "" if width is None else f' width="{width}"'
    data = base64.b64encode(content).decode("ascii")
    image = Markup(f'<img{size} src="data:{kind};base64,{data}" alt="{escaped(caption)}">')
    return element("figure", joined([image, element("figcaption", caption)]))


def page(title: str, body: Sequence[Markup], version: str) -> str:
    """Return a whole document that loads nothing from anywhere."""
    head = [
        Markup('<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        # Nothing may be loaded from anywhere, whatever a name in the data says.
        Markup(
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            "img-src data:; style-src 'unsafe-inline'\">"
        ),
        element("title", title),
        Markup(f"<style>{STYLE_SHEET}</style>"),
    ]
    shown = joined([*body, element("footer", f"Written by cscl-backend {version}.")])
    document = joined([element("head", joined(head)), element("body", shown)])
    return str(Markup("<!DOCTYPE html>\n") + element("html", document, lang="en") + "\n")


def drawing(svg: str, caption: str) -> Markup:
    """Return an SVG drawing of our own, inline, with its caption."""
    below = [element("figcaption", caption)] if caption else []
    return element("figure", joined([Markup(svg), *below]))
