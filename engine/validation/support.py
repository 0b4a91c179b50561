"""The whitelist as a page for people: `docs/bpmn-support.md` is what `as_markdown` returns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from engine.bpmn.model import EventKind, TimerKind
from engine.bpmn.vocabulary import EVENTS
from engine.problems import Rule, Severity
from engine.validation.catalogue import GATE_RULES
from engine.validation.timers import ALLOWED
from engine.validation.unread import HARMLESS_ATTRIBUTES, HARMLESS_ELEMENTS, HARMLESS_VALUES
from engine.validation.whitelist import EVENTS_AT, KINDS, MARKERS, Position

_OPENING = """# What of BPMN 2.0 is executed

The deploy gate is a whitelist: what is not executed exactly as the standard says is refused, with the element id, the
rule and a remedy. Each row says `executed`, or the code of the rule that refuses it. The page is written from the table
in `engine/validation/whitelist.py`; a test holds the two together, another sends each row through the gate, and a third
deploys each row that says `executed` and runs it to its end. No row is read and then ignored.
"""

DATA: Final = (
    ("data object, and references to it", "executed: a variable of its process or sub-process, named as the object"),
    ("state of a data object", "read, and without effect on a token"),
    ("property of a process or activity", "executed: a variable, once an association leads to it"),
    ("input/output specification, inputs and outputs of events", "executed: the names that associations lead to"),
    ("data association with a source, a transformation or assignments", "executed: an input or output mapping in FEEL"),
    ("data association that ends in a modeler's placeholder, or has no source", "read, and without effect on a token"),
    ("data association with a data store", "`data_association`"),
    ("several sources without a transformation", "`data_association`"),
    ("inputs and outputs while executing", "`not_executed`"),
    ("loopDataInputRef, inputDataItem, outputDataItem, loopDataOutputRef", "executed: what a multi-instance goes over"),
)
"""What becomes of data; an object without a value is null, and nothing waits for one."""


def as_markdown() -> str:
    """Return the whole page."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _OPENING
    yield "## Activities and gateways\n"
    yield from _table(("element", "gate"), ((k.value, _cell(r)) for k, r in KINDS.items() if k not in EVENTS))
    yield "\n## Events\n"
    yield from _table(
        ("event", *(position.value for position in Position)),
        ((event.value, *(_cell(EVENTS_AT[event, position]) for position in Position)) for event in EventKind),
    )
    yield "\n## Timers\n"
    yield from _table(
        ("position", *(kind.value for kind in TimerKind)),
        (
            (position.value, *("executed" if kind in kinds else "`timer_position`" for kind in TimerKind))
            for position, (kinds, _) in ALLOWED.items()
        ),
    )
    yield "\n## Markers\n"
    yield from _table(("marker", "gate"), ((marker.name, _cell(marker.rule)) for marker in MARKERS))
    yield "\n## Data\n"
    yield from _table(("element", "gate"), DATA)
    yield "\n## Read, and without effect on a token\n"
    yield "Elements: " + ", ".join(f"`{name}`" for name in sorted(HARMLESS_ELEMENTS)) + ".\n"
    yield "An `association` means something in one place: from a compensation boundary event to what undoes.\n"
    yield "Attributes: " + ", ".join(f"`{name}`" for name in sorted(HARMLESS_ATTRIBUTES)) + ".\n"
    yield "Attributes with just this value: " + ", ".join(
        f"`{name}` ({' or '.join(sorted(filter(None, values))) or 'empty'})" for name, values in HARMLESS_VALUES.items()
    )
    yield "\nAny other element or attribute of the standard or of `zeebe:` is refused; other engines' extensions too.\n"
    yield "## All rules\n"
    yield from _table(
        ("rule", "weight", "says", "remedy"),
        (
            (f"`{rule.code}`", "refuses" if rule.severity is Severity.ERROR else "warns", rule.message, rule.remedy)
            for rule in GATE_RULES.values()
        ),
    )
    yield ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield _row(["---"] * len(head))
    for row in rows:
        yield _row(row)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _cell(rule: Rule | None) -> str:
    return "executed" if rule is None else f"`{rule.code}`"
