"""Item definitions: named types with components, collections and allowed values (DMN 1.5, 7.3.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from lxml import etree

from engine.decisions import rules
from engine.decisions.model import ANY, Holds, ItemType
from engine.decisions.sheet import Sheet
from engine.decisions.vocabulary import child, children, text_of
from engine.feel.compiler import compile_tree
from engine.feel.environment import Closure, Run, Scope
from engine.feel.errors import FeelError
from engine.feel.expression import vocabulary_of
from engine.feel.parser import parse_type
from engine.feel.tree import Node
from engine.feel.types import SIMPLE, FeelType
from engine.feel.values import Kind, Value, kind_of

# As other tools and older files name the types.
_OTHER_NAMES: Final = {
    "integer": "number",
    "long": "number",
    "double": "number",
    "dateAndTime": "date and time",
    "date_time": "date and time",
    "daysAndTimeDuration": "days and time duration",
    "yearsAndMonthsDuration": "years and months duration",
    "any": "Any",
    "Null": "Null",
}
_GENERIC: Final = ("list", "context", "range", "function")


class ItemTypes:
    """The types that one file knows: those of FEEL, its item definitions, and those of its imports by prefix."""

    def __init__(self, root: etree._Element, sheet: Sheet) -> None:
        self._sheet = sheet
        self._written = {xml.get("name", ""): xml for xml in children(root, "itemDefinition")}
        self._known: dict[str, ItemType] = {name: ItemType(kind) for name, kind in SIMPLE.items()}
        self.imported: dict[str, ItemTypes] = {}
        self.component_names = frozenset(
            component.get("name", "")
            for item in self._written.values()
            for component in item.iter()
            if isinstance(component.tag, str) and str(component.tag).endswith("}itemComponent")
        )

    def define(self) -> None:
        """Read every item definition, whatever their order."""
        for name in self._written:
            self._find(name)

    def feel_types(self) -> Mapping[str, FeelType]:
        """Return the types by the names that expressions of the file use."""
        found = {name: kind.feel for name, kind in self._known.items()}
        for prefix, types in self.imported.items():
            found |= {f"{prefix}.{name}" if prefix else name: types.type_of(name, None).feel for name in types.defined}
        return found

    @property
    def defined(self) -> Iterable[str]:
        """The names of the item definitions."""
        return self._written

    def type_of(self, reference: str | None, xml: etree._Element | None) -> ItemType:
        """Return a type by how it is referred to; an unknown one is reported, and anything fits it."""
        if reference is None or not reference.strip():
            return ANY
        name = reference.strip()
        found = self._find(name) or self._find(name.rpartition(":")[2])
        if found is None:
            found = self._written_out(name)
        if found is None:
            if xml is not None:
                self._sheet.report(rules.DECISION_TYPE, xml, type=name)
            return ANY
        return found

    def allowed_values(self, reference: str | None) -> Node | None:
        """Return the allowed values of a type as they are written, in their order; those of its base if it has none."""
        seen: set[str] = set()
        name = (reference or "").strip().rpartition(":")[2]
        while name in self._written and name not in seen:
            seen.add(name)
            xml = self._written[name]
            values = child(xml, "allowedValues")
            if values is not None and text_of(values):
                return self._tests_tree(values)
            base = child(xml, "typeRef")
            name = "" if base is None else "".join(base.itertext()).strip().rpartition(":")[2]
        prefix, _, rest = name.rpartition(".")
        return self.imported[prefix].allowed_values(rest) if prefix in self.imported else None

    def _find(self, name: str) -> ItemType | None:
        if name in self._known:
            return self._known[name]
        if name in self._written:
            self._known[name] = ANY  # while it is read: a type may hold itself
            self._known[name] = self._read(self._written[name])
            return self._known[name]
        if name in _OTHER_NAMES:
            return self._known[_OTHER_NAMES[name]]
        prefix, dot, rest = name.rpartition(".")
        for known, types in self.imported.items():
            if known == prefix and (bool(dot) or known == ""):
                found = types._find(rest if dot else name)  # noqa: SLF001 - of its own kind
                if found is not None:
                    return found
        return None

    def _written_out(self, name: str) -> ItemType | None:
        """Return a type that is written as FEEL writes it: `list<number>`."""
        if not name.startswith(_GENERIC):
            return None
        try:
            return ItemType(parse_type(name, self.feel_types()))
        except FeelError:
            return None

    def _read(self, xml: etree._Element) -> ItemType:
        function = child(xml, "functionItem")
        reference = child(xml, "typeRef")
        components = list(children(xml, "itemComponent"))
        if function is not None:
            parameters = [self.type_of(part.get("typeRef"), part).feel for part in children(function, "parameters")]
            result = self.type_of(function.get("outputTypeRef"), function).feel
            base = ItemType(FeelType(Kind.FUNCTION.value, inner=(*parameters, result)))
        elif reference is not None:
            base = self.type_of("".join(reference.itertext()), reference)
        elif components:
            base = self._context(components)
        else:
            base = ANY
        base = _narrowed(base, self._test(xml, "allowedValues"))
        if xml.get("isCollection") in ("true", "1"):
            base = ItemType(FeelType(Kind.LIST.value, inner=(base.feel,)), _each(base.holds))
        return _narrowed(base, self._test(xml, "typeConstraint"))

    def _context(self, components: list[etree._Element]) -> ItemType:
        members = [(part.get("name", ""), self._read(part)) for part in components]
        kind = FeelType(Kind.CONTEXT.value, members=tuple((name, member.feel) for name, member in members))
        limited = [(name, member.holds) for name, member in members if member.holds is not None]
        if not limited:
            return ItemType(kind)

        def holds(value: Value, run: Run) -> bool:
            if kind_of(value) is not Kind.CONTEXT:
                return True
            return all(test(value[name], run) for name, test in limited if name in value)

        return ItemType(kind, holds)

    def _test(self, xml: etree._Element, tag: str) -> Holds | None:
        found = child(xml, tag)
        if found is None or not text_of(found):
            return None
        return allowed(compile_tree(self._tests_tree(found)))

    def _tests_tree(self, xml: etree._Element) -> Node:
        vocabulary = vocabulary_of(self.component_names, self.feel_types())
        return self._sheet.tests(text_of(xml), xml, "the allowed values", vocabulary)


def allowed(test: Closure) -> Holds:
    """Return unary tests as a check of one value; null is left to whoever asks for a value."""

    def holds(value: Value, run: Run) -> bool:
        return value is None or test(Scope({"?": value}, None, run)) is True

    return holds


def _narrowed(base: ItemType, test: Holds | None) -> ItemType:
    if test is None:
        return base
    before = base.holds
    if before is None:
        return ItemType(base.feel, test)
    return ItemType(base.feel, lambda value, run: before(value, run) and test(value, run))


def _each(test: Holds | None) -> Callable[[Value, Run], bool] | None:
    if test is None:
        return None

    def holds(value: Value, run: Run) -> bool:
        return kind_of(value) is not Kind.LIST or all(test(item, run) for item in value)

    return holds
