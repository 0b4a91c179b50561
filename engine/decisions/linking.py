"""The requirement graph: elements of all files joined to what they require; rings are found, nothing recurses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from engine.decisions import rules
from engine.decisions.boxed import Boxed, named_within
from engine.decisions.item_types import ItemTypes
from engine.decisions.model import Decision, DecisionFile, Element, InputData, ItemType, Knowledge, Requirement, Service
from engine.decisions.sheet import Sheet
from engine.decisions.vocabulary import (
    BOXED,
    DECISION,
    INPUT,
    KNOWLEDGE,
    SERVICE,
    SILENT,
    child,
    children,
    local,
)
from engine.feel.compiler import compile_tree
from engine.feel.environment import Closure
from engine.feel.errors import FeelSyntaxError
from engine.feel.tree import FunctionOf, Literal, Node
from engine.feel.values import Kind

_MAKERS: Final[dict[str, type[Element]]] = {
    INPUT: InputData,
    DECISION: Decision,
    KNOWLEDGE: Knowledge,
    SERVICE: Service,
}
_REQUIREMENTS: Final = ("informationRequirement", "knowledgeRequirement")
_REQUIRED: Final[dict[str, tuple[type[Element], ...]]] = {
    "requiredInput": (InputData,),
    "requiredDecision": (Decision,),
    "requiredKnowledge": (Knowledge, Service),
}
_KNOWN: Final[dict[str, frozenset[str]]] = {
    INPUT: frozenset({"variable"}),
    DECISION: BOXED | {"variable", *_REQUIREMENTS},
    KNOWLEDGE: BOXED | {"variable", "encapsulatedLogic", *_REQUIREMENTS},
    SERVICE: frozenset({"variable", "outputDecision", "encapsulatedDecision", "inputDecision", "inputData"}),
}


@dataclass(frozen=True, slots=True)
class _Entry:
    """An element and where it is written."""

    element: Element
    xml: etree._Element
    place: _Place


@dataclass(frozen=True, slots=True)
class _Place:
    """A file, with its notebook and types."""

    file: DecisionFile
    sheet: Sheet
    types: ItemTypes


class Linker:
    """Takes the files of a bundle one by one, then joins their elements."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._by_id: dict[tuple[str, str], Element] = {}  # file, id

    def add(self, file: DecisionFile, root: etree._Element, sheet: Sheet, types: ItemTypes) -> None:
        """Take a file's elements."""
        place = _Place(file, sheet, types)
        names: set[str] = set()
        for xml in children(root, *_MAKERS):
            name = xml.get("name", "").strip()
            if not name:
                sheet.report(rules.DECISION_NAME, xml, tag=local(xml))
            written = xml.get("id") or name
            if name in names or (file.file, written) in self._by_id:
                sheet.report(rules.DUPLICATE_DECISION, xml, name=name if name in names else written)
            names.add(name)
            for part in children(xml):
                if local(part) not in _KNOWN[local(xml)] | SILENT:
                    sheet.report(rules.DECISION_UNREAD, part, name=local(part), place=f"`{local(xml)}`")
            element = _MAKERS[local(xml)](written, name, _variable(xml), file.file, _type(xml, types))
            element.version_tag = _version_tag(xml)
            if isinstance(element, Decision) and child(xml, "variable") is None:
                element.aliases = tuple(_aliases(xml, written))
            file.elements.append(element)
            self._by_id[file.file, written] = element
            self._entries.append(_Entry(element, xml, place))

    def link(self) -> None:
        """Join all elements, and read their expressions."""
        for entry in self._entries:
            entry.element.requires = tuple(self._requirements(entry))
            if isinstance(entry.element, Service):
                self._link_service(entry, entry.element)
        for entry in self._entries:
            if isinstance(entry.element, Decision | Knowledge):
                self._read_logic(entry, entry.element)
        self._report_rings()

    # -- requirements -------------------------------------------------------------------------------------------------

    def _requirements(self, entry: _Entry) -> Iterator[Requirement]:
        for around in children(entry.xml, *_REQUIREMENTS):
            for reference in children(around, *_REQUIRED):
                found = self._referred(reference, entry, _REQUIRED[local(reference)])
                if found is not None:
                    yield found

    def _referred(
        self, reference: etree._Element, entry: _Entry, kinds: tuple[type[Element], ...]
    ) -> Requirement | None:
        file = entry.place.file
        written = (reference.get("href") or "").strip()
        namespace, _, target = written.rpartition("#")
        candidates: list[tuple[str, DecisionFile]] = []
        if namespace in ("", file.namespace):
            candidates.append(("", file))
        if namespace:
            candidates += [(prefix, other) for prefix, other in file.imports if other.namespace == namespace]
        for prefix, other in candidates:
            element = self._by_id.get((other.file, target))
            if isinstance(element, kinds):
                return Requirement(prefix, element)
        expected = " or ".join(_TOLD[kind] for kind in kinds)
        entry.place.sheet.report(rules.DECISION_REFERENCE, reference, reference=written, expected=expected)
        return None

    def _link_service(self, entry: _Entry, service: Service) -> None:
        def referred(tag: str, kind: type[Element]) -> list[Element]:
            found = (self._referred(reference, entry, (kind,)) for reference in children(entry.xml, tag))
            return [requirement.element for requirement in found if requirement is not None]

        outputs = referred("outputDecision", Decision)
        referred("encapsulatedDecision", Decision)  # they are found by what the outputs require
        given = [*referred("inputData", InputData), *referred("inputDecision", Decision)]
        service.outputs = tuple(element for element in outputs if isinstance(element, Decision))
        service.parameters = tuple(element for element in given if isinstance(element, InputData | Decision))
        if not service.outputs:
            entry.place.sheet.report(rules.DECISION_SERVICE, entry.xml)

    # -- expressions --------------------------------------------------------------------------------------------------

    def _read_logic(self, entry: _Entry, element: Decision | Knowledge) -> None:
        place, xml = entry.place, entry.xml
        logic = child(xml, *BOXED) if isinstance(element, Decision) else child(xml, "encapsulatedLogic", *BOXED)
        if logic is None:
            place.sheet.report(rules.DECISION_WITHOUT_LOGIC, xml)
            return
        names = {requirement.prefix for requirement in element.requires}
        names |= {requirement.element.variable for requirement in element.requires}
        names |= {
            alias
            for requirement in element.requires
            if isinstance(requirement.element, Decision)
            for alias in requirement.element.aliases
        }
        names |= place.types.component_names | named_within(logic)
        for _, imported in place.file.imports:
            names |= {component for part in self._entries if part.place.file is imported for component in _inner(part)}
        boxed = Boxed(element.name, frozenset(names), place.types, place.sheet)
        node: Node
        if isinstance(element, Decision):
            node = boxed.read(logic)
            element.logic = self._compiled(node, entry)
            required = {requirement.element.variable for requirement in element.requires}
            element.texts = tuple((name, kind) for name, kind in boxed.texts if name not in required)
        else:
            is_function = local(logic) in ("encapsulatedLogic", "functionDefinition")
            node = boxed.function(logic) if is_function else FunctionOf((), boxed.read(logic))
            element.logic = self._compiled(node, entry)

    def _compiled(self, node: Node, entry: _Entry) -> Closure:
        try:
            return compile_tree(node)
        except (FeelSyntaxError, RecursionError):
            text, reason = entry.element.name, "it is nested too deeply"
            entry.place.sheet.report(
                rules.DECISION_SYNTAX, entry.xml, place="the boxed expression", text=text, reason=reason
            )
            return compile_tree(Literal(None))

    # -- rings --------------------------------------------------------------------------------------------------------

    def _report_rings(self) -> None:
        every = [entry.element for entry in self._entries]
        ring = _ring(every, lambda element: [requirement.element for requirement in element.requires])
        services = [element for element in every if isinstance(element, Service)]
        if not ring:
            ring = _ring(services, _services_within)
        if not ring:
            return
        entry = next(entry for entry in self._entries if entry.element is ring[0])
        told = ", ".join(sorted(element.name for element in ring))
        entry.place.sheet.report(rules.DECISION_CYCLE, entry.xml, elements=told)


