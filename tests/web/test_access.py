"""Access is declared on every view, and what is declared is enforced."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from flask import Blueprint, Flask
from flask_login import LoginManager

from web import access


@dataclass
class Person:
    roles: frozenset[str] = frozenset()
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False
    id: str = field(default="p")

    def get_id(self) -> str:
        return self.id


def application(person: Person | None) -> Flask:
    app = Flask(__name__)
    app.secret_key = "k" * 40
    manager = LoginManager(app)
    manager.request_loader(lambda _request: person)
    accounts = Blueprint("accounts", __name__)
    accounts.get("/sign-in", endpoint="sign_in")(access.public(lambda: "sign in"))
    app.register_blueprint(accounts)
    app.get("/open", endpoint="open")(access.public(lambda: "open"))
    app.get("/mine", endpoint="mine")(access.signed_in(lambda: "mine"))
    app.get("/admin", endpoint="admin")(access.requires_role("system_admin")(lambda: "admin"))
    access.enforce_access(app)
    return app


def test_a_route_without_a_declaration_stops_the_start() -> None:
    app = Flask(__name__)
    app.get("/forgotten", endpoint="forgotten")(lambda: "")

    with pytest.raises(access.UndeclaredAccess, match="forgotten"):
        access.enforce_access(app)


def test_a_role_must_be_named() -> None:
    with pytest.raises(ValueError, match="Expected at least one role"):
        access.requires_role()


@pytest.mark.parametrize(
    ("person", "statuses"),
    [
        (None, {"/open": 200, "/mine": 303, "/admin": 303}),
        (Person(), {"/open": 200, "/mine": 200, "/admin": 403}),
        (Person(frozenset({"system_admin"})), {"/open": 200, "/mine": 200, "/admin": 200}),
        (Person(frozenset({"governor"})), {"/open": 200, "/mine": 200, "/admin": 403}),
    ],
)
def test_what_is_declared_is_enforced(person: Person | None, statuses: dict[str, int]) -> None:
    client = application(person).test_client()

    assert {path: client.get(path).status_code for path in statuses} == statuses


def test_a_visitor_is_led_to_sign_in_and_back() -> None:
    answer = application(None).test_client().get("/mine?tab=done")

    assert answer.location == "/sign-in?next=/mine?tab%3Ddone"


def test_a_part_of_a_page_is_told_that_the_session_has_ended() -> None:
    answer = application(None).test_client().get("/mine", headers={"HX-Request": "true"})

    assert answer.status_code == 401


def test_an_unknown_address_is_not_found_for_everyone() -> None:
    assert application(None).test_client().get("/nowhere").status_code == 404
