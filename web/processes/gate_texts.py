"""What the deploy gate found, in the language of the page: the engine's and the domain's rules, filled with facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

import structlog
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from engine import GATE_RULES, Problem, Rule, Severity
from workflows.rules import DOMAIN_RULES

log = structlog.get_logger("web.processes")

# Words that the gate itself puts between the facts of a file; what a file says is never translated.
_WORDS: Final[dict[str, LazyString]] = {
    "a date or a cycle": _l("a date or a cycle"),
    "a date or a duration": _l("a date or a duration"),
    "an ISO 8601 duration": _l("an ISO 8601 duration"),
    "an ISO 8601 date and time with its zone": _l("an ISO 8601 date and time with its zone"),
    "an ISO 8601 repeating interval": _l("an ISO 8601 repeating interval"),
    "P5D or PT12H": _l("P5D or PT12H"),
    "R/P1D or R3/PT10H": _l("R/P1D or R3/PT10H"),
    "true or false": _l("true or false"),
    "incoming": _l("incoming"),
    "outgoing": _l("outgoing"),
    "input": _l("input"),
    "output": _l("output"),
    "boundary events": _l("boundary events"),
    "multi-instance": _l("multi-instance"),
    "input mappings": _l("input mappings"),
    "The input element": _l("The input element"),
    "The output element": _l("The output element"),
    "The output collection": _l("The output collection"),
    "an input collection": _l("an input collection"),
    "an output element": _l("an output element"),
    "an output collection": _l("an output collection"),
    "it holds something else": _l("it holds something else"),
    "it is nested too deeply": _l("it is nested too deeply"),
    "it is not a simple value or condition": _l("it is not a simple value or condition"),
    "it calls a method or function": _l("it calls a method or function"),
    "it uses an object of the other engine": _l("it uses an object of the other engine"),
    "it uses a name that no variable can have": _l("it uses a name that no variable can have"),
    "condition": _l("condition"),
    "assignee": _l("assignee"),
    "candidate groups": _l("candidate groups"),
    "candidate users": _l("candidate users"),
    "due date": _l("due date"),
    "follow-up date": _l("follow-up date"),
    "priority": _l("priority"),
    "work type": _l("work type"),
    "retries": _l("retries"),
    "script": _l("script"),
    "called decision": _l("called decision"),
    "called process": _l("called process"),
    "input collection": _l("input collection"),
    "output element": _l("output element"),
    "completion condition": _l("completion condition"),
    "cardinality": _l("cardinality"),
    "timer": _l("timer"),
    "signal name": _l("signal name"),
    "code": _l("code"),
    "message name": _l("message name"),
    "correlation key": _l("correlation key"),
    "input mapping": _l("input mapping"),
    "output mapping": _l("output mapping"),
    "a literal expression": _l("a literal expression"),
    "an input of the table": _l("an input of the table"),
    "the outputs of the table": _l("the outputs of the table"),
    "the allowed values": _l("the allowed values"),
    "the allowed values of a column": _l("the allowed values of a column"),
    "a default output": _l("a default output"),
    "the function": _l("the function"),
    "a context entry": _l("a context entry"),
    "an invocation": _l("an invocation"),
    "a binding": _l("a binding"),
    "the boxed expression": _l("the boxed expression"),
    "column": _l("column"),
    "an input": _l("an input"),
    "a decision": _l("a decision"),
    "a business knowledge model or a decision service": _l("a business knowledge model or a decision service"),
}
_FREE_FACTS: Final = frozenset(
    {"value", "text", "name", "id", "reference", "role", "form", "key", "handler", "process"}
)


@dataclass(frozen=True, slots=True)
class ToldProblem:
    """A problem as the page shows it."""

    rule: str
    refuses: bool
    file: str
    element_id: str
    line: int | None
    message: str
    remedy: str


def told_all(problems: Iterable[Problem]) -> list[ToldProblem]:
    """Return problems in words: those that refuse first, then by file and place."""
    told = [_told(problem) for problem in problems]
    return sorted(told, key=lambda problem: (not problem.refuses, problem.file, problem.line or 0))


@cache
def rules() -> dict[str, Rule]:
    """Return every rule that the gate knows, by code."""
    return {**GATE_RULES, **DOMAIN_RULES}


def _told(problem: Problem) -> ToldProblem:
    message, remedy = problem.message, problem.remedy
    rule = rules().get(problem.rule)
    if rule is not None:
        facts = {
            name: value if name in _FREE_FACTS else str(_WORDS.get(value, value))
            for name, value in problem.facts.items()
        }
        try:
            message, remedy = _(rule.message).format(**facts), _(rule.remedy).format(**facts)
        except (KeyError, IndexError, ValueError):  # the catalogue names a fact that there is not
            log.exception("gate_text_unusable", rule=problem.rule)
    return ToldProblem(
        rule=problem.rule,
        refuses=problem.severity is Severity.ERROR,
        file=problem.file,
        element_id=problem.element_id or "",
        line=problem.line,
        message=message,
        remedy=remedy,
    )
