"""Words of a script: a scene is one act of one office at a moment; the scenes of all units are played in time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from workflows.calendar import BANGKOK
from workflows.plans.states import FileRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Complete the task `element` of a plan or cycle (`key`), as `office` (role@unit), with these variables."""

    at: dt.datetime
    key: str
    element: str
    variables: Mapping[str, object] = field(default_factory=dict)
    outcome: str | None = None
    comment: str | None = None
    office: str | None = None  # where several have the same task: agencies, invited parties
    plan: str | None = None  # in the national review: which plan the task is about
    upload: tuple[FileRole, ...] = ()  # files for the next edition, made before the task is completed
    assumed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reissue:
    """Give a step of the calendar another date."""

    at: dt.datetime
    cycle: str
    step: str
    due: dt.date
    reason: str
    order_ref: str
    office: str
    assumed: bool = False


def at(day: str, time: str = "10:00") -> dt.datetime:
    """Return a moment in Thailand."""
    return dt.datetime.fromisoformat(f"{day}T{time}:00").replace(tzinfo=BANGKOK)
