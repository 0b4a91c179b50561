"""Decision tables: from XML to a part of an expression, and how one is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from lxml import etree

from engine.decisions import rules
from engine.decisions.hit_policies import AGGREGATIONS, LISTING, ORDERED, HitPolicy, Policy, Rank, rank_by
from engine.decisions.item_types import allowed
from engine.decisions.model import Holds
from engine.decisions.sheet import identified
from engine.decisions.trace import DecisionRun, MatchedRule, TableRecord, shown
from engine.decisions.vocabulary import child, children, text_of
from engine.feel.compiler import compile_tree
from engine.feel.environment import Closure, Scope
from engine.feel.signatures import coerce_to_type
from engine.feel.tree import Foreign, Literal, Name, Node, Tests
from engine.feel.types import FeelType
from engine.feel.values import Kind, Value

if TYPE_CHECKING:
    from engine.decisions.boxed import Boxed

_ANYTHING: Final = frozenset({"", "-"})


@dataclass(frozen=True, slots=True)
class _Column:
    """An input: what it asks, as it is written, and what its values may be."""

    label: str
    node: Node
    type: FeelType
    holds: Holds | None


@dataclass(frozen=True, slots=True)
class _Output:
    """An output: its name, type, allowed values, and what it is when no rule matches."""

    name: str
    type: FeelType
    holds: Holds | None
    rank: Rank | None
    default: Node | None


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str | None
    tests: tuple[Node | None, ...]  # None matches anything
    outputs: tuple[Node, ...]
    annotations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    element_id: str
    name: str
    policy: Policy
    columns: tuple[_Column, ...]
    outputs: tuple[_Output, ...]
    rules: tuple[_Rule, ...]

    def parts(self) -> tuple[Node, ...]:
        """Return the expressions in it."""
        cells = [cell for rule in self.rules for cell in (*rule.tests, *rule.outputs) if cell is not None]
        defaults = [output.default for output in self.outputs if output.default is not None]
        return (*(column.node for column in self.columns), *cells, *defaults)


def read_table(xml: etree._Element, boxed: Boxed) -> Node:
    """Read a `decisionTable`."""
    written = list(children(xml, "output"))
    table = _Table(
        element_id=identified(xml) or "",
        name=boxed.owner,
        policy=_policy(xml, boxed, written),
        columns=tuple(_column(column, boxed) for column in children(xml, "input")),
        outputs=(outputs := _outputs(xml, written, boxed)),
        rules=tuple(
            _rule(rule, place, boxed, len(list(children(xml, "input"))), len(outputs))
            for place, rule in enumerate(children(xml, "rule"), start=1)
        ),
    )
    table = _ranked(table, xml, boxed)
    return Foreign(table.parts(), lambda build: _closure(table, build))


# -- reading ----------------------------------------------------------------------------------------------------------


def _policy(xml: etree._Element, boxed: Boxed, outputs: Sequence[etree._Element]) -> Policy:
    written, aggregation = (xml.get("hitPolicy") or "UNIQUE").strip(), (xml.get("aggregation") or "").strip() or None
    known = written in HitPolicy.__members__.values()
    hit = HitPolicy(written) if known else HitPolicy.UNIQUE
    if hit is not HitPolicy.COLLECT and known:
        # The schema lets an aggregation stand at any policy; it means something at COLLECT alone.
        aggregation = None
    if not known or (aggregation is not None and (aggregation not in AGGREGATIONS or len(outputs) > 1)):
        told = f"{written} {aggregation}" if aggregation else written
        boxed.sheet.report(rules.DECISION_HIT_POLICY, xml, policy=told, outputs=len(outputs))
        aggregation = None
    return Policy(hit, aggregation)


def _column(xml: etree._Element, boxed: Boxed) -> _Column:
    asked = child(xml, "inputExpression")
    text = text_of(asked)
    if asked is None or not text:
        boxed.sheet.report(rules.DECISION_EXPRESSION, xml, place="an input of the table")
        return _Column("", Literal(None), FeelType("Any"), None)
    node = boxed.expression(text, asked, "an input of the table")
    kind = boxed.types.type_of(asked.get("typeRef"), asked)
    if isinstance(node, Name):
        boxed.texts.append((node.name, kind.feel))
    test = _values(xml, "inputValues", boxed)
    return _Column(xml.get("label") or text, node, kind.feel, None if test is None else allowed(compile_tree(test)))


def _outputs(table: etree._Element, written: Sequence[etree._Element], boxed: Boxed) -> tuple[_Output, ...]:
    if not written:
        boxed.sheet.report(rules.DECISION_EXPRESSION, table, place="the outputs of the table")
    names = [xml.get("name") or "" for xml in written]
    found = []
    for place, (xml, name) in enumerate(zip(written, names, strict=True), start=1):
        if len(written) > 1 and (not name or names.count(name) > 1):
            boxed.sheet.report(rules.DECISION_OUTPUT_NAME, xml, output=place, name=name)
        test = _values(xml, "outputValues", boxed)
        default, text = child(xml, "defaultOutputEntry"), text_of(child(xml, "defaultOutputEntry"))
        found.append(
            _Output(
                name=name,
                type=_each(boxed.types.type_of(xml.get("typeRef"), xml).feel, table),
                holds=None if test is None else allowed(compile_tree(test)),
                rank=_rank(test),
                default=boxed.expression(text, default, "a default output") if default is not None and text else None,
            )
        )
    return tuple(found)


def _each(kind: FeelType, table: etree._Element) -> FeelType:
    """Return the type of one rule's output where tools write that of the whole list."""
    lists = kind.name == Kind.LIST.value and kind.inner and table.get("hitPolicy") in LISTING
    return kind.inner[0] if lists else kind


