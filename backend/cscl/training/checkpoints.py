"""Checkpoints: all that a stage needs to go on where it stopped, without pickle."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load as load_bytes
from safetensors.torch import load_file
from safetensors.torch import save as save_bytes
from torch import Tensor

from cscl.context import JobContext
from cscl.contract import strict_json
from cscl.contract.atomic import remove, replacing, sweep, write_text
from cscl.contract.errors import UserError

SCHEMA = 1
KEPT = 2
NAME = re.compile(r"step_(\d{9})\.json")


@dataclass(frozen=True)
class Checkpoint:
    """Tensors by name and everything else as plain values, both after `step` steps."""

    step: int
    tensors: dict[str, Tensor]
    state: dict[str, Any]


class CheckpointFolder:
    """The newest two checkpoints of one stage in one folder.

    A checkpoint is `step_N.safetensors` and, written after it, `step_N.json` with its sha256: what
    has no JSON file does not exist. `identity` says what must be the same for a checkpoint to be
    continued: job, dataset, plan.
    """

    def __init__(self, folder: Path, identity: dict[str, Any]) -> None:
        self.folder = folder
        self.identity = identity

    def save(self, checkpoint: Checkpoint) -> None:
        """Write one checkpoint, whole or not at all, and drop all but the newest two."""
        name = f"step_{checkpoint.step:09d}"
        tensors = {key: value.detach().contiguous() for key, value in checkpoint.tensors.items()}
        # As bytes, not by safetensors' own file: what the system says of a full disk would be lost.
        data = save_bytes(tensors)
        with replacing(self.folder / f"{name}.safetensors") as part:
            part.write_bytes(data)
        document = {
            "schema": SCHEMA,
            "step": checkpoint.step,
            "identity": self.identity,
            "sha256": hashlib.sha256(data).hexdigest(),
            "state": checkpoint.state,
        }
        write_text(self.folder / f"{name}.json", strict_json.dump(document))
        for step in self._steps()[:-KEPT]:
            self._drop(step)

    def load_newest(self, ctx: JobContext) -> Checkpoint | None:
        """Return the newest checkpoint that is whole, or None where there is none at all.

        A damaged one is passed over with a note. Raises `UserError` where all are damaged or
        where another job, dataset or version wrote them.
        """
        if not self.folder.is_dir():
            return None
        sweep(self.folder)
        steps = self._steps()
        for step in reversed(steps):
            document = self._document(step)
            if document is not None:
                self._check_identity(document)
                checkpoint = self._checkpoint(step, document)
                if checkpoint is not None:
                    return checkpoint
            ctx.note(f"The checkpoint of step {step} is damaged and was passed over.")
        if steps:
            raise UserError(
                "damaged_checkpoints",
                self.folder,
                "none of its checkpoints can be read",
                "Run the job again with overwrite, which starts anew.",
            )
        return None

    def clear(self) -> None:
        """Remove the folder with everything in it."""
        remove(self.folder)

    def _steps(self) -> list[int]:
        matches = (NAME.fullmatch(path.name) for path in self.folder.glob("step_*.json"))
        return sorted(int(match.group(1)) for match in matches if match)

    def _drop(self, step: int) -> None:
        # The JSON file first: without it the weights are no checkpoint any more.
        for ending in ("json", "safetensors"):
            remove(self.folder / f"step_{step:09d}.{ending}")

    def _document(self, step: int) -> dict[str, Any] | None:
        try:
            document = strict_json.read(self.folder / f"step_{step:09d}.json")
        except UserError:
            return None
        keys = {"schema", "step", "identity", "sha256", "state"}
        if not isinstance(document, dict) or set(document) != keys or document["step"] != step:
            return None
        return document

    def _check_identity(self, document: dict[str, Any]) -> None:
        found = {"schema": document["schema"], **document["identity"]}
        wanted = {"schema": SCHEMA, **self.identity}
        differing = sorted(
            key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key)
        )
        if differing:
            told = "; ".join(
                f"{key} was {found.get(key)!r} and is now {wanted.get(key)!r}" for key in differing
            )
            raise UserError(
                "other_checkpoint",
                self.folder,
                f"its checkpoints come from another job: {told}",
                "Give the job its former settings, another output, or overwrite.",
            )

    def _checkpoint(self, step: int, document: dict[str, Any]) -> Checkpoint | None:
        weights = self.folder / f"step_{step:09d}.safetensors"
        try:
            if _sha256(weights) != document["sha256"]:
                return None
            tensors = load_file(weights)
        except (OSError, SafetensorError):
            return None
        return Checkpoint(step, tensors, document["state"])


def _sha256(path: Path) -> str:
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def pack(checkpoint: Checkpoint | None) -> bytes:
    """Return a checkpoint as bytes, for another process; empty for None."""
    if checkpoint is None:
        return b""
    head = strict_json.dump({"step": checkpoint.step, "state": checkpoint.state}).encode()
    return len(head).to_bytes(8, "little") + head + save_bytes(checkpoint.tensors)


def unpack(data: bytes) -> Checkpoint | None:
    """Return the checkpoint that `pack` made bytes of."""
    if not data:
        return None
    end = 8 + int.from_bytes(data[:8], "little")
    head = strict_json.parse(data[8:end], "checkpoint")
    return Checkpoint(head["step"], load_bytes(data[end:]), head["state"])
