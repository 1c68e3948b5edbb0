"""Work on the rows of a window, shared by the threads of a process."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class Bands:
    """So many threads that work on bands of rows; with one thread the caller works itself."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, "bands") if threads > 1 else None
        self._threads = threads

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()

    def each(self, height: int, work: Callable[[range], None], tallest: int | None = None) -> None:
        """Do `work` for ranges that make up `height` rows, each of at most `tallest`.

        Raises what `work` raises.
        """
        rows = min(-(-height // self._threads), tallest or height)
        parts = [range(row, min(row + rows, height)) for row in range(0, height, max(rows, 1))]
        for _ in map(work, parts) if self._pool is None else self._pool.map(work, parts):
            pass
