"""Reading, computing and writing at the same time, with few items under way."""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")
Result = TypeVar("Result")


def stream(
    items: Iterable[Item],
    read: Callable[[Item], Found],
    computes: Sequence[Callable[[Found], Result]],
    write: Callable[[Item, Result], None],
    step: Callable[[], None],
) -> None:
    """Do `write(item, compute(read(item)))` for all items, each stage beside the others.

    One thread reads, one writes, in the order of the items, and each of `computes` has one of its
    own: one a device. No more items are under way than there are stages. `step` is called here
    after each item that is written; what it or a stage raises is raised when the stages have ended.
    """
    idle: queue.SimpleQueue[Callable[[Found], Result]] = queue.SimpleQueue()
    for compute in computes:
        idle.put(compute)
    under_way: deque[Future[None]] = deque()
    with ExitStack() as stack:
        reading, computing, writing = (
            stack.enter_context(ThreadPoolExecutor(count, thread_name_prefix=name))
            for name, count in (("read", 1), ("compute", len(computes)), ("write", 1))
        )
        try:
            for item in items:
                if len(under_way) == len(computes) + 2:
                    under_way.popleft().result()
                    step()
                found = reading.submit(read, item)
                result = computing.submit(_with_idle, idle, found)
                under_way.append(writing.submit(_written, write, item, result))
            while under_way:
                under_way.popleft().result()
                step()
        except BaseException:
            for pool in (reading, computing, writing):
                pool.shutdown(wait=False, cancel_futures=True)
            raise


def _with_idle(idle: queue.SimpleQueue[Callable[[Found], Result]], found: Future[Found]) -> Result:
    compute = idle.get()
    try:
        return compute(found.result())
    finally:
        idle.put(compute)


def _written(write: Callable[[Item, Result], None], item: Item, result: Future[Result]) -> None:
    write(item, result.result())
