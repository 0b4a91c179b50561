"""What a BPMN file says arrives in the model; the rest is named as unread."""

from __future__ import annotations

import pytest

from engine.bpmn.model import (
    CallSettings,
    ElementKind,
    EventKind,
    Expression,
    Mapping_,
    MultiInstance,
    Timer,
    TimerKind,
)
from engine.bpmn.reader import read
from tests.support.bpmn_xml import bpmn_file, flow, line


def feel(text: str) -> Expression:
    return Expression(text, is_feel=True)


def literal(text: str) -> Expression:
    return Expression(text, is_feel=False)


def one(inside: str, **more: str):
    definitions = read(bpmn_file(inside, **more), "a.bpmn")
    assert not definitions.problems
    return definitions.processes[0]


def test_a_line_of_elements_with_flows_in_document_order():
    process = one(
        '<bpmn:startEvent id="Start"/><bpmn:userTask id="ตรวจ" name="ตรวจร่าง"/><bpmn:endEvent id="End"/>'
        + line("Start", "ตรวจ", "End")
    )

    assert list(process.elements) == ["Start", "ตรวจ", "End"]
    assert process.elements["ตรวจ"].incoming == ("Start_ตรวจ",)
    assert process.elements["ตรวจ"].outgoing == ("ตรวจ_End",)
    assert process.elements["ตรวจ"].name == "ตรวจร่าง"
    assert process.children == {"p": ("Start", "ตรวจ", "End")}
    assert process.executable


def test_flows_without_ids_are_named_by_their_ends():
    flows = '<bpmn:sequenceFlow sourceRef="a" targetRef="b"/>'
    taken = '<bpmn:sequenceFlow id="flow_a_b_2" sourceRef="b" targetRef="a"/>'
    process = one(f'<bpmn:task id="a"/><bpmn:task id="b"/>{flows}{taken}{flows}')

    assert list(process.flows) == ["flow_a_b", "flow_a_b_2", "flow_a_b_3"]
    assert process.elements["a"].outgoing == ("flow_a_b", "flow_a_b_3")


def test_settings_of_a_user_task():
    process = one(
        """<bpmn:userTask id="a"><bpmn:documentation>ระเบียบ ข้อ 18</bpmn:documentation><bpmn:extensionElements>
        <zeebe:userTask/><zeebe:assignmentDefinition assignee="= who" candidateGroups="a, b" candidateUsers="x"/>
        <zeebe:taskSchedule dueDate="P5D" followUpDate="=now()"/><zeebe:priorityDefinition priority="50"/>
        <zeebe:formDefinition formId="review"/>
        <zeebe:ioMapping><zeebe:input source="=x" target="y"/><zeebe:output source="ok" target="a.b"/></zeebe:ioMapping>
        <zeebe:properties><zeebe:property name="k" value="v"/></zeebe:properties>
        <saanphaen:clock rule="working" days="30">นับวัน</saanphaen:clock></bpmn:extensionElements></bpmn:userTask>""".replace(
            "<bpmn:userTask ", '<bpmn:userTask saanphaen:legalBasis="ม.53/1" '
        )
    )

    task = process.elements["a"]
    settings = task.user_task
    assert settings is not None
    assert settings.assignee == feel("who")
    assert settings.candidate_groups == literal("a, b")
    assert settings.due_date == literal("P5D")
    assert settings.follow_up_date == feel("now()")
    assert settings.priority == literal("50")
    assert settings.form_id == "review"
    assert task.inputs == (Mapping_(feel("x"), "y"),)
    assert task.outputs == (Mapping_(literal("ok"), "a.b"),)
    assert task.documentation == "ระเบียบ ข้อ 18"
    assert task.properties == {
        "k": "v",
        "saanphaen:legalBasis": "ม.53/1",
        "saanphaen:clock": "นับวัน",
        "saanphaen:clock.rule": "working",
        "saanphaen:clock.days": "30",
    }


def test_work_script_and_call():
    process = one(
        """<bpmn:serviceTask id="s"><bpmn:extensionElements><zeebe:taskDefinition type="plan.approve" retries="2"/>
        <zeebe:taskHeaders><zeebe:header key="k" value="v"/></zeebe:taskHeaders></bpmn:extensionElements></bpmn:serviceTask>
        <bpmn:scriptTask id="f"><bpmn:extensionElements><zeebe:script expression="=1+1" resultVariable="r"/>
        </bpmn:extensionElements></bpmn:scriptTask>
        <bpmn:callActivity id="c"><bpmn:extensionElements>
        <zeebe:calledElement processId="sub" bindingType="versionTag" versionTag="2570"
          propagateAllChildVariables="false" propagateAllParentVariables="false"/>
        </bpmn:extensionElements></bpmn:callActivity><bpmn:callActivity id="d" calledElement="other"/>"""
    )

    work, script = process.elements["s"].work, process.elements["f"].script
    assert work is not None
    assert (work.type, work.retries, work.headers) == (literal("plan.approve"), literal("2"), {"k": "v"})
    assert script is not None
    assert (script.expression, script.result_variable) == (feel("1+1"), "r")
    assert process.elements["c"].call == CallSettings(
        literal("sub"), "versionTag", "2570", propagate_all_parent_variables=False, propagate_all_child_variables=False
    )
    assert process.elements["d"].call == CallSettings(
        literal("other"), propagate_all_child_variables=True, is_standard=True
    )


