"""Finds the people whom a rung of the ladder tells, each once, with the part in which they are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from workflows.clocks.ladder import Audience
from workflows.clocks.positions import Positions

_PARTS: Final = (Audience.OWNER, Audience.SUPERIOR, Audience.SECOND_SUPERIOR)
_HIGHEST: Final = 10  # no chain of positions is longer; one that is goes in a circle


@dataclass(frozen=True, slots=True)
class Told:
    """A person to tell: in which part, and as a holder of which group (empty for who has the task)."""

    person: str
    part: Audience
    group: str


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whose task it is: who has it, else who may take it."""

    assignee: str | None
    users: Sequence[str]
    groups: Sequence[str]


def people_of(
    session: Session, positions: Positions, ownership: Ownership, audiences: Sequence[Audience], at: dt.datetime
) -> list[Told]:
    """Return whom to tell; a position that nobody holds is answered for by the one above it."""
    found: dict[str, Told] = {}
    for audience in audiences:
        for told in _of_audience(session, positions, ownership, audience, at):
            found.setdefault(told.person, told)
    return list(found.values())


def _of_audience(
    session: Session, positions: Positions, ownership: Ownership, audience: Audience, at: dt.datetime
) -> Iterator[Told]:
    if audience is Audience.OWNER and ownership.assignee is not None:
        yield Told(ownership.assignee, audience, "")
        return
    if audience is Audience.OWNER and ownership.users:
        yield from (Told(user, audience, "") for user in ownership.users)
        if not any(positions.holders_of(session, group, at) for group in ownership.groups):
            return
    for group in ownership.groups:
        yield from _held(session, positions, group, _PARTS.index(audience), at)


def _held(session: Session, positions: Positions, group: str, level: int, at: dt.datetime) -> Iterator[Told]:
    for height, above in enumerate(_chain(positions, group)):
        holders = positions.holders_of(session, above, at) if height >= level else ()
        if holders:
            part = _PARTS[min(height, len(_PARTS) - 1)]
            yield from (Told(holder.person, part, above) for holder in holders)
            return


def _chain(positions: Positions, group: str) -> Iterator[str]:
    above: str | None = group
    for _ in range(_HIGHEST):
        if above is None:
            return
        yield above
        above = positions.superior_of(above)
