"""Timer texts: ISO 8601 durations, moments with a zone, repeating intervals, cron; and which kind may stand where."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

from engine.bpmn.model import Element, EventKind, TimerKind
from engine.spiff.cron import UnreadableCron, looks_like_cron, read_cron
from engine.validation.catalogue import settings as c
from engine.validation.report import Report
from engine.validation.whitelist import Position

_DURATION: Final = re.compile(
    r"P(?=.)(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})W)?(?:(\d{1,9})D)?"
    r"(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:[.,]\d{1,9})?S)?)?",
    re.ASCII,
)
_ZONE: Final = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})(?:\[[A-Za-z_/+\-0-9]{1,64}\])?\Z", re.ASCII)
_CRON: Final = re.compile(r"@[a-z]+|[A-Za-z\d*/,?#-]+(?:\s+[A-Za-z\d*/,?#-]+){4,6}", re.ASCII)
_SOME_DAY: Final = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_REPEATS: Final = re.compile(r"R(\d{0,9})", re.ASCII)
_LONGEST: Final = 200  # characters
_DAYS: Final = (366.0, 31.0, 7.0, 1.0, 1 / 24, 1 / 1440, 1 / 86400)
_MOST_DAYS: Final = 366 * 1000  # beyond a thousand years no calendar can add it up

_EXPECTED: Final[Mapping[TimerKind, tuple[str, str]]] = {
    TimerKind.DURATION: ("an ISO 8601 duration", "P5D or PT12H"),
    TimerKind.DATE: ("an ISO 8601 date and time with its zone", "2026-10-01T09:00:00+07:00"),
    TimerKind.CYCLE: ("an ISO 8601 repeating interval or cron", "R/P1D, R3/PT10H or 0 0 9 * * MON-FRI"),
}

_ALL: Final = frozenset(TimerKind)
# The kinds of timer that an event takes at its place, and what to use instead of the others.
ALLOWED: Final[Mapping[Position, tuple[frozenset[TimerKind], str]]] = {
    Position.START: (_ALL, ""),
    Position.EVENT_SUB_PROCESS_START: (_ALL, ""),
    Position.EVENT_SUB_PROCESS_NON_INTERRUPTING: (_ALL, ""),
    Position.CATCH: (frozenset({TimerKind.DATE, TimerKind.DURATION}), "a date or a duration"),
    Position.BOUNDARY: (_ALL, ""),
    Position.BOUNDARY_NON_INTERRUPTING: (_ALL, ""),
}


def is_duration(text: str) -> bool:
    """Tell whether a text is an ISO 8601 duration that is not negative, and not longer than a thousand years."""
    match = _DURATION.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return False
    return sum(int(part or 0) * days for part, days in zip(match.groups(), _DAYS, strict=True)) <= _MOST_DAYS


def is_moment(text: str) -> bool:
    """Tell whether a text is an ISO 8601 date and time with its zone."""
    if len(text) > _LONGEST or "T" not in text or _ZONE.search(text) is None:
        return False
    try:
        moment = dt.datetime.fromisoformat(text.partition("[")[0])
    except ValueError:
        return False
    return moment.tzinfo is not None


def is_cycle(text: str) -> bool:
    """Tell whether a text is cron, or a repeating interval: R, how often, perhaps a start, a duration above zero."""
    if len(text) > _LONGEST:
        return False
    if looks_like_cron(text):
        return is_cron(text)
    repeats, *rest = text.split("/")
    count = _REPEATS.fullmatch(repeats)
    if count is None or (count[1] and int(count[1]) == 0):
        return False
    match rest:
        case [duration]:
            pass
        case [start, duration] if is_moment(start):
            pass
        case _:
            return False
    return is_duration(duration) and re.search(r"[1-9]", duration) is not None


def is_cron(text: str) -> bool:
    """Tell whether a text is a cron expression of six fields that names a day of the calendar."""
    try:
        read_cron(text).after(_SOME_DAY, dt.UTC)
    except UnreadableCron:
        return False
    return True


_IS: Final = {TimerKind.DURATION: is_duration, TimerKind.DATE: is_moment, TimerKind.CYCLE: is_cycle}


def check_timers(element: Element, position: Position, report: Report) -> None:
    """Report timers without a value, with a text that is none, or of a kind that cannot stand here."""
    for definition in element.events:
        if definition.kind is not EventKind.TIMER:
            continue
        timer = definition.timer
        if timer is None or not timer.value.text.strip():
            report(c.TIMER_MISSING, element)
            continue
        kinds, instead = ALLOWED.get(position, (_ALL, ""))
        if timer.kind not in kinds:
            report(c.TIMER_POSITION, element, position=f"The {position}", kind=timer.kind, instead=instead)
        text = timer.value.text.strip()
        if timer.value.is_feel or "${" in text or "#{" in text or _IS[timer.kind](text):
            continue
        if timer.kind is TimerKind.CYCLE and len(text) <= _LONGEST and _CRON.fullmatch(text):
            report(c.TIMER_CRON, element, value=text)
            continue
        expected, example = _EXPECTED[timer.kind]
        report(c.TIMER_SYNTAX, element, expected=expected, value=text, example=example)
