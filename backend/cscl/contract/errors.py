"""Errors and findings that a person can act on."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import Dict, Iterable, Iterator, List, Tuple

SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One result of a check: what is concerned, what was found there and what to do about it."""

    code: str
    subject: str
    found: str
    remedy: str
    severity: str = "error"

    def __str__(self) -> str:
        return f"{self.subject}: {self.found}. {self.remedy}"

    def to_json(self) -> Dict[str, str]:
        """Return the finding as plain strings."""
        return {
            "code": self.code,
            "subject": self.subject,
            "found": self.found,
            "remedy": self.remedy,
            "severity": self.severity,
        }


class UserError(Exception):
    """An error that a person can act on.

    `code` is a stable identifier, `subject` names the file, layer or field, `found` says what was
    found there and `remedy` what to do. `found` and `remedy` are sentences; `found` carries no
    full stop at its end.
    """

    def __init__(self, code: str, subject: object, found: str, remedy: str) -> None:
        self.findings: Tuple[Finding, ...] = (Finding(code, str(subject), found, remedy),)
        super().__init__(str(self.findings[0]))

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> "UserError":
        """Return one error that carries all `findings`, of which there must be at least one."""
        collected = tuple(findings)
        if not collected:
            raise ValueError("an error needs at least one finding")
        first = collected[0]
        error = cls(first.code, first.subject, first.found, first.remedy)
        error.findings = collected
        return error

    @property
    def code(self) -> str:
        """The code of the first finding."""
        return self.findings[0].code

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)


class Findings:
    """A collector, so that a check can report everything at once."""

    def __init__(self) -> None:
        self.items: List[Finding] = []

    def error(self, code: str, subject: object, found: str, remedy: str) -> None:
        """Add a finding that stops the job."""
        self.items.append(Finding(code, str(subject), found, remedy, "error"))

    def warning(self, code: str, subject: object, found: str, remedy: str) -> None:
        """Add a finding that the job goes on with, but that the person should read."""
        self.items.append(Finding(code, str(subject), found, remedy, "warning"))

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Add what a `UserError` within carries, and go on behind it."""
        try:
            yield
        except UserError as error:
            self.items.extend(error.findings)

    @property
    def errors(self) -> List[Finding]:
        """The findings that stop the job."""
        return [item for item in self.items if item.severity == "error"]

    def raise_errors(self) -> None:
        """Raise one `UserError` with every error found, if there is any."""
        if self.errors:
            raise UserError.of(self.errors)


class Cancelled(Exception):
    """The person asked the job to stop."""
