"""The class table of the dock as a file of ours, which jobs read."""

from __future__ import annotations

import hashlib
import os

from ...backend.cscl.contract import strict_json
from ...backend.cscl.contract.class_csv import write_class_table
from ...backend.cscl.contract.classes import ClassTable
from ...backend.cscl.contract.home import data_folder
from .snapshot import remove_old


def keep_class_table(table: ClassTable) -> str:
    """Write a class table into our folder and return its path; raises `UserError`.

    The file is named by its content, so that the same table makes the same job and an interrupted
    one can be resumed.
    """
    digest = hashlib.sha256(strict_json.line(table.to_json())).hexdigest()[:16]
    folder = data_folder() / "classes"
    path = folder / f"classes-{digest}.csv"
    if path.exists():
        os.utime(path)
    else:
        remove_old(folder, "*.csv")
        write_class_table(path, table)
    return str(path)
