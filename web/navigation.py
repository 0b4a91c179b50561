"""The places of the left rail, each offered when its page exists and the person may open it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from web.access import may_open


@dataclass(frozen=True, slots=True)
class Place:
    """One entry; `key` is the second key of the shortcut "g …"."""

    endpoint: str
    label: LazyString
    icon: str
    key: str
    administration: bool = False


PLACES = (
    Place("tasks.inbox", _l("My work"), "inbox", "KeyI"),
    Place("plans.index", _l("Plans"), "journal-text", "KeyP"),
    Place("cycles.index", _l("Planning cycles"), "kanban", "KeyB"),
    Place("processes.index", _l("Processes"), "diagram-3", "KeyD", administration=True),
    Place("operations.index", _l("Stuck"), "exclamation-triangle", "KeyS", administration=True),
    Place("rights.index", _l("Access rights"), "shield-lock", "KeyR", administration=True),
    Place("users.index", _l("Accounts"), "people", "KeyU", administration=True),
    Place("privacy.index", _l("Personal data"), "person-badge", "KeyL", administration=True),
)


@dataclass(frozen=True, slots=True)
class Link:
    """A place with its address, as the template shows it."""

    place: Place
    url: str
    here: bool


def links() -> list[Link]:
    """Return the places for the present person."""
    room = (request.endpoint or "").split(".")[0]
    return [
        Link(place, url_for(place.endpoint), here=place.endpoint.split(".")[0] == room)
        for place in PLACES
        if may_open(current_app, place.endpoint, current_user)
    ]
