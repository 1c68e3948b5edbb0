"""How a job ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict


@dataclass(frozen=True)
class Outcome:
    """The end of a job: `state` is complete, failed or cancelled.

    `outputs` maps roles to paths and is empty unless the job is complete. `message` is for the
    person; `details` holds the last lines that the engine wrote besides its events; `report` names
    the file with the details of a bug.
    """

    state: str
    outputs: Dict[str, str] = field(default_factory=dict)
    code: str = ""
    message: str = ""
    report: str = ""
    details: str = ""
    exit_code: int = 0

    @property
    def succeeded(self) -> bool:
        """Whether the job is complete, with results."""
        return self.state == "complete"
