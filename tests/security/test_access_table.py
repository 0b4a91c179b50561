"""S1: every address, method and object of the access table, asked as everybody; the answers are exactly the table's."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.wall_requests import address_of, form_of
from tests.support.walls import Identity, Walls, identities
from web.access_table import EVERYBODY, ROUTES, SEES, Answer, Line, Route, Thing, routes_by_key

ANSWERS = {401: Answer.SIGN_IN, 403: Answer.FORBIDDEN, 404: Answer.UNKNOWN, 409: Answer.CONFLICT, 422: Answer.CHECKED}
_ASKED = re.compile(r"[\w-]*(?:TH-\d\d|NU1|FY\d{4}-NEW)[\w-]*|\b\d+\b")
_REFERENCE = re.compile(r"\b[0-9a-f]{16}\b")
_TOKEN = re.compile(r'(csrf[-_]token" (?:content|value)=")[^"]+')


def methods_of(app: Flask) -> set[tuple[str, str]]:
    """Return every method of every rule; HEAD is answered as GET, OPTIONS by the framework."""
    return {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def rule_of(app: Flask, route: Route) -> str:
    return next(rule.rule for rule in app.url_map.iter_rules(route.endpoint) if route.method in (rule.methods or set()))


def answered(route: Route, answer: TestResponse) -> Answer | int:
    """Return what was answered, as a word of the table; a status that has none as it is."""
    if answer.status_code in {200, 204}:
        return Answer.YES
    if answer.status_code == 303:
        led_away = "/sign-in" in answer.location and route.endpoint != "accounts.sign_out"
        return Answer.SIGN_IN if led_away else Answer.YES
    return ANSWERS.get(answer.status_code, answer.status_code)


def told(answer: TestResponse) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return body and headers without what was asked for and without what is new with every request."""
    headers = [(name, _REFERENCE.sub("*", value)) for name, value in answer.headers if name != "Content-Length"]
    page = _TOKEN.sub(r"\1*", _ASKED.sub("*", _REFERENCE.sub("*", answer.text)))
    return page, tuple(sorted((name, value) for name, value in headers if name != "Set-Cookie"))


def ask(walls: Walls, route: Route, line: Line, who: Identity) -> TestResponse | None:
    """Send a line's request as somebody; None where they have no such object."""
    address = address_of(walls, who, rule_of(walls.product.app, route), line.thing)
    if address is None:
        return None
    form = form_of(walls, who, route.endpoint, line.thing) if route.method == "POST" else None
    return walls.ask(who.name, route.method, address, form)


def test_every_method_of_every_address_stands_in_the_table(walls: Walls) -> None:
    known = methods_of(walls.product.app)

    assert {f"{method} {endpoint}" for method, endpoint in known - routes_by_key().keys()} == set(), "without a row"
    assert {f"{method} {endpoint}" for method, endpoint in routes_by_key().keys() - known} == set(), "no such address"


def test_the_table_contradicts_itself_nowhere() -> None:
    assert len(routes_by_key()) == len(ROUTES), "a route stands there twice"
    for route in ROUTES:
        things = [line.thing for line in route.lines]
        assert len(set(things)) == len(things) > 0, route.endpoint
        for line in route.lines:
            named = [standing for who in line.answers.values() for standing in who]
            assert len(set(named)) == len(named), (route.endpoint, line.thing)
            assert set(named) <= EVERYBODY, (route.endpoint, line.thing)


def test_what_stands_in_an_address_has_a_line_for_what_is_unknown(walls: Walls) -> None:
    for route in ROUTES:
        if "<" in rule_of(walls.product.app, route):
            assert Thing.UNKNOWN in {line.thing for line in route.lines}, route.endpoint


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method}-{route.endpoint}")
def test_the_answers_are_those_of_the_table(walls: Walls, route: Route) -> None:
    wrong: list[str] = []
    unknown: dict[str, object] = {}
    foreign: list[tuple[Identity, Thing, object]] = []
    for line in route.lines:
        for who in identities():
            answer = ask(walls, route, line, who)
            if answer is None:
                continue
            got, expected = answered(route, answer), line.answer(who.standing)
            if got != expected:
                wrong.append(f"{line.thing} as {who.name}: {got} ({answer.status_code}) instead of {expected}")
            if walls.has_changed():
                walls.restore()
                if (route.method == "GET" and route.trace is None) or got not in {Answer.YES, Answer.CHECKED}:
                    allowed = got is Answer.CONFLICT and route.endpoint == "tasks.complete"  # keeps what was typed
                    if not allowed:
                        wrong.append(f"{line.thing} as {who.name}: {got}, and yet something was written")
            if got is Answer.UNKNOWN and line.thing in {Thing.UNKNOWN, Thing.UNKNOWN_PLAN}:
                unknown[who.name] = told(answer)
            elif got is Answer.UNKNOWN:
                foreign.append((who, line.thing, told(answer)))

    for who, thing, page in foreign:
        if page != unknown.get(who.name):
            wrong.append(f"{thing} as {who.name}: not told as what does not exist")
    assert wrong == [], "\n".join(wrong)


def test_the_table_says_of_plans_what_it_says_of_their_lists() -> None:
    seen = routes_by_key()["GET", "plans.plan"]

    assert {line.thing: line.answers[Answer.YES] for line in seen.lines if line.thing in SEES} == {
        line.thing: SEES[line.thing] for line in seen.lines if line.thing in SEES
    }
