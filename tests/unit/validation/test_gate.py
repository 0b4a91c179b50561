"""Whole bundles: several files at once, forms and decisions beside them, rules of the host, limits."""

from __future__ import annotations

from engine.bpmn.limits import Limits
from engine.problems import Problem
from engine.validation import GATE_RULES, Known, validate
from tests.support.bpmn_xml import bpmn_file, line

S = '<bpmn:startEvent id="s"/>'
GOOD = bpmn_file(S + '<bpmn:task id="x"/>' + line("s", "x"))


def with_form(form: str) -> bytes:
    setting = f'<bpmn:extensionElements><zeebe:formDefinition formId="{form}"/></bpmn:extensionElements>'
    return bpmn_file(f'{S}<bpmn:userTask id="x">{setting}</bpmn:userTask>' + line("s", "x"))


def calling(process_id: str, called: str) -> bytes:
    setting = f'<bpmn:extensionElements><zeebe:calledElement processId="{called}"/></bpmn:extensionElements>'
    activity = f'<bpmn:callActivity id="x">{setting}</bpmn:callActivity>'
    return bpmn_file(S + activity + line("s", "x"), process_id=process_id)


def found(files: dict[str, bytes], **more) -> list[tuple[str, str]]:
    return [(problem.rule, problem.file) for problem in validate(files, **more).problems]


def test_a_good_bundle_has_no_problems():
    result = validate({"a.bpmn": with_form("review"), "forms/review.form": b'{"components": []}'})

    assert result.deployable
    assert result.problems == ()
    assert [definitions.file for definitions in result.definitions] == ["a.bpmn"]


def test_all_files_are_checked_even_when_one_cannot_be_read():
    files = {"a.bpmn": b"<broken", "b.bpmn": bpmn_file(""), "c.form": b"[]", "d.form": b"{", "e.bpmn": GOOD}

    result = validate(files)

    assert not result.deployable
    assert result.unreadable == {"a.bpmn"}
    assert {(p.rule, p.file) for p in result.problems} == {
        ("form_json", "c.form"),
        ("form_json", "d.form"),
        ("malformed_xml", "a.bpmn"),
        ("no_start", "b.bpmn"),
        ("duplicate_process", "e.bpmn"),
    }


def test_a_form_is_found_by_the_id_written_in_it_else_by_its_file_name():
    assert found({"a.bpmn": with_form("x"), "other.form": b'{"id": "x"}'}) == []
    assert found({"a.bpmn": with_form("other"), "other.form": b'{"id": "x"}'}) == [("unknown_form", "a.bpmn")]
    assert found({"a.bpmn": with_form("other")}, known=Known(forms=frozenset({"other"}))) == []
    twice = {"a.bpmn": GOOD, "x.form": b"{}", "y.form": b'{"id": "x"}'}
    assert found(twice) == [("duplicate_form", "y.form")]


def test_calls_into_the_bundle_or_to_what_is_deployed_are_known():
    assert found({"a.bpmn": calling("a", "b")}) == [("unknown_process", "a.bpmn")]
    assert found({"a.bpmn": calling("a", "b")}, known=Known(processes=frozenset({"b"}))) == []
    assert found({"a.bpmn": calling("a", "b"), "b.bpmn": calling("b", "p"), "c.bpmn": GOOD}) == []
    ring = {"a.bpmn": calling("a", "b"), "b.bpmn": calling("b", "c"), "c.bpmn": calling("c", "b")}
    assert found(ring) == [("call_recursion", "a.bpmn")]


def test_a_long_chain_of_calls_needs_no_stack():
    files = {f"{n}.bpmn": calling(f"p{n}", f"p{n + 1}") for n in range(2_000)} | {"end.bpmn": calling("p2000", "p0")}

    result = validate(files, limits=Limits(max_files=3_000))

    assert [problem.rule for problem in result.problems] == ["call_recursion"]


def test_decision_files_are_checked_with_the_bundle():
    one = b'<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m"><decision id="d" name="d"><literalExpression><text>1</text></literalExpression></decision></definitions>'

    assert found({"a.bpmn": GOOD, "a.dmn": one}) == []
    assert found({"a.dmn": one}) == []
    assert found({"a.bpmn": GOOD, "a.dmn": b"<definitions/>"}) == [("not_dmn", "a.dmn")]
    assert found({"a.bpmn": GOOD, "a.dmn": one, "b.DMN": one}) == [("decision_twice", "b.DMN")]
    assert list(validate({"a.dmn": one}).decisions.files) == ["a.dmn"]


