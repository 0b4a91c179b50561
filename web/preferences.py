"""Small choices that a browser remembers: the language, and whether single keys are shortcuts."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Flask, redirect, request, session, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from web.access import public, signed_in

LANGUAGES = ("th", "en")
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
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")) or any(c in text for c in "\\\r\n\t"):
        return otherwise
    parts = urlsplit(text)
    return otherwise if parts.scheme or parts.netloc else text


@blueprint.post("/language")
@public
def language() -> Response:
    """Switch the language."""
    if request.form.get("language") in LANGUAGES:
        session["language"] = request.form["language"]
    return redirect(local_address(request.form.get("next"), url_for("tasks.inbox")), code=303)


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
    return redirect(local_address(request.form.get("next"), url_for("tasks.inbox")), code=303)


def install_preferences(app: Flask) -> None:
    """Register the pages and what templates ask."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(shortcuts_on=shortcuts_on, here=here)
