"""Decision files → decisions ready to be made, and every problem of the files at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from lxml import etree

from engine.bpmn.hardened_xml import parse_any
from engine.bpmn.limits import Limits
from engine.bpmn.rules import UnreadableXml
from engine.decisions import rules
from engine.decisions.item_types import ItemTypes
from engine.decisions.linking import Linker
from engine.decisions.model import DecisionFile
from engine.decisions.sheet import Sheet
from engine.decisions.vocabulary import DRG, SILENT, VERSIONS, children, is_feel, local, namespace
from engine.problems import Problem

_AT_TOP: Final = DRG | SILENT | {"import", "itemDefinition"}
_DEPTH: Final = 200  # of XML: boxed expressions stand within each other


@dataclass(frozen=True, slots=True)
class DecisionFiles:
    """What could be read of a bundle's decision files, by file name; and what is wrong with any of them."""

    files: Mapping[str, DecisionFile]
    problems: tuple[Problem, ...]


NO_DECISIONS: Final = DecisionFiles({}, ())


@dataclass(slots=True)
class _Source:
    """A file on its way: its XML, its notebook and its types."""

    root: etree._Element
    sheet: Sheet
    types: ItemTypes
    file: DecisionFile


def read_decisions(files: Mapping[str, bytes], limits: Limits) -> DecisionFiles:
    """Read decision files that may import each other by namespace."""
    problems: list[Problem] = []
    sources: list[_Source] = []
    for name, data in files.items():
        try:
            sources.append(_source(data, name, limits))
        except UnreadableXml as error:
            problems += error.problems
    for source in sources:
        _import(source, sources)
    for source in sources:
        source.types.define()
    linker = Linker()
    for source in sources:
        linker.add(source.file, source.root, source.sheet, source.types)
    linker.link()
    for source in sources:
        problems += source.sheet.problems
    return DecisionFiles({source.file.file: source.file for source in sources}, tuple(problems))


def _source(data: bytes, name: str, limits: Limits) -> _Source:
    root = parse_any(data, name, replace(limits, max_depth=max(limits.max_depth, _DEPTH)))
    if local(root) != "definitions" or namespace(root) not in VERSIONS:
        found = namespace(root) or "no namespace"
        raise UnreadableXml([rules.NOT_DMN.problem(file=name, tag=local(root), namespace=found)])
    language = root.get("expressionLanguage")
    sheet = Sheet(name, None if is_feel(language) else language)
    for part in children(root):
        if local(part) not in _AT_TOP:
            sheet.report(rules.DECISION_UNREAD, part, name=local(part), place="`definitions`")
    file = DecisionFile(name, root.get("name", ""), root.get("namespace", ""), VERSIONS[namespace(root)])
    return _Source(root, sheet, ItemTypes(root, sheet), file)


def _import(source: _Source, sources: list[_Source]) -> None:
    for xml in children(source.root, "import"):
        kind, wanted = xml.get("importType", ""), xml.get("namespace", "")
        if kind not in VERSIONS:
            source.sheet.report(rules.DECISION_IMPORT_KIND, xml, kind=kind)
            continue
        found = [other for other in sources if other.file.namespace == wanted and other is not source]
        if len(found) != 1:
            source.sheet.report(rules.DECISION_IMPORT, xml, namespace=wanted, size=len(found))
            continue
        prefix = xml.get("name", "")
        source.file.imports.append((prefix, found[0].file))
        source.types.imported[prefix] = found[0].types


def needed_with(name: str, files: Mapping[str, bytes], limits: Limits) -> dict[str, bytes]:
    """Return a decision file and, of the others, those that it imports, directly or not."""
    needed, waiting = {name: files[name]}, [name]
    roots: dict[str, etree._Element] = {}
    for file, data in files.items():
        try:
            roots[file] = parse_any(data, file, limits)
        except UnreadableXml:
            continue
    while waiting:
        root = roots.get(waiting.pop())
        wanted = set() if root is None else {xml.get("namespace") for xml in children(root, "import")}
        for file, other in roots.items():
            if file not in needed and other.get("namespace") in wanted:
                needed[file] = files[file]
                waiting.append(file)
    return needed
