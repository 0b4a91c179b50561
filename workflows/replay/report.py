"""What a replay tells: each step with planned and actual dates, the state of each unit's run, and the audit."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from workflows.calendar import BANGKOK


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """One step of the year."""

    unit: str
    process: str
    step: str
    name: str
    actor: str
    capacity: str
    due_original: dt.datetime | None
    due: dt.datetime | None
    done: dt.datetime
    working_days_late: int
    outcome: str | None
    assumed: bool

    def as_json(self) -> dict[str, object]:
        """Return it for machines; moments in ISO 8601 with the offset of Thailand."""
        return {
            "unit": self.unit,
            "process": self.process,
            "step": self.step,
            "actor": self.actor,
            "capacity": self.capacity,
            "due_original": _moment(self.due_original),
            "due": _moment(self.due),
            "done": _moment(self.done),
            "working_days_late": self.working_days_late,
            "outcome": self.outcome,
            "assumed": self.assumed,
        }


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """The whole year."""

    steps: tuple[StepLine, ...]
    instances: dict[str, str]
    entries: int
    verified: bool

    def as_json(self) -> dict[str, object]:
        """Return it for machines."""
        return {
            "steps": [step.as_json() for step in self.steps],
            "instances": dict(self.instances),
            "audit": {"entries": self.entries, "verified": self.verified},
        }


def _moment(value: dt.datetime | None) -> str | None:
    return value.astimezone(BANGKOK).isoformat(timespec="seconds") if value is not None else None
