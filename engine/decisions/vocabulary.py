"""The XML names of DMN that the reader knows; versions 1.1 to 1.5 differ in their namespace and little else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

VERSIONS: Final = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
INPUT: Final = "inputData"
DECISION: Final = "decision"
KNOWLEDGE: Final = "businessKnowledgeModel"
SERVICE: Final = "decisionService"
DRG: Final = frozenset({INPUT, DECISION, KNOWLEDGE, SERVICE})
BOXED: Final = frozenset(
    {"literalExpression", "decisionTable", "context", "list", "relation", "invocation", "functionDefinition"}
    | {"conditional", "for", "every", "some", "filter"}
)
# What is drawn, told or organised around decisions, and never evaluated.
SILENT: Final = frozenset(
    {"description", "extensionElements", "question", "allowedAnswers", "authorityRequirement", "DMNDI"}
    | {"knowledgeSource", "textAnnotation", "association", "group", "elementCollection"}
    | {"performanceIndicator", "organizationUnit", "organisationalUnit", "businessContextElement"}
    | {"supportedObjective", "impactedPerformanceIndicator", "decisionMaker", "decisionOwner"}
    | {"usingProcess", "usingTask"}
)


def local(xml: etree._Element) -> str:
    """Return a tag without its namespace."""
    return str(xml.tag).rpartition("}")[2]


def namespace(xml: etree._Element) -> str:
    """Return the namespace of a tag; empty when it has none."""
    tag = str(xml.tag)
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def children(xml: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Yield child elements of DMN by their local names, in order; all of them where no name is given."""
    for child in xml.iterchildren("*"):
        if namespace(child) in VERSIONS and (not names or local(child) in names):
            yield child


def child(xml: etree._Element, *names: str) -> etree._Element | None:
    """Return the first child element with one of these local names."""
    return next(children(xml, *names), None)


def text_of(xml: etree._Element | None) -> str:
    """Return what the `text` child of an expression holds, without blanks around it."""
    found = None if xml is None else child(xml, "text")
    return "" if found is None else "".join(found.itertext()).strip()


def is_feel(language: str | None) -> bool:
    """Tell whether an expression language is FEEL: by its address of any version, or by its name as tools write it."""
    return language is None or not language.strip() or "feel" in language.lower()
