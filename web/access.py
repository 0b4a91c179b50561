"""Who may open which page: every view declares it; a route without a declaration stops the start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

DECLARATION = "saanphaen_access"
BACKGROUND = "saanphaen_background"
WHILE_ENROLLING = "saanphaen_while_enrolling"
_READS = frozenset({"GET", "HEAD"})
View = TypeVar("View", bound=Callable[..., Any])


class Kind(StrEnum):
    """The three ways to open a page, and that of a page which does not say."""

    PUBLIC = "public"  # anyone, signed in or not
    SIGNED_IN = "signed_in"  # any person with a capacity; what they see of it is the view's query
    ROLE = "role"  # persons who act in one of the named roles
    CLOSED = "closed"  # nobody: the view declares nothing


@dataclass(frozen=True, slots=True)
class Access:
    """The declaration of one view."""

    kind: Kind
    roles: frozenset[str] = frozenset()

    def allows(self, user: Any) -> bool:
        """Tell whether this user may open the view."""
        if self.kind is Kind.PUBLIC:
            return True
        if not user.is_authenticated:
            return False
        return self.kind is Kind.SIGNED_IN or (self.kind is Kind.ROLE and bool(self.roles & user.roles))


class UndeclaredAccess(Exception):
    """Expected every view to declare its access, but some do not."""


def public(view: View) -> View:
    """Declare a view that anyone may open."""
    return _declare(view, Access(Kind.PUBLIC))


def signed_in(view: View) -> View:
    """Declare a view for everyone who has signed in."""
    return _declare(view, Access(Kind.SIGNED_IN))


def requires_role(*roles: str) -> Callable[[View], View]:
    """Declare a view for those who act in one of these roles (codes of workflows.organization)."""
    if not roles:
        raise ValueError("Expected at least one role, but none was given.")
    return lambda view: _declare(view, Access(Kind.ROLE, frozenset(roles)))


def background(view: View) -> View:
    """Mark a view that pages ask by themselves: it is no sign that somebody is there, so no session lives on by it."""
    setattr(view, BACKGROUND, True)
    return view


def while_enrolling(view: View) -> View:
    """Mark a view that stays open to those who must set up their second factor before anything else."""
    setattr(view, WHILE_ENROLLING, True)
    return view


def is_background(app: Flask, endpoint: str | None) -> bool:
    """Tell whether a page asks this by itself."""
    return bool(endpoint) and getattr(app.view_functions.get(endpoint or ""), BACKGROUND, False)


def access_of(app: Flask, endpoint: str) -> Access:
    """Return the declaration of an endpoint; what declares nothing is closed to everybody."""
    if endpoint == "static":
        return Access(Kind.PUBLIC)
    declared: Access = getattr(app.view_functions[endpoint], DECLARATION, Access(Kind.CLOSED))
    return declared


def may_open(app: Flask, endpoint: str, user: Any) -> bool:
    """Tell whether navigation may offer this endpoint."""
    return endpoint in app.view_functions and access_of(app, endpoint).allows(user)


def enforce_access(app: Flask) -> None:
    """Check all declarations and guard every request; called once, after all pages are registered.

    Raises:
        UndeclaredAccess: A route has no declaration.
    """
    missing = sorted(
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not hasattr(app.view_functions[rule.endpoint], DECLARATION)
    )
    if missing:
        raise UndeclaredAccess(
            f"Expected an access declaration on every view, but these have none: {', '.join(missing)}."
        )
    app.before_request(_guard)


def _declare(view: View, access: Access) -> View:
    setattr(view, DECLARATION, access)
    return view


def _guard() -> Response | None:
    if request.endpoint is None:
        return None  # an unknown address: 404 by the router
    access = access_of(current_app, request.endpoint)
    if access.kind is Kind.PUBLIC:
        return None
    if getattr(current_user, "must_enrol", False) and not _is_open_while_enrolling(request.endpoint):
        return _lead_to_enrolment()
    if access.allows(current_user):
        return None
    if current_user.is_authenticated:
        abort(403)
    if request.headers.get("HX-Request"):
        abort(401)  # a part of a page: the page stays, with what is typed in it
    if request.method not in _READS and "_user_id" in session:
        abort(401)  # was signed in: the answer keeps what was typed
    wanted = request.full_path.rstrip("?") if request.method in _READS else None
    return redirect(url_for("accounts.sign_in", next=wanted), code=303)


def _is_open_while_enrolling(endpoint: str) -> bool:
    return bool(getattr(current_app.view_functions[endpoint], WHILE_ENROLLING, False))


def _lead_to_enrolment() -> Response:
    """Lead somebody whose role asks for a second factor to setting it up; nothing else is answered until then."""
    if request.method not in _READS or request.headers.get("HX-Request"):
        abort(403)
    return redirect(url_for("own_factor.show", next=request.full_path.rstrip("?")), code=303)