def test_limits_hold_for_every_file_and_for_their_number():
    small = Limits(max_bytes=2_000, max_files=2)

    assert found({"a.bpmn": GOOD, "b.form": b" " * 2_001}, limits=small) == [("file_too_large", "b.form")]
    assert found({"a.bpmn": GOOD, "b.form": b"{}", "c.form": b"{}"}, limits=small) == [("too_many_files", "")]
    assert found({"b.form": b"{}"}) == [("no_process_file", "")]
    assert found({}) == [("no_process_file", "")]
    assert [rule for rule, _ in found({"a.zip": b"PK\x03\x04"})] == ["malformed_xml"]


def test_deeply_nested_json_is_a_problem_not_a_crash():
    assert found({"a.bpmn": GOOD, "b.form": b"[" * 200_000}) == [("form_json", "b.form")]
    assert found({"a.bpmn": GOOD, "b.form": b"\xff\xfe\xff"}) == [("form_json", "b.form")]


def test_a_flood_of_warnings_refuses_nothing():
    lonely = "".join(f'<bpmn:task id="t{n}"/>' for n in range(60))
    data = bpmn_file(S + lonely + '<bpmn:task id="x" odd="1"/>' + line("s", "x"))

    only = validate({"a.bpmn": data.replace(b' odd="1"', b"")}, limits=Limits(max_problems=50))
    mixed = validate({"a.bpmn": data}, limits=Limits(max_problems=50))

    assert only.deployable
    assert only.problems[-1].rule == "too_many_warnings"
    assert [problem.rule for problem in mixed.errors] == ["not_executed", "too_many_problems"]


def test_a_flood_of_problems_is_cut_and_says_so():
    data = bpmn_file(
        S + "".join(f'<bpmn:startEvent id="g{n}"><bpmn:cancelEventDefinition/></bpmn:startEvent>' for n in range(60))
    )

    result = validate({"a.bpmn": data}, limits=Limits(max_problems=50))

    assert len(result.problems) == 51
    assert result.problems[-1].rule == "too_many_problems"
    assert not result.deployable


def test_rules_of_the_host_see_the_definitions_and_the_other_files():
    def role_rule(definitions, resources):
        return [
            Problem(
                "unknown_role", f"{element.id} {sorted(resources)}", "Use a known role.", element.id, definitions.file
            )
            for process in definitions.processes
            for element in process.elements.values()
            if element.kind == "userTask"
        ]

    result = validate({"a.bpmn": with_form("f"), "f.form": b"{}"}, rules=[role_rule])

    assert [(p.rule, p.message) for p in result.errors] == [("unknown_role", "x ['f.form']")]


def test_facts_let_a_host_say_the_same_in_another_language():
    problems = validate({"a.bpmn": calling("a", "แผน")}).problems

    assert problems[0].facts == {"process": "แผน"}
    rule = GATE_RULES[problems[0].rule]
    assert rule.message.format(**problems[0].facts) == problems[0].message
    assert rule.remedy.format(**problems[0].facts) == problems[0].remedy


def test_notes_drawings_and_a_pool_around_one_process_are_no_concern():
    data = bpmn_file(
        """<bpmn:documentation>note</bpmn:documentation><bpmn:laneSet id="ls"><bpmn:lane id="l" name="L">
        <bpmn:flowNodeRef>x</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet><bpmn:startEvent id="s"/>
        <bpmn:task id="x" startQuantity="1" completionQuantity="1" zeebe:modelerTemplate="t"
          xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" bioc:fill="#fff"/>
        <bpmn:exclusiveGateway id="g" gatewayDirection="Unspecified"/><bpmn:endEvent id="e"/>
        <bpmn:textAnnotation id="n"><bpmn:text>note</bpmn:text></bpmn:textAnnotation>
        <bpmn:association id="as" sourceRef="x" targetRef="n"/><bpmn:group id="gr" categoryValueRef="cv"/>
        <bpmn:dataObjectReference id="dr" dataObjectRef="d"/><bpmn:dataObject id="d"/>"""
        + line("s", "x", "g", "e"),
        roots="""<bpmn:collaboration id="c"><bpmn:participant id="pool" processRef="p"/>
        <bpmn:participant id="black" name="กระทรวง"/><bpmn:messageFlow id="mf" sourceRef="black" targetRef="x"/>
        </bpmn:collaboration><bpmn:category id="cat"><bpmn:categoryValue id="cv"/></bpmn:category>
        <bpmn:itemDefinition id="i" structureRef="x"/>""",
        head='exporter="Camunda Modeler" exporterVersion="5.31" expressionLanguage="http://www.w3.org/1999/XPath"',
    ).replace(
        b"</bpmn:definitions>",
        b'<di:BPMNDiagram xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" id="diagram"><di:BPMNPlane id="x"/>'
        b"</di:BPMNDiagram></bpmn:definitions>",
    )

    result = validate({"a.bpmn": data})

    assert result.problems == ()
    assert result.definitions[0].has_diagram
    assert result.definitions[0].exporter == "Camunda Modeler"
