"""Boxed expressions (DMN 1.5, 10.2.1) as trees of FEEL: each is what its FEEL text would be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from lxml import etree

from engine.decisions import rules
from engine.decisions.item_types import ItemTypes
from engine.decisions.sheet import Sheet
from engine.decisions.tables import read_table
from engine.decisions.vocabulary import BOXED, SILENT, child, children, local, text_of
from engine.feel import tree
from engine.feel.environment import Closure, Scope
from engine.feel.expression import vocabulary_of
from engine.feel.signatures import coerce_to_type
from engine.feel.tree import Node
from engine.feel.types import FeelType
from engine.feel.values import Value

_RESULT: Final = "result of the boxed context"  # no name of FEEL looks so: a context without a name for its result
_FEEL: Final = "FEEL"


class Boxed:
    """Reads the expressions of one element; `names` are those in scope that hold signs or keywords."""

    def __init__(self, owner: str, names: frozenset[str], types: ItemTypes, sheet: Sheet) -> None:
        self.owner = owner
        self.types = types
        self.sheet = sheet
        self.texts: list[tuple[str, FeelType]] = []  # names that columns of tables ask for, and their types
        self._vocabulary = vocabulary_of(names, types.feel_types())

    def expression(self, text: str, xml: etree._Element, place: str) -> Node:
        """Read a text as FEEL."""
        return self.sheet.expression(text, xml, place, self._vocabulary)

    def tests(self, text: str, xml: etree._Element, place: str) -> Node:
        """Read a text as unary tests."""
        return self.sheet.tests(text, xml, place, self._vocabulary)

    def within(self, xml: etree._Element | None, place: str) -> Node:
        """Read the one expression inside an element; that there is none is reported."""
        found = None if xml is None else child(xml, *BOXED)
        if found is None:
            if xml is not None:
                self.sheet.report(rules.DECISION_EXPRESSION, xml, place=place)
            return tree.Literal(None)
        return self.read(found)

    def read(self, xml: etree._Element) -> Node:
        """Read an expression."""
        self._check_known(xml)
        return _READERS[local(xml)](self, xml)

    def function(self, xml: etree._Element) -> Node:
        """Read a function definition, also that of a knowledge model; one in another language than FEEL is null."""
        parameters = []
        for parameter in children(xml, "formalParameter"):
            reference = parameter.get("typeRef")
            kind = None if reference is None else self.types.type_of(reference, parameter).feel
            parameters.append((parameter.get("name", ""), kind))
        kind_of_code = xml.get("kind") or _FEEL
        if kind_of_code != _FEEL:
            self.sheet.report(rules.DECISION_EXTERNAL, xml, kind=kind_of_code)
            return tree.FunctionOf(tuple(parameters), None)
        return tree.FunctionOf(tuple(parameters), self.within(xml, "the function"))

    # -- one kind each ------------------------------------------------------------------------------------------------

    def _literal(self, xml: etree._Element) -> Node:
        text = text_of(xml)
        if not text:
            self.sheet.report(rules.DECISION_EXPRESSION, xml, place="a literal expression")
            return tree.Literal(None)
        return self.expression(text, xml, "a literal expression")

    def _context(self, xml: etree._Element) -> Node:
        entries: list[tuple[str, Node]] = []
        result = False
        for entry in children(xml, "contextEntry"):
            value, variable = self.within(entry, "a context entry"), child(entry, "variable")
            if variable is None:
                entries.append((_RESULT, value))
                result = True
            else:
                entries.append((variable.get("name", ""), self._typed(value, variable)))
        node = tree.Context(tuple(entries))
        return tree.Path(node, _RESULT) if result else node

    def _list(self, xml: etree._Element) -> Node:
        return tree.ListOf(tuple(self.read(item) for item in children(xml, *BOXED)))

    def _relation(self, xml: etree._Element) -> Node:
        columns = list(children(xml, "column"))
        rows = []
        for place, row in enumerate(children(xml, "row"), start=1):
            cells = list(children(row, *BOXED))
            if len(cells) != len(columns):
                facts = {"kind": "column", "expected": len(columns), "rule": place, "size": len(cells)}
                self.sheet.report(rules.DECISION_ENTRIES, row, **facts)
            pairs = zip(columns, cells, strict=False)
            rows.append(tree.Context(tuple((c.get("name", ""), self._typed(self.read(cell), c)) for c, cell in pairs)))
        return tree.ListOf(tuple(rows))

    def _invocation(self, xml: etree._Element) -> Node:
        function = self.within(xml, "an invocation")
        bindings = list(children(xml, "binding"))
        names = []
        values = []
        for binding in bindings:
            parameter = child(binding, "parameter")
            names.append("" if parameter is None else parameter.get("name", ""))
            values.append(
                self.within(binding, "a binding") if child(binding, *BOXED) is not None else tree.Literal(None)
            )
        return tree.Call(function, tuple(values), tuple(names) or None)

    def _conditional(self, xml: etree._Element) -> Node:
        branch = (self._part(xml, "if"), self._part(xml, "then"))
        return tree.If((branch,), self._part(xml, "else"))

    def _for(self, xml: etree._Element) -> Node:
        return tree.For((self._iterator(xml),), self._part(xml, "return"))

    def _quantified(self, xml: etree._Element) -> Node:
        return tree.Quantified(local(xml) == "every", (self._iterator(xml),), self._part(xml, "satisfies"))

    def _filter(self, xml: etree._Element) -> Node:
        return tree.Filter(self._part(xml, "in"), self._part(xml, "match"))

    def _iterator(self, xml: etree._Element) -> tree.Iterator:
        return tree.Iterator(xml.get("iteratorVariable", ""), self._part(xml, "in"), None)

    def _part(self, xml: etree._Element, name: str) -> Node:
        part = child(xml, name)
        if part is None:
            self.sheet.report(rules.DECISION_EXPRESSION, xml, place=f"`{name}`")
        return self.within(part, f"`{name}`")

    def _typed(self, node: Node, variable: etree._Element) -> Node:
        """Make a value fit the type that its variable declares; what does not fit is null."""
        reference = variable.get("typeRef")
        if reference is None:
            return node
        kind = self.types.type_of(reference, variable).feel
        return node if kind.name == "Any" else tree.Foreign((node,), _coercing(node, kind))

    def _check_known(self, xml: etree._Element) -> None:
        known = _INSIDE[local(xml)] | SILENT
        for part in children(xml):
            if local(part) not in known:
                self.sheet.report(rules.DECISION_UNREAD, part, name=local(part), place=f"`{local(xml)}`")


def _coercing(node: Node, kind: FeelType) -> Callable[[Callable[[Node], Closure]], Closure]:
    def make(build: Callable[[Node], Closure]) -> Closure:
        value = build(node)

        def run(scope: Scope) -> Value:
            return coerce_to_type(value(scope), kind)[1]

        return run

    return make


_READERS: Final[dict[str, Callable[[Any, etree._Element], Node]]] = {
    "literalExpression": Boxed._literal,  # noqa: SLF001 - its own methods
    "decisionTable": lambda boxed, xml: read_table(xml, boxed),
    "context": Boxed._context,  # noqa: SLF001
    "list": Boxed._list,  # noqa: SLF001
    "relation": Boxed._relation,  # noqa: SLF001
    "invocation": Boxed._invocation,  # noqa: SLF001
    "functionDefinition": Boxed.function,
    "conditional": Boxed._conditional,  # noqa: SLF001
    "for": Boxed._for,  # noqa: SLF001
    "every": Boxed._quantified,  # noqa: SLF001
    "some": Boxed._quantified,  # noqa: SLF001
    "filter": Boxed._filter,  # noqa: SLF001
}


def _with_boxed(*names: str) -> frozenset[str]:
    return BOXED | frozenset(names)


_INSIDE: Final[dict[str, frozenset[str]]] = {
    "literalExpression": frozenset({"text"}),
    "decisionTable": frozenset({"input", "output", "rule", "annotation"}),
    "context": frozenset({"contextEntry"}),
    "list": BOXED,
    "relation": frozenset({"column", "row"}),
    "invocation": _with_boxed("binding"),
    "functionDefinition": _with_boxed("formalParameter"),
    "conditional": frozenset({"if", "then", "else"}),
    "for": frozenset({"in", "return"}),
    "every": frozenset({"in", "satisfies"}),
    "some": frozenset({"in", "satisfies"}),
    "filter": frozenset({"in", "match"}),
}


def named_within(xml: etree._Element | Sequence[etree._Element]) -> frozenset[str]:
    """Return every name that expressions inside give: entries, parameters, iterators, columns."""
    found = set()
    for root in xml if isinstance(xml, Sequence) and not isinstance(xml, etree._Element) else [xml]:  # noqa: SLF001
        for part in root.iter("*"):
            found |= {name for name in (part.get("name"), part.get("iteratorVariable")) if name}
    return frozenset(found)
