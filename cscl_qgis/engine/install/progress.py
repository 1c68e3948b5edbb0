"""How far a step has come, from the lines of pip and uv."""

from __future__ import annotations

import re

_RAW = re.compile(r"^Progress (\d+) of (\d+)$")
_SIZE = re.compile(
    r"^\s*(?:Downloading|Using cached|Downloaded) .*\((\d+(?:\.\d+)?) ?([kKMG])i?B\)"
)
_TAKEN = re.compile(r"^\s*(?:Collecting|Processing|Downloaded) ")
_UNIT = {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9}


class StepProgress:
    """The share of one step that is done; it never goes back.

    `fetched` is the share that fetching takes, unpacking the rest.
    """

    def __init__(self, expected_bytes: int, expected_packages: int, fetched: float) -> None:
        self._fetched = fetched
        # Where sizes are told as well, counting alone would run ahead of them.
        self._counted = 1.0 if fetched < 0.5 else 0.3
        self._bytes = max(1, expected_bytes)
        self._packages = max(1, expected_packages)
        self._done_bytes = 0.0
        self._taken = 0
        self.share = 0.0
        self.unpacking = False

    def feed(self, line: str) -> float:
        """Take a line and return the share."""
        raw = _RAW.match(line)
        if raw:
            self._reach((self._done_bytes + int(raw.group(1))) / self._bytes * self._fetched)
            if raw.group(1) == raw.group(2):
                self._done_bytes += int(raw.group(2))
            return self.share
        if _TAKEN.match(line):
            self._taken += 1
            share = min(1.0, self._taken / self._packages)
            self._reach(share * self._fetched * self._counted)
        size = _SIZE.match(line)
        if size and not line.strip().startswith("Downloading"):
            self._done_bytes += float(size.group(1)) * _UNIT[size.group(2)]
            self._reach(self._done_bytes / self._bytes * self._fetched)
        if line.startswith(("Installing collected packages", "Prepared ")):
            self.unpacking = True
            self._reach(self._fetched)
        elif line.startswith(("Successfully ", "Installed ")):
            self.share = 1.0
        return self.share

    def unpacked(self, packages: int) -> float:
        """Take how many packages lie in the environment since unpacking began."""
        if self.unpacking:
            self._reach(self._fetched + (1.0 - self._fetched) * min(1.0, packages / self._packages))
        return self.share

    def _reach(self, share: float) -> None:
        self.share = max(self.share, min(share, 1.0 if self.unpacking else self._fetched))
