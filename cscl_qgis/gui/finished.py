"""The results of a finished job, found again by its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Dict

from ...backend.cscl.contract.errors import UserError
from ...backend.cscl.contract.manifest import output_paths, read_manifest


def outputs_in(folder: str) -> Dict[str, str]:
    """Return the outputs of the complete job in a folder by role; empty where there is none.

    A manifest that is damaged, or names files outside of its folder, counts as none.
    """
    path = Path(folder)
    if not folder or not path.is_dir():
        return {}
    try:
        manifest = read_manifest(path)
        if manifest is None or manifest.state != "complete":
            return {}
        return {role: str(found) for role, found in output_paths(path, manifest).items()}
    except UserError:
        return {}
