"""The data items of a file, by id, and the variables that they are."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.model import Expression

_WORD = re.compile(r"[^\W\d][\w\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*")
_PLACEHOLDER = "__targetRef_placeholder"  # drawn by modelers where an association has to end somewhere


@dataclass(slots=True)
class Association:
    """One data association; what it cannot move in the engine is left unread with its XML."""

    xml: etree._Element
    is_input: bool
    sources: list[str] = field(default_factory=list)
    target: str = ""
    transformation: Expression | None = None
    assignments: list[tuple[Expression, str]] = field(default_factory=list)


@dataclass(slots=True)
class LoopData:
    """The standard's way to say over what a multi-instance goes: ids of items."""

    collection: str = ""
    item: str = ""
    results: str = ""
    result: str = ""


@dataclass(slots=True)
class Data:
    """The items of one file by id, and the associations by the element they belong to."""

    items: dict[str, str] = field(default_factory=dict)  # name by id
    references: dict[str, str] = field(default_factory=dict)  # data object by id of its reference
    reference_names: dict[str, str] = field(default_factory=dict)  # by data object; it often bears none itself
    object_scopes: dict[str, str] = field(default_factory=dict)
    associations: dict[str, list[Association]] = field(default_factory=dict)
    loops: dict[str, LoopData] = field(default_factory=dict)
    written: dict[str, list[str]] = field(default_factory=dict)  # all that is said of data, by whom it is said of

    def keep(self, xml: etree._Element, owner: str) -> None:
        """Keep what is written, in one line."""
        words = []
        for each in xml.iter("*"):
            attributes = " ".join(f"{name}={value!r}" for name, value in sorted(each.attrib.items()))
            words.append(f"{each.tag!s} {attributes} {(each.text or '').strip()}")
        self.written.setdefault(owner, []).append("; ".join(words))

    def variable(self, item_id: str) -> str | None:
        """Return the variable of an item; None when there is no such item, or it is none of the engine's."""
        item_id = self.references.get(item_id, item_id)
        if item_id not in self.items:
            return None
        return variable_name(self.items[item_id] or self.reference_names.get(item_id, ""), item_id)

    def is_placeholder(self, item_id: str) -> bool:
        """Tell whether an item only gives an association an end to point at."""
        return self.items.get(item_id) == _PLACEHOLDER


def variable_name(name: str, item_id: str) -> str:
    """Return what the variable of an item is called: its name where that is one word, else its id."""
    if _WORD.fullmatch(name.strip()):
        return name.strip()
    word = re.sub(r"\W", "_", item_id)
    return word if _WORD.fullmatch(word) else f"_{word}"
