"""The words of the access table: answers, objects, rooms, and sets of roles by the names of their groups."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from flask_babel import LazyString, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from web.access_table import (
    ANONYMOUS,
    CLUSTER,
    ELSEWHERE,
    EVERYBODY,
    GUESTS,
    IN_OFFICE,
    NATION,
    NO_POSITION,
    PROVINCE,
    SIGNED_IN,
    Answer,
    Thing,
)
from workflows.organization.roles import ROLES

MOST_MISSING: Final = 2
ANSWERS: Final[dict[Answer, LazyString]] = {
    Answer.YES: _l("opens, or is carried out"),
    Answer.CHECKED: _l("is let in; what was sent is checked and refused"),
    Answer.CONFLICT: _l("is told that it is over, or that somebody was faster"),
    Answer.FORBIDDEN: _l("refused: not in this capacity"),
    Answer.UNKNOWN: _l("told that there is no such thing"),
    Answer.SIGN_IN: _l("asked to sign in"),
}
THINGS: Final[dict[Thing, LazyString]] = {
    Thing.NOTHING: _l("the page"),
    Thing.OWN_TASK: _l("a task that one has"),
    Thing.OPEN_TASK: _l("a task of one's office that nobody has"),
    Thing.COLLEAGUES_TASK: _l("a task that a colleague of the office has"),
    Thing.NEXT_STEP: _l("the next step, with another office, after one's own"),
    Thing.FINISHED_TASK: _l("a task that one has finished"),
    Thing.OTHER_OFFICES_TASK: _l("a task of another office, of work in which one had no part"),
    Thing.FAR_TASK: _l("a task of the same office in another province"),
    Thing.OWN_PLAN: _l("the plan of one's province"),
    Thing.CLUSTERS_PLAN: _l("the plan of one's cluster"),
    Thing.NEIGHBOURS_PLAN: _l("the plan of another province of the cluster"),
    Thing.PLAN_IN_REGION: _l("a plan of another cluster of the region"),
    Thing.FAR_PLAN: _l("a plan of another region"),
    Thing.FINISHED_PLAN: _l("a plan of one's province that is finished"),
    Thing.FOREIGN_PART: _l("a part of another plan, asked for under one's own"),
    Thing.CYCLE: _l("a cycle in which one's unit takes part"),
    Thing.FINISHED_CYCLE: _l("an earlier cycle of one's province alone"),
    Thing.FAR_CYCLE: _l("a cycle of another region alone"),
    Thing.OWN_RECORD: _l("one's own"),
    Thing.FOREIGN_RECORD: _l("somebody else's"),
    Thing.KNOWN: _l("one that exists"),
    Thing.UNKNOWN: _l("one that does not exist"),
    Thing.UNKNOWN_PLAN: _l("of a plan that does not exist"),
}
ROOMS: Final[dict[str, LazyString]] = {
    "everybody": _l("Open to everybody"),
    "account": _l("One's own account"),
    "tasks": _l("Tasks"),
    "plans": _l("Plans"),
    "cycles": _l("Planning cycles"),
    "administration": _l("Administration"),
}
_GROUPS: Final[tuple[tuple[frozenset[str], LazyString], ...]] = (
    (EVERYBODY, _l("everybody")),
    (SIGNED_IN, _l("everybody who has signed in")),
    (IN_OFFICE, _l("all roles")),
    (NATION, _l("national bodies")),
    (PROVINCE, _l("the province")),
    (GUESTS, _l("agencies, local governments, civil society and business of the province")),
    (CLUSTER, _l("the cluster")),
)
_BESIDE: Final[dict[str, LazyString]] = {
    ELSEWHERE: _l("the same roles in other provinces"),
    NO_POSITION: _l("those without a position, or whose acting order has expired"),
    ANONYMOUS: _l("those who have not signed in, and disabled accounts"),
}


def standings() -> dict[str, str]:
    """Return everybody whom the table knows, in words."""
    return {code: _name(code) for code in (*ROLES, *_BESIDE)}


def who_words(standings: Collection[str]) -> str:
    """Return a set of standings in words: groups by their names, with exceptions, the others one by one."""
    left, words = set(standings), []
    whole = next((name for members, name in _GROUPS if members == left), None)
    if whole is not None:
        return str(whole)
    for members, name in _GROUPS:
        missing = members - left
        if not members & left or len(missing) > MOST_MISSING or len(missing) >= len(members & left):
            continue
        words.append(_except(str(name), missing))
        left -= members
    words += [_name(code) for code in (*ROLES, *_BESIDE) if code in left]
    return ", ".join(words)


def _except(name: str, missing: Collection[str]) -> str:
    if not missing:
        return name
    others = ", ".join(_name(code) for code in (*ROLES, *_BESIDE) if code in missing)
    return str(_("%(group)s except %(others)s", group=name, others=others))


def _name(code: str) -> str:
    if code in _BESIDE:
        return str(_BESIDE[code])
    role = ROLES[code]
    return role.name_en if str(get_locale() or "th") == "en" else role.name_th
