"""What the plugin keeps in the platform data folder, how large it is, and its removal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Tuple

from ...backend.cscl.contract.errors import UserError
from ...backend.cscl.contract.home import data_folder
from ..words import tr
from .install import places
from .install.lock import InstallLock

ENGINE, RUNS, DEMO, COPIES = "engine", "runs", "demo", "copies"
FOLDERS: Dict[str, Tuple[str, ...]] = {
    ENGINE: ("engine",),
    RUNS: ("runs", "reports"),
    DEMO: ("demo",),
    COPIES: ("snapshots", "cache", "compiled"),
}


@dataclass(frozen=True)
class Kept:
    """One kind of what is kept: its key, a title and what is lost with it."""

    key: str
    title: str
    loss: str


def kinds() -> Tuple[Kept, ...]:
    """Return what is kept, in the order in which it is shown."""
    return (
        Kept(ENGINE, tr("Engine"), tr("It has to be installed again before the next job.")),
        Kept(RUNS, tr("Records of runs"),
             tr("Parameters and logs of jobs whose results are single files go; results stay.")),
        Kept(DEMO, tr("Demonstration scene"), tr("Its images, model and map go.")),
        Kept(COPIES, tr("Copies and pictures"), tr("They are made again when they are needed.")),
    )  # fmt: skip


def folders_of(key: str) -> Tuple[Path, ...]:
    """Return the folders of one kind."""
    return tuple(data_folder() / name for name in FOLDERS[key])


def sizes() -> Dict[str, int]:
    """Return the bytes of each kind; for a task."""
    return {key: sum(places.folder_bytes(folder) for folder in folders_of(key)) for key in FOLDERS}


def remove(key: str) -> None:
    """Remove one kind; for a task. Raises `UserError` where something stays."""
    if key != ENGINE:
        for folder in folders_of(key):
            places.remove_tree(folder)
        return
    lock = InstallLock(places.engine_folder())
    try:
        lock.take()
    except OSError as error:
        raise UserError(
            "not_removed", places.engine_folder(), str(error.strerror), tr("Check the folder.")
        ) from None
    try:
        places.remove_engine()
    finally:
        lock.release()
