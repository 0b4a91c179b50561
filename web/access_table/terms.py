"""The terms of the access table: answers, objects, sets of roles, lines and routes, and the lines that many share."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from flask_babel import LazyString

from workflows.organization.roles import ROLES, UnitKind


class Answer(StrEnum):
    """What somebody is answered."""

    YES = "yes"  # 200, 204, or led on by 303
    CHECKED = "checked"  # 422: let in, but what was sent is wrong
    CONFLICT = "conflict"  # 409: let in, but somebody was faster, or it is over
    FORBIDDEN = "forbidden"  # 403: it may be seen, this may not be done
    UNKNOWN = "unknown"  # 404, the same page as for what does not exist
    SIGN_IN = "sign_in"  # led to the sign-in page


class Thing(StrEnum):
    """What is asked for, seen from an office in Lampang; everything far away lies in another region."""

    NOTHING = "nothing"
    OWN_TASK = "own"
    OPEN_TASK = "open"
    COLLEAGUES_TASK = "colleague"
    NEXT_STEP = "next_step"
    FINISHED_TASK = "finished"
    OTHER_OFFICES_TASK = "other_office"
    FAR_TASK = "far_office"
    OWN_PLAN = "own_plan"
    CLUSTERS_PLAN = "cluster_plan"
    NEIGHBOURS_PLAN = "neighbour_plan"
    PLAN_IN_REGION = "region_plan"
    FAR_PLAN = "far_plan"
    FINISHED_PLAN = "finished_plan"
    FOREIGN_PART = "foreign_here"
    CYCLE = "cycle"
    FINISHED_CYCLE = "finished_cycle"
    FAR_CYCLE = "far_cycle"
    OWN_RECORD = "own_record"
    FOREIGN_RECORD = "foreign_record"
    KNOWN = "known"
    UNKNOWN = "unknown"
    UNKNOWN_PLAN = "unknown_plan"


ANONYMOUS, NO_POSITION, ELSEWHERE = "anonymous", "no_position", "elsewhere"
"""Beside the codes of roles: not signed in (or disabled), signed in without a position (or after an acting order has
expired), and the same roles in another province, cluster or region."""


def _roles(*levels: UnitKind) -> frozenset[str]:
    return frozenset(role.code for role in ROLES.values() if role.level in levels)


NATION: Final = _roles(UnitKind.NATION)
REGION: Final = _roles(UnitKind.REGION)
CLUSTER: Final = _roles(UnitKind.CLUSTER)
PROVINCE: Final = _roles(UnitKind.PROVINCE)
GUESTS: Final = _roles(UnitKind.AGENCY, UnitKind.LOCAL, UnitKind.CIVIL, UnitKind.BUSINESS)
IN_OFFICE: Final = frozenset(ROLES)
SIGNED_IN: Final = IN_OFFICE | {NO_POSITION, ELSEWHERE}
EVERYBODY: Final = SIGNED_IN | {ANONYMOUS}
ADMINISTRATORS: Final = frozenset({"system_admin"})
AUDITORS: Final = frozenset({"auditor"})
CYCLE_DESK: Final = frozenset({"nesdc"})
PLANNERS: Final = frozenset({"province_strategy"})
CLUSTER_PLANNERS: Final = frozenset({"cluster_office"})
READERS: Final = frozenset({"province_strategy", "province_office_head", "governor", "system_admin", "auditor"})
"""Who learns who has read the files of the own plan: who writes it, who heads its unit, administrators, auditors."""
NOBODY: Final[frozenset[str]] = frozenset()

SEES: Final[Mapping[Thing, frozenset[str]]] = {
    Thing.OWN_PLAN: NATION | REGION | CLUSTER | PROVINCE | GUESTS,
    Thing.FINISHED_PLAN: NATION | REGION | CLUSTER | PROVINCE | GUESTS,
    Thing.CLUSTERS_PLAN: NATION | REGION | CLUSTER | PROVINCE,
    Thing.NEIGHBOURS_PLAN: NATION | REGION | CLUSTER,
    Thing.PLAN_IN_REGION: NATION | REGION,
    Thing.FAR_PLAN: NATION,
    Thing.CYCLE: IN_OFFICE | {ELSEWHERE},
    Thing.FINISHED_CYCLE: IN_OFFICE,
    Thing.FAR_CYCLE: NATION,
}
"""Whose plans and cycles one sees (workflows/plans/visibility.py)."""


@dataclass(frozen=True, slots=True)
class Line:
    """The answers for one object: those who are named, and everybody else who has signed in."""

    thing: Thing
    answers: Mapping[Answer, frozenset[str]]
    otherwise: Answer

    def answer(self, standing: str) -> Answer:
        """Return what somebody is answered; who has not signed in is asked to."""
        for answer, named in self.answers.items():
            if standing in named:
                return answer
        return Answer.SIGN_IN if standing == ANONYMOUS else self.otherwise


@dataclass(frozen=True, slots=True)
class Route:
    """One address with one method; `trace` says what is written although it only reads."""

    method: str
    endpoint: str
    does: LazyString
    lines: tuple[Line, ...]
    trace: LazyString | None = None
    room: str = ""


def line(thing: Thing, who: Collection[str], otherwise: Answer, *, answer: Answer = Answer.YES) -> Line:
    """Return a line with one answer for those who are named."""
    return Line(thing, {answer: frozenset(who)}, otherwise)


def page_lines(who: Collection[str], *, answer: Answer = Answer.YES) -> tuple[Line, ...]:
    """Return the line of a page about nothing in particular."""
    return (line(Thing.NOTHING, who, Answer.FORBIDDEN, answer=answer),)


def managed_lines(*, answer: Answer = Answer.YES) -> tuple[Line, ...]:
    """Return the lines of what only administrators open."""
    unknown = Line(Thing.UNKNOWN, {Answer.UNKNOWN: ADMINISTRATORS}, Answer.FORBIDDEN)
    return (line(Thing.KNOWN, ADMINISTRATORS, Answer.FORBIDDEN, answer=answer), unknown)


def task_lines(
    *, own: Answer, open_: Answer, colleague: Answer, next_step: Answer, finished: Answer,
    repair: Mapping[Thing, Answer] | None = None,
) -> tuple[Line, ...]:  # fmt: skip
    """Return the lines of what is done with a task; `repair` is what administrators are answered instead."""
    answers = {
        Thing.OWN_TASK: own, Thing.OPEN_TASK: open_, Thing.COLLEAGUES_TASK: colleague, Thing.NEXT_STEP: next_step,
        Thing.FINISHED_TASK: finished,
    }  # fmt: skip
    special = repair or {}
    lines = []
    for thing, answer in answers.items():
        named = {answer: IN_OFFICE} if thing not in special else {
            special[thing]: ADMINISTRATORS, answer: IN_OFFICE - ADMINISTRATORS,
        }  # fmt: skip
        lines.append(Line(thing, named, Answer.UNKNOWN))
    hidden = (Thing.OTHER_OFFICES_TASK, Thing.FAR_TASK, Thing.UNKNOWN)
    return (*lines, *(line(thing, NOBODY, Answer.UNKNOWN) for thing in hidden))


def seen_lines(*things: Thing) -> tuple[Line, ...]:
    """Return the lines of what everybody reads who sees the plan or cycle."""
    return tuple(line(thing, SEES.get(thing, NOBODY), Answer.UNKNOWN) for thing in (*things, Thing.UNKNOWN))


def written_lines(may: Mapping[Thing, Collection[str]], *things: Thing, ends: Answer = Answer.YES) -> tuple[Line, ...]:
    """Return the lines of what some of those do who see the plan; `ends` is the answer for a finished plan."""
    lines = []
    for thing in things:
        doers, seers = frozenset(may.get(thing, NOBODY)), SEES[thing]
        answer = ends if thing is Thing.FINISHED_PLAN else Answer.YES
        lines.append(Line(thing, {answer: doers, Answer.FORBIDDEN: seers - doers}, Answer.UNKNOWN))
    return tuple(lines)