def _values(xml: etree._Element, tag: str, boxed: Boxed) -> Node | None:
    found = child(xml, tag)
    text = text_of(found)
    if found is None or text in _ANYTHING:
        return None
    return boxed.tests(text, found, "the allowed values of a column")


def _rank(tests: Node | None) -> Rank | None:
    if not isinstance(tests, Tests) or tests.negated:
        return None
    return rank_by([compile_tree(Tests((test,), negated=False)) for test in tests.tests])


def _ranked(table: _Table, xml: etree._Element, boxed: Boxed) -> _Table:
    """Give the hit policy the orders that it asks for: of the output values, else of the types' allowed values."""
    if table.policy.hit not in ORDERED:
        return table
    ranks = [
        output.rank or _rank(boxed.types.allowed_values(written.get("typeRef") or xml.get("typeRef")))
        for output, written in zip(table.outputs, children(xml, "output"), strict=True)
    ]
    if not any(ranks):
        boxed.sheet.report(rules.DECISION_OUTPUT_VALUES, xml, policy=table.policy.hit)
    policy = Policy(table.policy.hit, None, tuple(ranks))
    return _Table(table.element_id, table.name, policy, table.columns, table.outputs, table.rules)


def _rule(xml: etree._Element, place: int, boxed: Boxed, inputs: int, outputs: int) -> _Rule:
    conditions, results = list(children(xml, "inputEntry")), list(children(xml, "outputEntry"))
    for kind, expected, entries in (("input", inputs, conditions), ("output", outputs, results)):
        if len(entries) != expected:
            facts = {"kind": kind, "expected": expected, "rule": place, "size": len(entries)}
            boxed.sheet.report(rules.DECISION_ENTRIES, xml, **facts)
    return _Rule(
        id=xml.get("id"),
        tests=tuple(
            None if (text := text_of(entry)) in _ANYTHING else boxed.tests(text, entry, f"rule {place}")
            for entry in conditions
        ),
        outputs=tuple(
            boxed.expression(text, entry, f"rule {place}")
            if (text := text_of(entry)) not in _ANYTHING
            else Literal(None)
            for entry in results
        ),
        annotations=tuple(text_of(entry) for entry in children(xml, "annotationEntry")),
    )


