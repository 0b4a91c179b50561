"""What the doctor finds: one sentence, how bad it is, and the figures behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from flask_babel import LazyString


class Status(StrEnum):
    """How bad a finding is."""

    GOOD = "good"
    WARNING = "warning"  # somebody should look, nobody is hindered yet
    FAILING = "failing"  # people are hindered, or will be


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    check: str  # stable name
    status: Status
    message: LazyString | str
    facts: Mapping[str, object] = field(default_factory=dict)


def good(check: str, message: LazyString | str, **facts: object) -> Finding:
    """Return a finding that all is well."""
    return Finding(check, Status.GOOD, message, facts)


def warning(check: str, message: LazyString | str, **facts: object) -> Finding:
    """Return a finding that somebody should look at."""
    return Finding(check, Status.WARNING, message, facts)


def failing(check: str, message: LazyString | str, **facts: object) -> Finding:
    """Return a finding that hinders people."""
    return Finding(check, Status.FAILING, message, facts)


def worst(findings: Sequence[Finding]) -> Status:
    """Return the worst status of all."""
    found = {finding.status for finding in findings}
    return next((status for status in (Status.FAILING, Status.WARNING) if status in found), Status.GOOD)
