"""Items of static STAC catalogues, found by reading local documents alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from cscl.contract import strict_json
from cscl.contract.errors import Findings, UserError
from cscl.contract.paths import linked_path, path_problem

SUFFIXES = (".json", ".geojson")
OWN_SERIES = ".series.json"
SNIFFED = 2**20
MOST_ITEMS = 100_000
_FOLLOWED = ("item", "child")


@dataclass(frozen=True)
class Item:
    """One STAC item: the file it stands in, its id, properties and assets as plain values."""

    path: Path
    id: str
    properties: Mapping[str, Any]
    assets: Mapping[str, Mapping[str, Any]]

    @property
    def subject(self) -> str:
        """What it is called in messages."""
        return f"{self.path}: item {self.id}"


def is_catalog(path: Path) -> bool:
    """Return whether a file is STAC's JSON, by its name and its first mebibyte."""
    name = path.name.lower()
    if not name.endswith(SUFFIXES) or name.endswith(OWN_SERIES) or not path.is_file():
        return False
    try:
        with open(path, "rb") as handle:
            start = handle.read(SNIFFED)
    except OSError:
        return False
    return b'"stac_version"' in start and b'"cscl:series"' not in start


def local_href(item_file: Path, href: str, subject: object) -> Path:
    """Return the local file that a document links to, relative to it or absolute.

    Raises `UserError` where the link is an address, a driver's or a virtual path, or a relative
    one that leads out of the document's folder. `file:` with no host is a local file.
    """
    if href.lower().startswith("file://"):
        rest = href[len("file://") :]
        if rest.startswith("/"):
            path = unquote(rest)
            # A drive of Windows stands behind a slash.
            href = path[1:] if path[2:3] == ":" else path
    target = linked_path(item_file.parent, href, subject)
    if not Path(href).is_absolute() and item_file.parent.resolve() not in target.parents:
        raise UserError(
            "link_leaves_folder",
            subject,
            f"its link {href[:120]} leads out of the folder of {item_file.name}",
            "Keep the images in the item's folder or below it, or link to them by whole paths.",
        )
    return target


def is_remote(href: str) -> bool:
    """Return whether a link is an address rather than a file."""
    return not href.lower().startswith("file:///") and bool(path_problem(href))


@dataclass
class ItemReader:
    """Reads items, following the local links of catalogues; each document once."""

    findings: Findings
    _seen: set[Path] = field(default_factory=set)

    def read(self, path: Path) -> Iterator[Item]:
        """Give the items of a document and of those that it links to.

        What cannot be read, and links that lead to the network, go to `findings`.
        """
        waiting = [path]
        while waiting:
            file = waiting.pop(0)
            if file.resolve() in self._seen:
                continue
            self._seen.add(file.resolve())
            if len(self._seen) > MOST_ITEMS:
                raise UserError(
                    "too_many_files",
                    path,
                    f"it leads to more than {MOST_ITEMS} documents",
                    "Name a catalog of the area and season alone.",
                )
            document = self._document(file)
            kind = document.get("type")
            if kind == "Feature":
                yield from self._items(file, [document])
            elif kind == "FeatureCollection":
                yield from self._items(file, document.get("features"))
            elif kind in ("Catalog", "Collection"):
                waiting += self._links(file, document)
            elif document:
                self._damaged(file, f"its type {kind!r} is none of STAC")

    def _document(self, file: Path) -> Mapping[str, Any]:
        try:
            value = strict_json.read(file)
        except UserError as error:
            self._damaged(file, error.findings[0].found)
            return {}
        if not isinstance(value, dict):
            self._damaged(file, "it is no JSON object")
            return {}
        return value

    def _items(self, file: Path, features: Any) -> Iterator[Item]:
        for feature in features if isinstance(features, list) else []:
            properties = feature.get("properties") if isinstance(feature, dict) else None
            assets = feature.get("assets") if isinstance(feature, dict) else None
            if isinstance(properties, dict) and isinstance(assets, dict):
                held = {str(key): value for key, value in assets.items() if isinstance(value, dict)}
                yield Item(file, str(feature.get("id", file.stem)), properties, held)
            else:
                self._damaged(file, "one of its features has no properties and assets")

    def _links(self, file: Path, document: Mapping[str, Any]) -> list[Path]:
        links = document.get("links")
        found = []
        for link in links if isinstance(links, list) else []:
            if not isinstance(link, dict) or link.get("rel") not in _FOLLOWED:
                continue
            href = str(link.get("href", ""))
            if is_remote(href):
                self.findings.error(
                    "link_not_local",
                    file,
                    f"it links to {href[:120]}, which is no local file",
                    "Download the items with their images, and let the catalog link to them.",
                )
                continue
            try:
                found.append(local_href(file, href, "item"))
            except UserError as error:
                self.findings.items.extend(error.findings)
        return found

    def _damaged(self, file: Path, found: str) -> None:
        self.findings.error("invalid_catalog", file, found, "Restore or remove this file.")