# -- evaluation -------------------------------------------------------------------------------------------------------


def _closure(table: _Table, build: Callable[[Node], Closure]) -> Closure:
    columns = [build(column.node) for column in table.columns]
    tests = [
        tuple((place, build(test)) for place, test in enumerate(rule.tests) if test is not None) for rule in table.rules
    ]
    results = [tuple(build(output) for output in rule.outputs) for rule in table.rules]
    defaults = [None if output.default is None else build(output.default) for output in table.outputs]
    has_default = any(default is not None for default in defaults)

    def run(scope: Scope) -> Value:
        now = cast("DecisionRun", scope.run)
        asked = [column(scope) for column in columns]
        values = _accepted(table, asked, now)
        if values is None:
            return _told(table, asked, [], None, now)
        inside = [scope.inner({"?": value}) for value in values]
        matched = []
        now.spend(1 + len(tests))
        for place, cells in enumerate(tests):
            if all(test(inside[column]) is True for column, test in cells):
                matched.append(place)
                if table.policy.stops_at_first:
                    break
        hits = [_checked(table, [output(scope) for output in results[place]], now) for place in matched]
        if hits:
            whole = [_whole(table, hit) for hit in hits]
            value = table.policy.choose(hits, whole, now, table.element_id)
        elif has_default:
            made = [None if default is None else default(scope) for default in defaults]
            value = _whole(table, _checked(table, made, now))
        else:
            value = table.policy.nothing(now)
        return _told(table, values, list(zip(matched, hits, strict=True)), value, now)

    return run


def _accepted(table: _Table, asked: Sequence[Value], now: DecisionRun) -> list[Value] | None:
    """Return the inputs as their columns take them, or None if one is of another type or not allowed."""
    values = []
    for column, value in zip(table.columns, asked, strict=True):
        fits, found = coerce_to_type(value, column.type)
        if not fits:
            told = f"Expected {column.type.name} from `{column.label}`, but got {shown(value)}."
            now.fail("table_input", table.element_id, told)
            return None
        if column.holds is not None and not column.holds(found, now):
            told = f"Expected `{column.label}` to be one of the column's input values, but got {shown(value)}."
            now.fail("table_input", table.element_id, told)
            return None
        values.append(found)
    return values


def _checked(table: _Table, made: Sequence[Value], now: DecisionRun) -> tuple[Value, ...]:
    """Return outputs as their columns take them; null where one is of another type or not allowed."""
    checked = []
    for output, value in zip(table.outputs, made, strict=True):
        fits, found = coerce_to_type(value, output.type)
        if fits and (output.holds is None or output.holds(found, now)):
            checked.append(found)
            continue
        wanted = "one of its output values" if fits else output.type.name
        told = f"Expected output {output.name or table.name!r} to be {wanted}, but a rule makes {shown(value)}."
        now.fail("table_output", table.element_id, told)
        checked.append(None)
    return tuple(checked)


def _whole(table: _Table, outputs: Sequence[Value]) -> Value:
    if len(table.outputs) == 1:
        return outputs[0]
    return {output.name: value for output, value in zip(table.outputs, outputs, strict=True)}


def _told(
    table: _Table,
    values: Sequence[Value],
    hits: Sequence[tuple[int, tuple[Value, ...]]],
    value: Value,
    now: DecisionRun,
) -> Value:
    names = [output.name or table.name for output in table.outputs]
    matched = tuple(
        MatchedRule(
            place + 1, table.rules[place].id, dict(zip(names, hit, strict=True)), table.rules[place].annotations
        )
        for place, hit in hits
    )
    labels = [column.label for column in table.columns]
    record = TableRecord(
        table.element_id, table.name, table.policy.hit, tuple(zip(labels, values, strict=True)), matched, value
    )
    now.record(record)
    return value