def test_events_resolve_what_they_refer_to():
    process = one(
        """<bpmn:intermediateCatchEvent id="m"><bpmn:messageEventDefinition messageRef="M"/></bpmn:intermediateCatchEvent>
        <bpmn:boundaryEvent id="b" attachedToRef="t" cancelActivity="false"><bpmn:timerEventDefinition>
        <bpmn:timeCycle xsi:type="bpmn:tFormalExpression">R/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>
        <bpmn:task id="t"/><bpmn:endEvent id="e"><bpmn:errorEventDefinition errorRef="E"/></bpmn:endEvent>
        <bpmn:intermediateThrowEvent id="x"><bpmn:escalationEventDefinition escalationRef="X"/></bpmn:intermediateThrowEvent>
        <bpmn:intermediateThrowEvent id="s"><bpmn:signalEventDefinition signalRef="S"/></bpmn:intermediateThrowEvent>
        <bpmn:intermediateCatchEvent id="r"><bpmn:eventDefinitionRef>T</bpmn:eventDefinitionRef></bpmn:intermediateCatchEvent>
        <bpmn:receiveTask id="w" messageRef="M"/>""",
        roots="""<bpmn:message id="M" name="ส่งแผน"><bpmn:extensionElements><zeebe:subscription correlationKey="=unit"/>
        </bpmn:extensionElements></bpmn:message><bpmn:error id="E" name="n" errorCode="E1"/>
        <bpmn:escalation id="X" escalationCode="late"/><bpmn:signal id="S" name="all"/>
        <bpmn:timerEventDefinition id="T"><bpmn:timeDate>2026-10-01T00:00:00+07:00</bpmn:timeDate></bpmn:timerEventDefinition>""",
    )

    elements = process.elements
    message = elements["m"].events[0].message
    assert message is not None
    assert (message.name, message.correlation_key) == (literal("ส่งแผน"), feel("unit"))
    assert elements["w"].message == message
    assert elements["b"].events[0].timer == Timer(TimerKind.CYCLE, literal("R/PT1H"))
    assert not elements["b"].interrupting
    assert elements["t"].boundary == ("b",)
    assert elements["e"].events[0].code == literal("E1")
    assert elements["x"].events[0].code == literal("late")
    assert elements["s"].events[0].name == literal("all")
    assert elements["r"].event_kind is EventKind.TIMER
    assert elements["r"].events[0].timer == Timer(TimerKind.DATE, literal("2026-10-01T00:00:00+07:00"))


def test_multi_instance_and_nested_scopes():
    process = one(
        """<bpmn:subProcess id="outer"><bpmn:multiInstanceLoopCharacteristics isSequential="true">
        <bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=units" inputElement="unit"
          outputCollection="results" outputElement="=r"/></bpmn:extensionElements>
        <bpmn:completionCondition>=n &gt; 2</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>
        <bpmn:subProcess id="inner"><bpmn:task id="t"/></bpmn:subProcess></bpmn:subProcess>"""
    )

    assert process.children == {"p": ("outer",), "outer": ("inner",), "inner": ("t",)}
    assert process.elements["t"].scope == "inner"
    assert process.elements["outer"].multi_instance == MultiInstance(
        sequential=True,
        input_collection=feel("units"),
        input_element="unit",
        output_collection="results",
        output_element=feel("r"),
        completion_condition=feel("n > 2"),
    )


@pytest.mark.parametrize(
    ("written", "attributes", "read_as"),
    [
        ("= x &gt; 1", "", feel("x > 1")),
        ("true", "", feel("true")),
        ("x &gt; 1", 'language="http://www.omg.org/spec/FEEL/20140401"', feel("x > 1")),
        ("${x}", "", Expression("x", is_feel=True, written="${x}")),
        ("${x.y()}", "", literal("${x.y()}")),
        ("x", 'language="groovy"', Expression("x", is_feel=False, language="groovy")),
        ("<![CDATA[=a < b]]>", "", feel("a < b")),
    ],
)
def test_conditions_are_feel_when_they_say_so(written: str, attributes: str, read_as: Expression):
    xml = flow("a", "b", written).replace("<bpmn:conditionExpression", f"<bpmn:conditionExpression {attributes}")
    process = one(f'<bpmn:task id="a"/><bpmn:task id="b"/>{xml}')

    assert process.flows["a_b"].condition == read_as


