"""S3: what a form does not ask is never taken: with every kind of added entry the database ends as without it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest
from werkzeug.datastructures import MultiDict

from engine import Actor
from tests.security.test_forgery import WRITES, able, addressed, name_of
from tests.support.wall_requests import form_of
from tests.support.walls import LAMPANG, Walls
from web.access_table import Route
from workflows.definitions import bundle

POISON: Final = (
    "approved", "is_approved", "len", "str", "__builtins__", "__class__", "__import__", "__globals__", "__init__",
    "self", "None", "null", "true", "approve", "outcome", "decision", "result", "variables", "assignee", "owner",
    "candidate_groups", "candidate_users", "state", "status", "business_key", "plan_key", "plan", "cycle", "bundle",
    "who", "next", "word", "actor", "author", "capacity", "role", "roles", "groups", "person", "person_id", "account",
    "account_id", "user", "user_id", "is_admin", "admin", "stage", "authority", "created_at", "completed_by", "due",
    "due_at", "priority", "edition_number", "edition_hash", "sha256", "_method", "idempotency_key", "disabled_at",
    "password_hash", "confirmed_at", "loopCounter", "nrOfInstances", "item", "items",
)  # fmt: skip
SHAPES: Final = (
    ("{}", "v:{}", "v.{}", "v[{}]", "{}[]", "{}[0]", "V:{}", " v:{}"),
    ("v:note.{}", "v:note[{}]", "v:note:{}", "{}.__class__", "v: {}", "v:{}\x00", "variables.{}", "v:variables:{}"),
)
EVIL: Final = "true"
FRESH: Final = {
    # Made anew at random by every such request, whatever was sent.
    "web_session": {"token_hash"},
    "web_recovery_code": {"handle", "code_hash"},
    "web_second_factor": {"sealed"},
}


def poisons() -> list[dict[str, str]]:
    """Return entries that nobody's form asks: names of variables, of Python, of columns, in every way of writing them.

    Each has fewer entries than a form may bring at all.
    """
    written = [{shape.format(name): EVIL for shape in shapes for name in POISON} for shapes in SHAPES]
    return [*written, {f"v:{key}": EVIL for key in keys_of_all_steps()}]


def keys_of_all_steps() -> set[str]:
    """Return the fields of every form of every step of the shipped processes."""
    found: set[str] = set()
    for process in ("provincial-plan", "cluster-plan", "national-review", "planning-cycle", "consultation"):
        for name, content in bundle(process).items():
            if name.endswith(".form"):
                found |= set(_keys(json.loads(content)["components"]))
    return found


def _keys(components: list[dict[str, Any]]) -> list[str]:
    inner = [key for part in components for key in _keys(part.get("components", []))]
    return [*(part["key"] for part in components if "key" in part), *inner]


def after(walls: Walls, who: str, address: str, data: Any, **options: Any) -> tuple[int, dict[str, Any]]:
    """Send a form; return the status and the whole database after it, and take it back."""
    answer = walls.send(who, "POST", address, data, **options)
    found = {table: _without(walls, table, rows) for table, rows in walls.dump().items()}
    walls.restore()
    return answer.status_code, found


def _without(walls: Walls, table: str, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    fresh = FRESH.get(table, set())
    kept = [position for position, column in enumerate(walls.columns(table)) if column not in fresh]
    return [tuple(row[position] for position in kept) for row in rows]


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {
        table: ([row for row in one[table] if row not in other[table]], [row for row in other[table] if row not in one[table]])
        for table in one
        if one[table] != other[table]
    }  # fmt: skip


@pytest.mark.parametrize("route", WRITES, ids=name_of)
def test_entries_that_a_form_does_not_ask_are_refused_or_ignored(walls: Walls, route: Route) -> None:
    who, address, _form = addressed(walls, route)
    token = {"csrf_token": walls.tokens[who.name]}
    asked = set(honest_form(walls, route)) | {"v:note"} | OWN_NAMES.get(route.endpoint, set())

    status, honest = after(walls, who.name, address, honest_form(walls, route) | token)
    for names in poisons():
        added = {name: value for name, value in names.items() if name not in asked}
        poisoned, found = after(walls, who.name, address, added | honest_form(walls, route) | token)

        if poisoned == status:
            assert differing(honest, found) == {}
        else:
            assert poisoned in {400, 422}
            assert found == unchanged(walls)


def honest_form(walls: Walls, route: Route) -> dict[str, Any]:
    who, thing = able(route)
    return dict(form_of(walls, who, route.endpoint, thing))


def unchanged(walls: Walls) -> dict[str, Any]:
    return {table: _without(walls, table, rows) for table, rows in walls.dump().items()}


OWN_NAMES: Final[dict[str, set[str]]] = {
    # What a form asks beside what the honest one of the table fills in.
    "accounts.demo_switch": {"capacity"},
    "users.end_sessions": {"session"},
}


@pytest.mark.parametrize("route", WRITES, ids=name_of)
def test_json_and_other_bodies_count_as_an_empty_form(walls: Walls, route: Route) -> None:
    who, address, _form = addressed(walls, route)
    header = {"X-CSRFToken": walls.tokens[who.name]}
    typed = {name: value for name, value in honest_form(walls, route).items() if isinstance(value, str)}
    body = json.dumps({**typed, **dict.fromkeys(POISON, True), "csrf_token": header["X-CSRFToken"]})

    _status, empty = after(walls, who.name, address, {}, headers=header)
    for kind in ("application/json", "text/plain", "application/xml"):
        answer = walls.send_raw(who.name, address, body, content_type=kind, headers=header)
        found = unchanged(walls)
        walls.restore()
        assert answer.status_code < 500
        assert differing(empty, found) == {}, kind


@pytest.mark.parametrize("element", ["work_plan", "analysis", "survey"])
def test_a_step_of_the_plan_takes_its_own_fields_and_no_others(walls: Walls, element: str) -> None:
    honest = {
        "work_plan": {"v:note": "แผนงาน", "v:questions": "ข้อมูล"},
        "analysis": {"v:summary": "วิเคราะห์"},
        "survey": {"v:respondents": "10", "v:summary": "สำรวจ"},
    }
    bring_to(walls, element)
    task = walls.product.task(LAMPANG, element)
    walls.product.engine.claim(task.id, Actor("wall-home-province_strategy"))
    address, typed = f"/tasks/{task.id}/complete", honest[element]
    token = {"csrf_token": walls.tokens["home-province_strategy"]}
    foreign = {f"v:{key}": EVIL for key in keys_of_all_steps() if f"v:{key}" not in typed}

    with walls.starting_here():
        status, plain = after(walls, "home-province_strategy", address, typed | token)
        for added in (foreign, *poisons(), {"outcome": "approve", "v:outcome": "approve", "v:approved": EVIL}):
            data = {name: value for name, value in added.items() if name not in typed}
            poisoned, found = after(walls, "home-province_strategy", address, data | typed | token)
            assert (status, poisoned) == (303, 303)
            assert differing(plain, found) == {}
        for first, second in (("evil", ""), ("", "evil")):
            repeated = MultiDict([(name, value) for name, value in (typed | token).items()])
            for name in typed:
                repeated.setlist(name, [first or typed[name], second or typed[name]])
            answer, found = after(walls, "home-province_strategy", address, repeated)
            assert answer in {303, 422}
            if answer == 422:
                assert found == unchanged(walls)


def bring_to(walls: Walls, element: str) -> None:
    act = walls.product.act
    if element != "work_plan":
        act(LAMPANG, "work_plan", {"note": "แผนงาน", "questions": "ข้อมูล"})
        if "close_collection" in walls.product.open(LAMPANG):
            act(LAMPANG, "close_collection", {"comment": "ปิดรับ"})
    if element == "survey":
        act(LAMPANG, "analysis", {"summary": "วิเคราะห์"})


def test_a_draft_keeps_the_fields_of_its_form_and_nothing_else(walls: Walls) -> None:
    address = f"/tasks/{walls.tasks['home-governor', 'own']}/draft"
    token = {"csrf_token": walls.tokens["home-governor"]}

    _status, honest = after(walls, "home-governor", address, {"v:note": "ก", **token})
    for names in poisons():
        added = {name: value for name, value in names.items() if name != "v:note"}
        status, found = after(walls, "home-governor", address, added | {"v:note": "ก", **token})
        assert status == 200
        assert differing(honest, found) == {}
    assert "ก" in repr(found["web_task_draft"])


def test_the_comparison_finds_what_an_asked_field_changes(walls: Walls) -> None:
    address = f"/tasks/{walls.tasks['home-governor', 'own']}/complete"
    token = {"csrf_token": walls.tokens["home-governor"]}

    _status, one = after(walls, "home-governor", address, {"v:note": "ก", **token})
    _status, other = after(walls, "home-governor", address, {"v:note": "ข", **token})

    assert differing(one, other)