def within_service(service: Service) -> list[Element]:
    """Return what a service evaluates: its outputs and what they require, up to its inputs."""
    found: list[Element] = []
    waiting: list[Element] = list(service.outputs)
    seen: set[int] = {id(element) for element in service.parameters}
    while waiting:
        element = waiting.pop()
        if id(element) not in seen:
            seen.add(id(element))
            found.append(element)
            waiting.extend(requirement.element for requirement in element.requires)
    return found


def _services_within(service: Element) -> list[Element]:
    assert isinstance(service, Service)
    return [element for element in within_service(service) if isinstance(element, Service)]


def _ring(elements: Iterable[Element], needs: Callable[[Element], list[Element]]) -> list[Element]:
    """Take away what needs nothing that is left, until only rings and what leads into them remain."""
    left = {id(element): element for element in elements}
    open_: dict[int, set[int]] = {key: {id(other) for other in needs(element)} for key, element in left.items()}
    needed_by: dict[int, list[int]] = {}
    for key, others in open_.items():
        for other in others:
            needed_by.setdefault(other, []).append(key)
    free = [key for key, others in open_.items() if not others & left.keys()]
    for key in open_:
        open_[key] &= left.keys()
    while free:
        key = free.pop()
        del left[key]
        for other in needed_by.get(key, ()):
            open_[other].discard(key)
            if not open_[other] and other in left and other not in free:
                free.append(other)
    return list(left.values())


_TOLD: Final = {
    InputData: "an input",
    Decision: "a decision",
    Knowledge: "a business knowledge model",
    Service: "a decision service",
}


def _version_tag(xml: etree._Element) -> str | None:
    """Return the version tag that modelers write: zeebe:versionTag inside, or camunda:versionTag on it."""
    for around in children(xml, "extensionElements"):
        for setting in around.iterchildren("{http://camunda.org/schema/zeebe/1.0}versionTag"):
            return str(setting.get("value") or "") or None
    return xml.get("{http://camunda.org/schema/1.0/dmn}versionTag")


def _aliases(xml: etree._Element, written: str) -> Iterator[str]:
    """Yield by which names tools that write no variable read a decision's result."""
    yield written
    for table in children(xml, "decisionTable"):
        yield from (name for output in children(table, "output") if (name := output.get("name")))


def _variable(xml: etree._Element) -> str:
    variable = child(xml, "variable")
    own = None if variable is None else variable.get("name")
    return str(own or xml.get("name", ""))


def _type(xml: etree._Element, types: ItemTypes) -> ItemType:
    """Return the type of an element's value; of what is called, that of its result."""
    variable = child(xml, "variable")
    found = types.type_of(None if variable is None else variable.get("typeRef"), variable)
    if local(xml) in (KNOWLEDGE, SERVICE) and found.feel.name == Kind.FUNCTION.value:
        return ItemType(found.feel.inner[-1]) if found.feel.inner else types.type_of(None, None)
    return found


def _inner(entry: _Entry) -> set[str]:
    return {entry.element.variable} | set(entry.place.types.component_names)
