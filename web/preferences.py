"""Small choices that a browser remembers: the language, and whether single keys are shortcuts."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from flask import Blueprint, Flask, current_app, redirect, request, session, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from web.access import public, signed_in

LANGUAGES = ("th", "en")
LONGEST_ADDRESS = 2_000
blueprint = Blueprint("preferences", __name__, url_prefix="/preferences")


def select_locale() -> str:
    """Return the language of this browser; Thai unless it chose another."""
    chosen = session.get("language")
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def shortcuts_on() -> bool:
    """Tell whether single keys act (WCAG 2.1.4: they can be switched off)."""
    return bool(session.get("shortcuts", "on") == "on")


def here() -> str:
    """Return the present address when it can be opened again, for coming back to it after a small choice."""
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def local_address(text: str | None, otherwise: str) -> str:
    """Return an address of this site as given, anything else replaced: nobody is sent away by a link."""
    if not text or not text.startswith("/") or text[1:2] in {"/", "\\"} or len(text) > LONGEST_ADDRESS:
        return otherwise
    if "\\" in text or not text.isprintable():  # browsers read a backslash as a slash and drop what cannot be seen
        return otherwise
    try:
        parts = urlsplit(text)
    except ValueError:
        return otherwise
    return otherwise if parts.scheme or parts.netloc else text


def own_page(text: str | None, otherwise: str) -> str:
    """Return the address of a page of this site as given, anything else replaced.

    The pages are the list of what may be gone to: a trick that no rule forbids leads nowhere either.
    """
    wanted = local_address(text, "")
    if not wanted:
        return otherwise
    parts = urlsplit(wanted)
    routes = current_app.url_map.bind_to_environ(request.environ)
    try:
        endpoint, _arguments = routes.match(unquote(parts.path), method="GET")
    except (HTTPException, RequestRedirect):
        return otherwise
    return otherwise if endpoint in {"static", "accounts.sign_in", "accounts.second_step"} else wanted


@blueprint.post("/language")
@public
def language() -> Response:
    """Switch the language."""
    if request.form.get("language") in LANGUAGES:
        session["language"] = request.form["language"]
    return redirect(own_page(request.form.get("next"), url_for("tasks.inbox")), code=303)


@blueprint.get("/token")
@signed_in
def token() -> dict[str, str]:
    """Answer a fresh form token, for a page that was open while its session ended and another began."""
    return {"token": generate_csrf()}


@blueprint.post("/shortcuts")
@signed_in
def shortcuts() -> Response:
    """Switch single-key shortcuts on or off."""
    session["shortcuts"] = "off" if request.form.get("shortcuts") == "off" else "on"
    return redirect(own_page(request.form.get("next"), url_for("tasks.inbox")), code=303)


def install_preferences(app: Flask) -> None:
    """Register the pages and what templates ask."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(shortcuts_on=shortcuts_on, here=here)
