"""Deny by default: a view that declares nothing stops the start, and if it gets in all the same, it is closed."""

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


@pytest.mark.parametrize("person", [None, Person(), Person(frozenset({"system_admin", "auditor"}))])
def test_a_view_that_came_later_and_declares_nothing_is_closed_to_everybody(person: Person | None) -> None:
    app = application(person)
    app.add_url_rule("/late", "late", lambda: "secret", methods=["GET", "POST", "PUT", "DELETE"])
    client = app.test_client()

    for method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
        answer = client.open("/late", method=method)

        assert answer.status_code == (303 if person is None else 403)
        assert "secret" not in answer.text
    assert client.options("/late").status_code == (303 if person is None else 403)


def test_a_role_declaration_opens_to_these_roles_only() -> None:
    declared = access.Access(access.Kind.ROLE, frozenset({"system_admin"}))

    assert declared.allows(Person(frozenset({"system_admin"})))
    assert not declared.allows(Person(frozenset({"governor"})))
    assert not access.Access(access.Kind.CLOSED, frozenset({"governor"})).allows(Person(frozenset({"governor"})))


def test_a_visitor_is_led_to_sign_in_and_back() -> None:
    answer = application(None).test_client().get("/mine?tab=done")

    assert answer.location == "/sign-in?next=/mine?tab%3Ddone"


def test_a_part_of_a_page_is_told_that_the_session_has_ended() -> None:
    answer = application(None).test_client().get("/mine", headers={"HX-Request": "true"})

    assert answer.status_code == 401


def test_an_unknown_address_is_not_found_for_everyone() -> None:
    assert application(None).test_client().get("/nowhere").status_code == 404
