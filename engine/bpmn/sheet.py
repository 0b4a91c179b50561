"""The reader's notebook: what has no place in the model, what contradicts itself, and typed access to attributes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, overload

from lxml import etree

from engine.bpmn import rules
from engine.bpmn.juel import Untranslatable, is_juel, to_feel
from engine.bpmn.limits import Limits
from engine.bpmn.model import Expression, Unread
from engine.bpmn.vocabulary import EXTENSION_ELEMENTS, NODE_KINDS, SEQUENCE_FLOW, local
from engine.problems import Problem, Rule

# Name characters of XML 1.0 without the colon; the first one is not looked at, as some modelers begin with a digit.
_ID = re.compile(
    r"[-.0-9A-Z_a-z\u00B7\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u037D\u037F-\u1FFF\u200C\u200D\u203F\u2040"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF]*"
)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class Sheet:
    """Collects findings while one file is read."""

    def __init__(self, file: str, limits: Limits) -> None:
        self.file = file
        self.limits = limits
        self.unread: list[Unread] = []
        self.problems: list[Problem] = []
        self.process = ""  # id of the process that is being read
        self.feel_everywhere = False  # the file declares FEEL as its expression language

    def report(self, rule: Rule, xml: etree._Element, element_id: str | None, **facts: object) -> None:
        """Note a contradiction at an XML element."""
        problem = rule.problem(element_id=element_id, file=self.file, line=xml.sourceline, **facts)
        self.problems.append(problem)

    def leave(self, xml: etree._Element, element_id: str | None) -> None:
        """Note an XML element, with all that is in it, for which the model has no place; extensions one by one."""
        if xml.tag == EXTENSION_ELEMENTS:
            for child in xml.iterchildren("*"):
                self.leave(child, element_id)
            return
        parent = xml.getparent()
        owner = "" if parent is None else str(parent.tag)
        inside = next(xml.iterdescendants(*NODE_KINDS, SEQUENCE_FLOW), None)
        found = Unread(
            element_id,
            str(xml.tag),
            line=xml.sourceline,
            owner=owner,
            value=text_of(xml),
            process=self.process,
            inside="" if inside is None else local(str(inside.tag)),
        )
        self.unread.append(found)

    def text_in(self, xml: etree._Element, element_id: str | None) -> str:
        """Return the text of an element that holds nothing else; what it holds besides is noted."""
        if len(xml):
            for child in xml.iterchildren("*"):
                self.leave(child, element_id)
        return text_of(xml)

    def words_in(self, xml: etree._Element, element_id: str | None) -> str:
        """Return the text of a documentation, which may hold markup; a flow node in it is noted."""
        if len(xml) and next(xml.iterdescendants(*NODE_KINDS, SEQUENCE_FLOW), None) is not None:
            self.leave(xml, element_id)
        return text_of(xml)


class Attributes:
    """The attributes of one XML element: each is taken once, `close` notes those that nobody took."""

    __slots__ = ("_left", "_sheet", "element_id", "xml")

    def __init__(self, xml: etree._Element, sheet: Sheet, element_id: str | None = None) -> None:
        self.xml = xml
        self._sheet = sheet
        self._left = dict(xml.attrib.items())
        self.element_id = element_id

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._left))

    def text(self, name: str) -> str | None:
        """Take an attribute as it is written."""
        return self._left.pop(name, None)

    def name(self, name: str) -> str | None:
        """Take a name or id, whose length is limited."""
        value = self._left.pop(name, None)
        if name == "id" and value is not None and not _ID.fullmatch(value):
            facts: dict[str, Any] = {"attribute": name, "expected": "letters, digits, -, _ and .", "value": value}
            self._report(rules.BAD_ATTRIBUTE, facts)
        limit = self._sheet.limits.max_name
        if value is not None and len(value) > limit:
            self._report(rules.NAME_TOO_LONG, {"attribute": name, "limit": limit, "size": len(value)})
        return value

    def reference(self, name: str) -> str | None:
        """Take a QName reference; its prefix says nothing, as everything is in one file."""
        value = self._left.pop(name, None)
        return None if value is None else value.strip().rpartition(":")[2]

    def flag(self, name: str, *, default: bool) -> bool:
        """Take an XSD boolean."""
        value = self._left.pop(name, None)
        if value is None:
            return default
        known = _BOOLEANS.get(value.strip())
        if known is not None:
            return known
        self._report(rules.BAD_ATTRIBUTE, {"attribute": name, "expected": "true or false", "value": value})
        return default

    def choice(self, name: str, default: str, *others: str) -> str:
        """Take one of several words."""
        value = self._left.pop(name, None)
        if value is None or value in (default, *others):
            return value or default
        self._report(
            rules.BAD_ATTRIBUTE, {"attribute": name, "expected": " or ".join((default, *others)), "value": value}
        )
        return default

    @overload
    def whole_number(self, name: str, *, default: int) -> int: ...

    @overload
    def whole_number(self, name: str, *, default: None = None) -> int | None: ...

    def whole_number(self, name: str, *, default: int | None = None) -> int | None:
        """Take a whole number from 1 on."""
        value = self._left.pop(name, None)
        if value is None:
            return default
        text = value.strip()
        if text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0:  # noqa: PLR2004 - fits any count
            return int(text)
        self._report(rules.BAD_ATTRIBUTE, {"attribute": name, "expected": "a whole number from 1 on", "value": value})
        return default

    def expression(self, name: str) -> Expression | None:
        """Take an attribute that may hold FEEL; an empty one counts as absent."""
        value = self._left.pop(name, None)
        return expression(value) if value is not None and value.strip() else None

    def _report(self, rule: Rule, facts: dict[str, Any]) -> None:
        self._sheet.report(rule, self.xml, self.element_id or self.xml.get("id"), **facts)

    def close(self) -> None:
        """Note every attribute that nobody took."""
        if not self._left:
            return
        parent = self.xml.getparent()
        owner = "" if parent is None else str(parent.tag)
        for name, value in self._left.items():
            self._sheet.unread.append(
                Unread(self.element_id, str(self.xml.tag), name, self.xml.sourceline, owner, value, self._sheet.process)
            )


def expression(text: str) -> Expression:
    """Return a text of the diagram: FEEL when it begins with `=` or can be translated from `${…}`, else a literal."""
    stripped = text.strip()
    if stripped.startswith("="):
        return Expression(stripped[1:].strip(), is_feel=True)
    if is_juel(stripped):
        try:
            return Expression(to_feel(stripped), is_feel=True, written=stripped)
        except Untranslatable:  # the gate asks again, to tell why
            return Expression(text, is_feel=False)
    return Expression(text, is_feel=False)


def text_of(xml: etree._Element) -> str:
    """Return the stripped text of an element and everything in it."""
    return "".join(xml.itertext()).strip()
