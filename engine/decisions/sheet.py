"""The notebook of one decision file: what is wrong in it, and its texts as FEEL."""

from __future__ import annotations

from typing import cast

from lxml import etree

from engine.decisions import rules
from engine.decisions.trace import DecisionRun
from engine.decisions.vocabulary import DRG, is_feel, local
from engine.feel.environment import Scope
from engine.feel.errors import FeelSyntaxError
from engine.feel.expression import Parse
from engine.feel.parser import Vocabulary, parse, parse_tests
from engine.feel.tokens import tokenize
from engine.feel.tree import Foreign, Node
from engine.feel.values import Value
from engine.problems import Problem, Rule


class Sheet:
    """Collects findings while one file is read."""

    def __init__(self, file: str, language: str | None = None) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._language = language  # of expressions that do not say it themselves

    def report(self, rule: Rule, xml: etree._Element, /, **facts: object) -> None:
        """Note a finding at an XML element: by its id, else by that of the element around it that has one."""
        self.problems.append(rule.problem(element_id=identified(xml), file=self.file, line=xml.sourceline, **facts))

    def expression(self, text: str, xml: etree._Element, place: str, vocabulary: Vocabulary) -> Node:
        """Read an expression; one that is none is reported, and null with a word each time it is asked."""
        return self._read(parse, text, xml, place, vocabulary)

    def tests(self, text: str, xml: etree._Element, place: str, vocabulary: Vocabulary) -> Node:
        """Read unary tests; what is none is reported, and never holds."""
        return self._read(parse_tests, text, xml, place, vocabulary)

    def _read(self, parse_: Parse, text: str, xml: etree._Element, place: str, vocabulary: Vocabulary) -> Node:
        language = xml.get("expressionLanguage") or self._language
        if not is_feel(language):
            self.report(rules.DECISION_LANGUAGE, xml, place=place, language=language)
        else:
            try:
                return parse_(text, tokenize(text), vocabulary)
            except FeelSyntaxError as error:
                self.report(rules.DECISION_SYNTAX, xml, place=place, text=text, reason=error)
        return _unreadable(identified(xml) or "", self.problems[-1].message)


def _unreadable(element_id: str, message: str) -> Node:
    """Return what stands for an expression that cannot be read: whoever evaluates it all the same learns why."""

    def run(scope: Scope) -> Value:
        cast("DecisionRun", scope.run).fail("unreadable", element_id, message)
        return None

    return Foreign((), lambda _: run)


def identified(xml: etree._Element) -> str | None:
    """Return the id of an XML element, or of the nearest one around it; in the end of the decision it is in."""
    around: etree._Element | None = xml
    while around is not None:
        if around.get("id"):
            return around.get("id")
        if local(around) in DRG:
            return around.get("name")
        around = around.getparent()
    return None
