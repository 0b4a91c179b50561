"""S4: nothing is done without the form token of the own session, and whatever only reads leaves the database as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from tests.support.wall_requests import address_of, form_of
from tests.support.walls import Identity, Walls, identities
from web.access_table import ROUTES, Answer, Route, Thing
from workflows.plans.models import FileRead

MOST_ABLE: Final = ("province_strategy", "system_admin", "nesdc", "cluster_office")
WRITES: Final = [route for route in ROUTES if route.method != "GET"]
READS: Final = [route for route in ROUTES if route.method == "GET"]
LEFT_BY_READING: Final = {
    # When a session was last used: it ends after a while without use. Once a minute at most, in a row of its own.
    ("web_session", "last_seen_at"),
}
LEFT_BY_FOLLOWING: Final = {("note_notification", "read_at")}  # Route.trace says so on the auditors' page
LEFT_BY_DOWNLOADING: Final = {("plan_file_read", column.name) for column in FileRead.__table__.columns}
LEFT_BY: Final = {"notifications.follow": LEFT_BY_FOLLOWING, "plans.files.download": LEFT_BY_DOWNLOADING}


def name_of(route: Route) -> str:
    return f"{route.method}-{route.endpoint}"


def able(route: Route) -> tuple[Identity, Thing]:
    """Return somebody who is let in, and the object: nothing but the token stands in the way."""
    known = {who.name: who for who in identities()}
    for line in route.lines:
        for role in MOST_ABLE:
            if line.answer(role) in {Answer.YES, Answer.CHECKED}:
                return known[f"home-{role}"], line.thing
    return known["anonymous"], route.lines[0].thing


def addressed(walls: Walls, route: Route) -> tuple[Identity, str, dict[str, Any]]:
    who, thing = able(route)
    rules = walls.product.app.url_map.iter_rules(route.endpoint)
    rule = next(rule.rule for rule in rules if route.method in (rule.methods or set()))
    address = address_of(walls, who, rule, thing)
    assert address is not None
    return who, address, dict(form_of(walls, who, route.endpoint, thing)) if route.method == "POST" else {}


def forged(walls: Walls, who: str) -> dict[str, str | None]:
    """Return tokens that are none of the own session; None is not sent at all."""
    elsewhere = URLSafeTimedSerializer("another secret of forty characters, at least", salt="wtf-csrf-token")
    signed = elsewhere.dumps("x")
    assert isinstance(signed, str)
    return {
        "without": None,
        "empty": "",
        "foreign": walls.tokens["home-cabinet"],
        "of a visitor": walls.tokens["anonymous" if who != "anonymous" else "no-position"],
        "old": walls.old_tokens[who],
        "cut": walls.tokens[who][:-1],
        "signed elsewhere": signed,
    }


@pytest.mark.parametrize("route", WRITES, ids=name_of)
def test_nothing_is_done_without_the_token_of_the_own_session(walls: Walls, route: Route) -> None:
    who, address, _form = addressed(walls, route)
    answers = {}

    for name, token in forged(walls, who.name).items():
        typed = form_of(walls, who, route.endpoint, able(route)[1])  # anew each time: files are read once
        answers[name] = walls.send(who.name, "POST", address, {**typed, "csrf_token": token}).status_code
    in_address = f"{address}?csrf_token={walls.tokens[who.name]}"
    answers["in the address"] = walls.send(who.name, "POST", in_address, {}).status_code
    foreign = {"X-CSRFToken": walls.tokens["home-cabinet"]}
    answers["foreign, as a header"] = walls.send(who.name, "POST", address, {}, headers=foreign).status_code

    assert set(answers.values()) == {400}, answers
    assert not walls.has_changed()


def test_the_token_counts_over_https_only_from_a_page_of_our_own(walls: Walls) -> None:
    secure = {"base_url": "https://plans.example", "headers": {"Referer": "https://evil.example/tasks"}}
    ours = {"base_url": "https://plans.example", "headers": {"Referer": "https://plans.example/tasks"}}

    assert walls.ask("home-governor", "POST", "/preferences/shortcuts", {}, **secure).status_code == 400
    assert walls.ask("home-governor", "POST", "/preferences/shortcuts", {}, **ours).status_code == 303


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("route", READS, ids=name_of)
def test_reading_leaves_the_database_as_it_was(walls: Walls, route: Route, method: str) -> None:
    who, address, _form = addressed(walls, route)
    allowed = LEFT_BY_READING | (LEFT_BY[route.endpoint] if route.trace is not None else set())
    walls.product.clock.advance(minutes=3)
    before = walls.dump()

    answer = walls.ask(who.name, method, address)
    walls.product.clock.advance(minutes=-3)

    assert answer.status_code in {200, 204, 303}
    assert method == "GET" or answer.text == ""
    assert set(differences(walls, before)) <= allowed


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_no_other_method_and_no_header_makes_an_address_do_more(walls: Walls, route: Route) -> None:
    who, address, _form = addressed(walls, route)
    rules = list(walls.product.app.url_map.iter_rules())
    matched = {method for rule in rules if rule.endpoint == route.endpoint for method in rule.methods or ()}
    shared = {"POST", "GET"} if {"GET", "POST"} <= methods_at(walls, address) else matched

    for method in {"PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "GET", "POST"} - shared - matched:
        assert walls.ask(who.name, method, address).status_code == 405, method
    asked = walls.ask(who.name, "OPTIONS", address)
    assert asked.status_code == 200
    assert asked.text == ""
    for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        overridden = walls.ask(who.name, "GET", address, headers={header: route.method})
        plain = walls.ask(who.name, "GET", address)
        assert overridden.status_code == plain.status_code
    tricked = walls.ask(who.name, "GET", f"{address}?_method={route.method}&csrf_token={walls.tokens[who.name]}")
    assert tricked.status_code == plain.status_code
    if route.trace is None:
        assert not walls.has_changed()


def methods_at(walls: Walls, address: str) -> set[str]:
    """Return what an address takes, of whatever endpoint."""
    adapter = walls.product.app.url_map.bind("localhost")
    return set(adapter.allowed_methods(address.split("?", maxsplit=1)[0]))


def differences(walls: Walls, before: dict[str, list[tuple[Any, ...]]]) -> Iterator[tuple[str, str]]:
    """Yield the columns in which rows differ; a new or missing row differs in all of its columns."""
    after = walls.dump()
    for table, rows in after.items():
        if rows == before[table]:
            continue
        columns = walls.columns(table)
        if len(rows) != len(before[table]):
            yield from ((table, column) for column in columns)
            continue
        for old, new in zip(before[table], rows, strict=True):
            yield from ((table, column) for column, one, other in zip(columns, old, new, strict=True) if one != other)


def test_the_comparison_of_databases_finds_a_changed_cell_and_a_new_row(walls: Walls) -> None:
    before = walls.dump()

    answer: TestResponse = walls.ask("home-governor", "POST", "/notifications/read", {})

    assert answer.status_code == 303
    assert set(differences(walls, before)) == LEFT_BY_FOLLOWING
    walls.ask("anonymous", "POST", "/sign-in", {"login": "nobody", "password": "x"})
    assert {table for table, _column in differences(walls, before)} > {"note_notification"}
