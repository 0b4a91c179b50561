"""The access table as its page shows it: by room, each line in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import current_app
from flask_babel import LazyString

from web.access_table import ANONYMOUS, EVERYBODY, ROUTES, Answer, Line, Route
from web.rights.words import ANSWERS, ROOMS, THINGS, who_words

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """An answer with those who get it."""

    answer: Answer
    text: LazyString
    who: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One object with its answers."""

    thing: LazyString
    answers: Sequence[ShownAnswer]


@dataclass(frozen=True, slots=True)
class ShownPage:
    """One address with one method."""

    method: str
    address: str
    does: LazyString
    trace: LazyString | None
    lines: Sequence[ShownLine]


@dataclass(frozen=True, slots=True)
class Room:
    """The addresses of one room."""

    code: str
    name: LazyString
    pages: Sequence[ShownPage]


def addresses() -> dict[tuple[str, str], str]:
    """Return the address of each method and endpoint of the running application."""
    return {
        (method, rule.endpoint): rule.rule
        for rule in current_app.url_map.iter_rules()
        for method in rule.methods or ()
        if method in METHODS
    }


def rooms(places: Mapping[tuple[str, str], str], who: str) -> list[Room]:
    """Return the table by room; with `who` only what that standing is answered."""
    return [
        Room(code, ROOMS[code], [_page(route, places, who) for route in inside])
        for code, inside in groupby(ROUTES, lambda route: route.room)
    ]


def _page(route: Route, places: Mapping[tuple[str, str], str], who: str) -> ShownPage:
    return ShownPage(
        route.method,
        places.get((route.method, route.endpoint), ""),
        route.does,
        route.trace,
        [ShownLine(THINGS[line.thing], _answers(line, who)) for line in route.lines],
    )


def _answers(line: Line, who: str) -> list[ShownAnswer]:
    if who:
        answer = line.answer(who)
        return [ShownAnswer(answer, ANSWERS[answer], "")]
    found: dict[Answer, set[str]] = {}
    for standing in EVERYBODY:
        found.setdefault(line.answer(standing), set()).add(standing)
    # That nobody who has not signed in gets further is said once, above the table.
    return [
        ShownAnswer(answer, ANSWERS[answer], who_words(found[answer]))
        for answer in Answer
        if answer in found and found[answer] != {ANONYMOUS}
    ]
