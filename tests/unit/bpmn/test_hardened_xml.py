"""Hostile, broken and oversized bytes get a clear answer; nothing is fetched, expanded or recursed into."""

from __future__ import annotations

import sys

import pytest

from engine.bpmn.limits import Limits
from engine.bpmn.reader import UnreadableXml, read
from tests.support.bpmn_xml import bpmn_file, line

GOOD = bpmn_file('<bpmn:startEvent id="s"/><bpmn:task id="ตรวจ"/>' + line("s", "ตรวจ"))
BODY = GOOD.decode().partition("\n")[2]
BOMB = "<!DOCTYPE x [" + '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">' + "]>"
MANY = " ".join(f"a{number}=''" for number in range(50_000))
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def rules_of(data: bytes, limits: Limits | None = None) -> list[str]:
    with pytest.raises(UnreadableXml) as caught:
        read(data, "a.bpmn", limits or Limits())
    assert all(problem.file == "a.bpmn" and problem.remedy for problem in caught.value.problems)
    return [problem.rule for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "malformed_xml"),
        (b"   ", "malformed_xml"),
        (b"not xml", "malformed_xml"),
        (b"\x00" * 100, "malformed_xml"),
        (bytes(range(256)), "wrong_encoding"),
        (GOOD.replace(b"startEvent", b"start\x00Event"), "malformed_xml"),
        (GOOD[:-20], "malformed_xml"),
        (b"<?xml version='1.0'?>" + BOMB.encode() + BODY.encode(), "doctype"),
        (b"<!-- note -->\n<?pi x?>\n" + EXTERNAL.encode() + BODY.encode(), "doctype"),
        (BODY.encode().replace(b'id="p"', b'id="p" name="&lol;"'), "malformed_xml"),
        (b'<?xml version="1.0" encoding="UTF-7"?>' + BODY.encode("utf-7"), "wrong_encoding"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?>' + BODY.encode(), "wrong_encoding"),
        (b'<?xml version="1.0" encoding="TIS-620"?>' + BODY.encode("tis-620"), "wrong_encoding"),
        (BODY.encode("utf-32"), "wrong_encoding"),
        (b"<html/>", "not_bpmn"),
        (b'<definitions xmlns="http://schema.omg.org/spec/BPMN/2.0"/>', "not_bpmn"),
        (
            b'<?xml-stylesheet href="http://127.0.0.1:1/x.xsl"?><a xmlns:xi="http://www.w3.org/2001/XInclude"/>',
            "not_bpmn",
        ),
    ],
)
def test_what_is_no_bpmn_xml_is_refused_in_words(data: bytes, rule: str):
    assert rules_of(data) == [rule]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_utf_8_and_utf_16_read_the_same(encoding: str):
    assert read(BODY.encode(encoding), "a.bpmn").processes[0].elements.keys() == {"s", "ตรวจ"}


def test_a_latin_declaration_over_plain_ascii_is_read():
    data = b'<?xml version="1.0" encoding="ISO-8859-1"?>' + bpmn_file('<bpmn:task id="t"/>').partition(b"\n")[2]

    assert "t" in read(data, "a.bpmn").processes[0].elements


def test_the_word_doctype_inside_the_document_is_only_text():
    data = bpmn_file('<bpmn:task id="t"><bpmn:documentation><![CDATA[<!DOCTYPE x>]]></bpmn:documentation></bpmn:task>')

    assert read(data, "a.bpmn").processes[0].elements["t"].documentation == "<!DOCTYPE x>"


@pytest.mark.parametrize(
    ("inside", "limits", "rule"),
    [
        ("<bpmn:task id='t'/>" * 11, Limits(max_elements=10), "too_many_elements"),
        ("<bpmn:a/>" * 200, Limits(max_xml_nodes=100), "too_many_elements"),
        ("<bpmn:a/>" * 300, Limits(max_xml_nodes=100), "too_many_elements"),
        ("<bpmn:a>" * 60 + "</bpmn:a>" * 60, Limits(max_depth=50), "too_deep"),
        (f"<bpmn:task id='t' name='{'x' * 200}'/>", Limits(max_text=100), "text_too_long"),
        (f"<bpmn:documentation>{'x' * 200}</bpmn:documentation>", Limits(max_text=100), "text_too_long"),
        ("", Limits(max_bytes=100), "file_too_large"),
        (f"<bpmn:task {MANY}/>", Limits(), "too_many_attributes"),
    ],
)
def test_limits_are_settings(inside: str, limits: Limits, rule: str):
    assert rules_of(bpmn_file(inside), limits) == [rule]


@pytest.mark.parametrize("depth", [220, 300, 5_000])
def test_nesting_is_refused_for_its_depth_far_beyond_the_limit_of_the_parser(depth: int):
    assert rules_of(bpmn_file("<bpmn:a>" * depth + "</bpmn:a>" * depth)) == ["too_deep"]


def test_a_huge_file_is_refused_by_its_size_alone():
    assert rules_of(bytes(100_000_000)) == ["file_too_large"]


def test_names_beyond_the_limit_are_named_with_their_element():
    definitions = read(bpmn_file(f'<bpmn:task id="t" name="{"ก" * 256}"/>'), "a.bpmn")

    assert [(p.rule, p.element_id, p.facts["size"]) for p in definitions.problems] == [("name_too_long", "t", "256")]


def test_reading_needs_no_stack_for_depth_or_length():
    depth = 45
    ids = [f"t{number}" for number in range(2_000)]
    inside = "".join(f'<bpmn:subProcess id="s{n}">' for n in range(depth)) + "</bpmn:subProcess>" * depth
    tasks = "".join(f'<bpmn:task id="{task}"/>' for task in ids)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(_frames() + 60)
    try:
        definitions = read(bpmn_file(inside + tasks + line(*ids)), "a.bpmn")
    finally:
        sys.setrecursionlimit(limit)

    assert len(definitions.processes[0].elements) == depth + len(ids)


def _frames() -> int:
    frame, count = sys._getframe(), 0
    while frame is not None:
        frame, count = frame.f_back, count + 1
    return count


@pytest.mark.parametrize(
    "declaration",
    [
        '<?xml version="=("?>',
        '<?xml version="1.0?>',
        "<?xml?>",
        '<?xml version="1.0" standalone="maybe"?>',
        '<?xml encoding="UTF-8"?>',
    ],
)
def test_a_declaration_that_is_none_is_told(declaration: str):
    assert rules_of(declaration.encode() + BODY.encode()) == ["malformed_xml"]


@pytest.mark.parametrize(
    "declaration",
    [
        "<?xml version='1.0'?>",
        '<?xml version="1.1" encoding="UTF-8" standalone="yes" ?>',
        '\n<?xml\n version = "1.0"?>',
        "",
    ],
)
def test_a_declaration_as_tools_write_it_is_read(declaration: str):
    assert read(declaration.encode() + BODY.encode(), "a.bpmn", Limits()).processes
