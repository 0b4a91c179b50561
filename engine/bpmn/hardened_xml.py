"""Bytes from anyone → an XML tree that can do no harm: no DTD, no entities, no network, no odd encodings, bounded."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from typing import Any

from lxml import etree

from engine.bpmn import rules
from engine.bpmn.limits import Limits
from engine.bpmn.rules import UnreadableXml
from engine.bpmn.vocabulary import BPMN, DEFINITIONS, NODE_KINDS, local
from engine.problems import Problem, Rule

_DECLARED = re.compile(r"""<\?xml\b[^>]*?\bencoding\s*=\s*["']([^"']*)["']""")
_ANY_DECLARATION = re.compile(r"\A\s*(<\?xml(?=[\s?]).*?\?>)", re.DOTALL)
_DECLARATION = re.compile(
    r"""<\?xml\s+version\s*=\s*("1\.\d+"|'1\.\d+')"""
    r"""(\s+encoding\s*=\s*("[\w.\-]+"|'[\w.\-]+'))?(\s+standalone\s*=\s*("yes"|"no"|'yes'|'no'))?\s*\?>"""
)
_ALLOWED_ENCODINGS = frozenset({"utf-8", "utf8", "utf-16", "utf16", "utf-16le", "utf-16be", "us-ascii", "ascii"})
# Files that hold nothing but ASCII mean the same in these, and several modelers declare one of them.
_ASCII_SUPERSETS = frozenset({"iso-8859-1", "iso-8859-11", "tis-620", "windows-1252", "windows-874"})
_NO_BPMN = frozenset(rule.code for rule in (rules.WRONG_ENCODING, rules.DOCTYPE, rules.MALFORMED, rules.NOT_BPMN))
_HEAD = 100_000  # bytes in which a root element names its namespace
_SPELT = {"utf-8-sig": "UTF-8"}
_PARSER_PLACE = re.compile(r"(, line \d+, column \d+)? \(<string>, line \d+\)$")
_PROLOG_PART = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)


def parse(data: bytes, file: str, limits: Limits) -> etree._Element:
    """Return the root of a well-formed, bounded BPMN file.

    Raises:
        UnreadableXml: The bytes are no BPMN 2.0 XML, are hostile, or are beyond the limits.
    """
    root = parse_any(data, file, limits)
    if root.tag != DEFINITIONS:
        raise _unreadable(rules.NOT_BPMN, file, tag=root.tag)
    return root


def parse_any(data: bytes, file: str, limits: Limits) -> etree._Element:
    """Return the root of a well-formed, bounded XML file of any vocabulary.

    Raises:
        UnreadableXml: The bytes are no XML, are hostile, or are beyond the limits.
    """
    if len(data) > limits.max_bytes:
        raise _unreadable(rules.TOO_LARGE, file, limit=limits.max_bytes, size=len(data))
    text = decoded(data, file)
    if text.count("<") > 2 * limits.max_xml_nodes:
        raise _unreadable(rules.TOO_MANY_ELEMENTS, file, limit=limits.max_xml_nodes, size=text.count("<") // 2)
    if _has_doctype(text):
        raise _unreadable(rules.DOCTYPE, file)
    root = _tree(text, file, limits)
    problems = _beyond_limits(root, file, limits)
    if problems:
        raise UnreadableXml(problems)
    return root


def is_bpmn_beyond_limits(data: bytes, problems: Iterable[Problem]) -> bool:
    """Tell whether bytes that `parse` refused with these problems are BPMN, just too large or too deep."""
    return BPMN.encode() in data[:_HEAD].replace(b"\0", b"") and not any(found.rule in _NO_BPMN for found in problems)


def _unreadable(rule: Rule, file: str, **facts: Any) -> UnreadableXml:
    return UnreadableXml([rule.problem(file=file, **facts)])


def decoded(data: bytes, file: str) -> str:
    """Return the text of a file in one of the encodings that are read.

    Raises:
        UnreadableXml: It is in another.
    """
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise _unreadable(rules.WRONG_ENCODING, file, encoding="UTF-32")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        codec = "utf-16"
    elif data.startswith(b"<\0"):
        codec = "utf-16-le"
    elif data.startswith(b"\0<"):
        codec = "utf-16-be"
    else:
        codec = "utf-8-sig"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        raise _unreadable(
            rules.WRONG_ENCODING, file, encoding=f"bytes that are not {_SPELT.get(codec, codec.upper())}"
        ) from error
    declared = _DECLARED.match(text[:1000])
    known = _ALLOWED_ENCODINGS | _ASCII_SUPERSETS if data.isascii() else _ALLOWED_ENCODINGS
    if declared and declared[1].lower() not in known:
        raise _unreadable(rules.WRONG_ENCODING, file, encoding=declared[1])
    return text


def _has_doctype(text: str) -> bool:
    """Tell whether the prolog, the only place where XML allows one, has a document type declaration."""
    position = 0
    while part := _PROLOG_PART.match(text, position):
        position = part.end()
    return text.startswith("<!", position)


def _tree(text: str, file: str, limits: Limits) -> etree._Element:
    # The declaration is cut off because lxml would believe its encoding, though the text is decoded already.
    declared = _ANY_DECLARATION.match(text)
    if declared and not _DECLARATION.fullmatch(declared[1]):
        raise UnreadableXml([rules.MALFORMED.problem(file=file, line=1, reason="its XML declaration is none")])
    body = _ANY_DECLARATION.sub(_as_blank_lines, text, count=1)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
        ns_clean=False,
    )
    try:
        root = etree.fromstring(body.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, etree.XMLSyntaxError) else None
        if "Excessive depth" in str(error):  # the parser's own limit is 256
            raise UnreadableXml([rules.TOO_DEEP.problem(file=file, line=line, limit=limits.max_depth)]) from error
        reason = _PARSER_PLACE.sub("", str(error).splitlines()[0]) if str(error) else "it is empty"
        raise UnreadableXml([rules.MALFORMED.problem(file=file, line=line, reason=reason)]) from error
    return root


def _as_blank_lines(declaration: re.Match[str]) -> str:
    return "\n" * declaration[0].count("\n")


def _beyond_limits(root: etree._Element, file: str, limits: Limits) -> list[Problem]:
    problems: list[Problem] = []
    depth = nodes = elements = 0
    deepest: int | None = None
    for event, xml in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth += 1
        nodes += 1
        tag = str(xml.tag)
        elements += tag in NODE_KINDS
        if depth > limits.max_depth and deepest is None:
            deepest = xml.sourceline
        if len(xml.attrib) > limits.max_attributes:  # asked first: reading them costs their number squared
            raise _unreadable(
                rules.TOO_MANY_ATTRIBUTES, file, limit=limits.max_attributes, size=len(xml.attrib), tag=local(tag)
            )
        longest = max(map(len, xml.attrib.values()), default=0)
        if xml.text is not None:
            longest = max(longest, len(xml.text))
        if longest > limits.max_text:
            problem = rules.TEXT_TOO_LONG.problem(
                file=file, line=xml.sourceline, limit=limits.max_text, size=longest, tag=local(tag)
            )
            problems.append(problem)
    if deepest is not None:
        problems.append(rules.TOO_DEEP.problem(file=file, line=deepest, limit=limits.max_depth))
    if nodes > limits.max_xml_nodes:
        problems.append(rules.TOO_MANY_ELEMENTS.problem(file=file, limit=limits.max_xml_nodes, size=nodes))
    if elements > limits.max_elements:
        problems.append(rules.TOO_MANY_ELEMENTS.problem(file=file, limit=limits.max_elements, size=elements))
    return problems