def test_the_innermost_lane_is_the_elements_lane():
    process = one(
        """<bpmn:laneSet id="ls"><bpmn:lane id="l1" name="จังหวัด"><bpmn:flowNodeRef>a</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>b</bpmn:flowNodeRef><bpmn:childLaneSet id="cl"><bpmn:lane id="l2" name="ผู้ว่าฯ">
        <bpmn:flowNodeRef>b</bpmn:flowNodeRef></bpmn:lane></bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>
        <bpmn:task id="a"/><bpmn:task id="b"/>"""
    )

    assert process.elements["a"].lane == "จังหวัด"
    assert process.elements["b"].lane == "ผู้ว่าฯ"


def test_any_prefix_and_the_default_namespace_read_the_same():
    data = bpmn_file('<bpmn:startEvent id="s"/>' + '<bpmn:task id="t"/>' + line("s", "t"))
    other = data.replace(b"bpmn:", b"semantic:").replace(b":bpmn=", b":semantic=").replace(b"zeebe", b"z")
    bare = data.replace(b"bpmn:", b"").replace(b"xmlns:bpmn=", b"xmlns=")

    expected = read(data, "a.bpmn").processes

    assert read(other, "a.bpmn").processes == expected
    assert read(bare, "a.bpmn").processes == expected


def test_what_has_no_place_in_the_model_is_named():
    definitions = read(
        bpmn_file(
            """<bpmn:task id="a" quantity="2"><bpmn:rendering/><bpmn:extensionElements>
            <zeebe:taskDefinition type="x"/><zeebe:executionListeners/></bpmn:extensionElements></bpmn:task>
            <bpmn:textAnnotation id="note"/>""",
            roots='<bpmn:collaboration id="c"><bpmn:participant id="pool" processRef="p"/></bpmn:collaboration>',
        ),
        "a.bpmn",
    )

    named = {(u.element_id, u.tag.rpartition("}")[2], u.attribute) for u in definitions.unread}
    assert {
        ("a", "task", "quantity"),
        ("a", "rendering", None),
        ("a", "taskDefinition", None),
        ("a", "executionListeners", None),
        ("note", "textAnnotation", None),
        ("pool", "participant", None),
    } <= named


def test_no_element_may_have_the_id_of_its_process():
    definitions = read(bpmn_file('<bpmn:subProcess id="p"><bpmn:task id="t"/></bpmn:subProcess>'), "a.bpmn")

    assert [(p.rule, p.element_id) for p in definitions.problems] == [("duplicate_id", "p")]
    assert definitions.processes[0].children == {"p": ()}


def test_contradictions_are_reported_and_kept_out_of_the_model():
    definitions = read(
        bpmn_file(
            """<bpmn:task id="a" default="gone"><bpmn:incoming>nothing</bpmn:incoming></bpmn:task><bpmn:task id="a"/>
            <bpmn:boundaryEvent id="b" attachedToRef="nobody" cancelActivity="maybe"/><bpmn:task/>
            <bpmn:receiveTask id="r" messageRef="M"/>"""
            + flow("a", "x")
        ),
        "a.bpmn",
    )

    found = {(p.rule, p.element_id) for p in definitions.problems}
    assert found == {
        ("dangling_reference", "a"),
        ("duplicate_id", "a"),
        ("dangling_reference", "b"),
        ("bad_attribute", "b"),
        ("missing_id", None),
        ("dangling_reference", "r"),
        ("dangling_reference", "a_x"),
    }
    process = definitions.processes[0]
    assert process.flows == {}
    assert process.elements["b"].attached_to is None
    assert process.elements["a"].default_flow is None
    assert process.elements["r"].kind is ElementKind.RECEIVE_TASK


def test_what_joins_or_shows_other_elements_leads_to_some():
    inside = (
        '<bpmn:task id="a"/><bpmn:association id="drawn" sourceRef="a" targetRef="gone"/>'
        '<bpmn:dataObjectReference id="paper" dataObjectRef="gone"/><bpmn:dataStoreReference id="store" dataStoreRef="gone"/>'
        '<bpmn:association id="good" sourceRef="a" targetRef="paper"/>'
    )
    roots = (
        '<bpmn:collaboration id="c"><bpmn:participant id="pool" processRef="gone"/><bpmn:participant id="own" processRef="p"/>'
        '<bpmn:participant id="other" processRef="far:q"/><bpmn:messageFlow id="sent" sourceRef="a" targetRef="gone"/>'
        '<bpmn:messageFlow id="fine" sourceRef="a" targetRef="other"/></bpmn:collaboration>'
    )
    definitions = read(bpmn_file(inside, roots=roots, head='xmlns:far="http://example.org/far"'), "a.bpmn")

    assert {(p.rule, p.element_id) for p in definitions.problems} == {
        ("dangling_reference", name) for name in ("drawn", "paper", "store", "pool", "sent")
    }


@pytest.mark.parametrize("element_id", ["a#", "a b", "a:b", "a/b", "()", "&lt;"])
def test_ids_are_made_of_what_xml_names_are_made_of(element_id: str):
    definitions = read(bpmn_file(f'<bpmn:task id="{element_id}"/>'), "a.bpmn")

    assert [problem.rule for problem in definitions.problems] == ["bad_attribute"]
