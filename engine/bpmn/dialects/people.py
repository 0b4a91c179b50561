"""The standard's human performers and potential owners as the Java engines read them: `user(a), group(b)`."""

from __future__ import annotations

import re
from typing import Final

from engine.bpmn.dialects.editing import Foreign, drop, only_expression
from engine.bpmn.vocabulary import bpmn

_PART: Final = re.compile(r"\s*(?:(user|group)\s*\(\s*([^()]*?)\s*\)|([^(),]+?))\s*(?:,|$)")


def take_people(foreign: Foreign) -> None:
    """Take who may do a user task; what cannot be read so stays, and the gate tells of it."""
    for xml in list(foreign.xml.iterchildren(bpmn("humanPerformer"))):
        name = only_expression(xml)
        if name and "(" not in name.replace("${", "").replace("#{", ""):
            foreign.put("assignmentDefinition", assignee=name)
            drop(xml)
    users: list[str] = []
    groups: list[str] = []
    for xml in list(foreign.xml.iterchildren(bpmn("potentialOwner"))):
        found = _people(only_expression(xml))
        if found is None:
            continue
        users += found[0]
        groups += found[1]
        drop(xml)
    if users or groups:
        foreign.put(
            "assignmentDefinition", candidateUsers=",".join(users) or None, candidateGroups=",".join(groups) or None
        )


def _people(text: str) -> tuple[list[str], list[str]] | None:
    """Return users and groups of a list such as `user(a), group(b), c`; a plain name is a group."""
    users: list[str] = []
    groups: list[str] = []
    place = 0
    while place < len(text):
        found = _PART.match(text, place)
        if found is None:
            return None
        kind, named, plain = found.groups()
        (users if kind == "user" else groups).append(named if kind else plain)
        place = found.end()
    return (users, groups) if users or groups else None
