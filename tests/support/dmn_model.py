"""A DMN file as far as FEEL alone decides it: literal and boxed expressions, functions, named types; no tables."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from engine.feel import FeelError, compile_expression, tree
from engine.feel.compiler import compile_tree
from engine.feel.environment import Run
from engine.feel.parser import parse_type
from engine.feel.signatures import coerce_to_type
from engine.feel.types import SIMPLE, FeelType

NOW = dt.datetime(2025, 5, 22, 8, 30, tzinfo=dt.UTC)
ZONE = ZoneInfo("Asia/Bangkok")
_RESULT = "result of the boxed context"
_TEXTS = ("literalExpression", "context", "list", "relation", "invocation", "conditional", "for", "every", "some")
_BOXED = frozenset({*_TEXTS, "filter", "functionDefinition"})


class OutOfReach(Exception):
    """The decision needs what FEEL alone does not give: a decision table, a service, an import, Java."""


@dataclass
class Model:
    """The decisions of one file, evaluated when they are asked for."""

    path: Path
    types: dict[str, FeelType] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root = etree.parse(self.path).getroot()
        self.elements = {element.get("id"): element for element in self.root if element.get("id")}
        self.types.update(SIMPLE)
        for item in self._all("itemDefinition"):
            self._define(item)

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that the file gives to something."""
        return frozenset(element.get("name") for element in self.root.iter() if element.get("name"))

    def decide(self, name: str, inputs: dict[str, Any]) -> Any:
        """Return the value of a decision.

        Raises:
            OutOfReach: It is not FEEL alone.
        """
        for decision in self._all("decision"):
            if decision.get("name") == name:
                return self._decision(decision, inputs, {})
        raise OutOfReach(name)

    # -- the graph ----------------------------------------------------------------------------------------------------

    def _decision(self, decision: Any, inputs: dict[str, Any], made: dict[str, Any]) -> Any:
        key = decision.get("id")
        if key not in made:
            scope = self._required(decision, inputs, made)
            value = self._value(_boxed(decision), scope)
            made[key] = self._fitted(value, decision.find("{*}variable"))
        return made[key]

    def _required(self, element: Any, inputs: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
        scope: dict[str, Any] = {}
        for reference in element.iterfind(".//{*}requiredInput"):
            given = self._referred(reference)
            name = given.get("name")
            if name in inputs:
                scope[name] = self._fitted(inputs[name], given.find("{*}variable"))
        for reference in element.iterfind(".//{*}requiredDecision"):
            other = self._referred(reference)
            scope[_variable(other)] = self._decision(other, inputs, made)
        for reference in element.iterfind(".//{*}requiredKnowledge"):
            other = self._referred(reference)
            if _tag(other) != "businessKnowledgeModel":
                raise OutOfReach(_tag(other))
            knowledge = self._required(other, inputs, made)
            scope[_variable(other)] = self._value(other.find("{*}encapsulatedLogic"), knowledge)
        return scope

    def _referred(self, reference: Any) -> Any:
        target = reference.get("href").rpartition("#")
        if target[2] not in self.elements:
            raise OutOfReach(reference.get("href"))
        return self.elements[target[2]]

    def _value(self, boxed: Any, scope: dict[str, Any]) -> Any:
        try:
            return compile_tree(self._node(boxed))(Run(scope, NOW, ZONE, None))
        except FeelError:
            return None

    def _fitted(self, value: Any, variable: Any) -> Any:
        kind = None if variable is None else variable.get("typeRef")
        return value if kind is None else coerce_to_type(value, self._type(kind))[1]

    # -- types ----------------------------------------------------------------------------------------------------------

    def _define(self, item: Any) -> None:
        name = item.get("name")
        if name not in self.types:
            self.types[name] = FeelType("Any")  # while it is read
            self.types[name] = self._defined(item)

    def _defined(self, item: Any) -> FeelType:
        function = item.find("{*}functionItem")
        if function is not None:
            parameters = [self._type(parameter.get("typeRef")) for parameter in function.iterfind("{*}parameters")]
            kind = FeelType("function", inner=(*parameters, self._type(function.get("outputTypeRef"))))
        elif (reference := item.find("{*}typeRef")) is not None:
            kind = self._type(reference.text.strip())
        else:
            members = [(part.get("name"), self._defined(part)) for part in item.iterfind("{*}itemComponent")]
            kind = FeelType("context", members=tuple(members))
        return FeelType("list", inner=(kind,)) if item.get("isCollection") == "true" else kind

    def _type(self, text: str | None) -> FeelType:
        if text is None:
            return SIMPLE["Any"]
        text = text.removeprefix("feel:")
        for item in self._all("itemDefinition"):
            if item.get("name") == text:
                self._define(item)
        return self.types[text] if text in self.types else parse_type(text, self.types)

    def _all(self, tag: str) -> Any:
        return self.root.iterfind(f"{{*}}{tag}")

    # -- boxed expressions as trees -----------------------------------------------------------------------------------

    def _node(self, boxed: Any) -> tree.Node:
        return getattr(self, f"_{_tag(boxed)}")(boxed)

    def _part(self, boxed: Any, tag: str) -> tree.Node:
        return self._node(_boxed(boxed.find(f"{{*}}{tag}")))

    def _literalExpression(self, boxed: Any) -> tree.Node:  # noqa: N802 - called by the tag
        return compile_expression(boxed.findtext("{*}text", "").strip(), self.names, self.types).tree

    def _context(self, boxed: Any) -> tree.Node:
        entries, result = [], None
        for entry in boxed.iterfind("{*}contextEntry"):
            value, variable = self._node(_boxed(entry)), entry.find("{*}variable")
            if variable is None:
                entries.append((_RESULT, value))
                result = _RESULT
            else:
                entries.append((variable.get("name"), value))
        node = tree.Context(tuple(entries))
        return node if result is None else tree.Path(node, result)

    def _list(self, boxed: Any) -> tree.Node:
        return tree.ListOf(tuple(self._node(item) for item in boxed if _tag(item) in _BOXED))

    def _relation(self, boxed: Any) -> tree.Node:
        columns = [column.get("name") for column in boxed.iterfind("{*}column")]
        rows = []
        for row in boxed.iterfind("{*}row"):
            values = [self._node(item) for item in row if _tag(item) in _BOXED]
            rows.append(tree.Context(tuple(zip(columns, values, strict=True))))
        return tree.ListOf(tuple(rows))

    def _invocation(self, boxed: Any) -> tree.Node:
        function = self._node(_boxed(boxed))
        bindings = list(boxed.iterfind("{*}binding"))
        names = tuple(binding.find("{*}parameter").get("name") for binding in bindings)
        return tree.Call(function, tuple(self._node(_boxed(binding)) for binding in bindings), names or None)

    def _conditional(self, boxed: Any) -> tree.Node:
        branch = (self._part(boxed, "if"), self._part(boxed, "then"))
        return tree.If((branch,), self._part(boxed, "else"))

    def _filter(self, boxed: Any) -> tree.Node:
        return tree.Filter(self._part(boxed, "in"), self._part(boxed, "match"))

    def _for(self, boxed: Any) -> tree.Node:
        return tree.For((self._iterator(boxed),), self._part(boxed, "return"))

    def _every(self, boxed: Any) -> tree.Node:
        every = _tag(boxed) == "every"
        return tree.Quantified(every, (self._iterator(boxed),), self._part(boxed, "satisfies"))

    _some = _every

    def _iterator(self, boxed: Any) -> tree.Iterator:
        return tree.Iterator(boxed.get("iteratorVariable"), self._part(boxed, "in"), None)

    def _functionDefinition(self, boxed: Any) -> tree.Node:  # noqa: N802 - called by the tag
        if boxed.get("kind", "FEEL") != "FEEL":
            raise OutOfReach(boxed.get("kind"))
        parameters = []
        for parameter in boxed.iterfind("{*}formalParameter"):
            kind = parameter.get("typeRef")
            parameters.append((parameter.get("name"), None if kind is None else self._type(kind)))
        return tree.FunctionOf(tuple(parameters), self._node(_boxed(boxed)))

    _encapsulatedLogic = _functionDefinition  # noqa: N815 - called by the tag


def _tag(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _variable(element: Any) -> str:
    variable = element.find("{*}variable")
    return element.get("name") if variable is None else variable.get("name")


def _boxed(element: Any) -> Any:
    for child in element:
        if _tag(child) in _BOXED:
            return child
    raise OutOfReach("a decision table, or nothing")
