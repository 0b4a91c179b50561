"""Data of the standard: objects, properties, inputs and outputs, and what moves along their associations."""

from __future__ import annotations

import pytest

from engine.bpmn.reader import read
from engine.spiff.steps import Wait
from engine.validation import validate
from tests.support.bpmn import Builder, process
from tests.unit.spiff.driver import Driver

OBJECTS = (
    '<bpmn:dataObject id="DO_1" name="order"/><bpmn:dataObject id="DO_2" isCollection="true"/>'
    '<bpmn:dataObjectReference id="DR_1" dataObjectRef="DO_1" name="Order"><bpmn:dataState name="new"/></bpmn:dataObjectReference>'
    '<bpmn:dataObjectReference id="DR_2" dataObjectRef="DO_2" name="ผลลัพธ์"/>'
)
SPECIFICATION = (
    '<bpmn:ioSpecification id="IO"><bpmn:dataInput id="in" name="given"/><bpmn:dataOutput id="out" name="made"/>'
    "<bpmn:inputSet><bpmn:dataInputRefs>in</bpmn:dataInputRefs></bpmn:inputSet>"
    "<bpmn:outputSet><bpmn:dataOutputRefs>out</bpmn:dataOutputRefs></bpmn:outputSet></bpmn:ioSpecification>"
)


def moves(direction: str, source: str, target: str, more: str = "") -> str:
    sources = "".join(f"<bpmn:sourceRef>{one}</bpmn:sourceRef>" for one in source.split())
    end = f"<bpmn:targetRef>{target}</bpmn:targetRef>" if target else ""
    return f"<bpmn:data{direction}Association>{sources}{end}{more}</bpmn:data{direction}Association>"


def _task(*associations: str, specification: str = SPECIFICATION) -> Builder:
    builder = process("p").start().service_task("t", "work").user_task("after").end().holds(OBJECTS)
    return builder.holds(specification + "".join(associations), "t")


def _job(run: Driver) -> Wait:
    return run.wait("t")


def test_a_data_object_is_a_variable_that_goes_in_and_another_that_comes_out() -> None:
    run = Driver(_task(moves("Input", "DR_1", "in"), moves("Output", "out", "DR_2")), {"order": {"total": 5}})
    assert _job(run).variables == {"given": {"total": 5}}
    run.complete("t", {"made": [1], "other": 2})

    assert run.variables == {"order": {"total": 5}, "ผลลัพธ์": [1]}


def test_an_association_may_transform_and_assign() -> None:
    transformation = "<bpmn:transformation>= order.total + extra</bpmn:transformation>"
    assignment = "<bpmn:assignment><bpmn:from>= made * 2</bpmn:from><bpmn:to>= order.total</bpmn:to></bpmn:assignment>"
    literal = "<bpmn:assignment><bpmn:from>fixed</bpmn:from><bpmn:to>in2</bpmn:to></bpmn:assignment>"
    specification = SPECIFICATION.replace("<bpmn:dataOutput ", '<bpmn:dataInput id="in2"/><bpmn:dataOutput ')
    builder = _task(
        moves("Input", "DR_1", "in", transformation),
        moves("Input", "", "in2", literal),
        moves("Output", "out", "DR_1", assignment),
        specification=specification,
    )
    run = Driver(builder, {"order": {"total": 5, "id": 7}, "extra": 1})
    assert _job(run).variables == {"given": 6, "in2": "fixed"}
    run.complete("t", {"made": 4})

    assert run.variables == {"order": {"total": 8, "id": 7}, "extra": 1}


def test_an_object_without_value_is_null_and_nothing_waits_for_it() -> None:
    run = Driver(_task(moves("Input", "DR_1", "in"), moves("Output", "out", "DR_2")))
    assert _job(run).variables == {"given": None}
    run.complete("t")
    assert run.variables == {"ผลลัพธ์": None}


def test_what_is_only_drawn_moves_nothing() -> None:
    drawn = '<bpmn:property id="P" name="__targetRef_placeholder"/>' + moves("Input", "DR_1", "P")
    store = moves("Input", "STORE", "P") + moves("Output", "", "STORE") + moves("Output", "", "DR_2")
    builder = _task(drawn + store, specification="").holds('<bpmn:dataStoreReference id="STORE" name="archive"/>')
    assert validate({"a.bpmn": builder.xml()}).problems == ()
    run = Driver(builder, {"order": 1})
    assert _job(run).variables == {"order": 1}
    run.complete("t", {"made": 2})

    assert run.variables == {"order": 1, "made": 2}


def test_the_data_objects_of_a_sub_process_are_its_own_each_time() -> None:
    builder = process("p").start()
    inside = builder.inner().start("in_s").user_task("t").user_task("u").end("out_s")
    inside.holds('<bpmn:dataObject id="D" name="note"/>').holds(SPECIFICATION + moves("Output", "out", "D"), "t")
    builder.sub("sub", inside, each="= [1, 2]", item="i", collect="notes", result="= note").end()
    run = Driver(builder, {"note": "outside"})
    run.complete("t", {"made": "first"}).complete("t", {"made": "second"})
    run.complete("u", nth=1).complete("u")

    assert run.variables == {"note": "outside", "notes": ["first", "second"]}


def test_a_property_belongs_to_its_activity() -> None:
    builder = process("p").start().user_task("t").end().holds(OBJECTS)
    builder.holds(
        '<bpmn:property id="pr" name="seen"/>' + moves("Input", "DR_1", "pr") + moves("Output", "pr", "DR_2"), "t"
    )
    run = Driver(builder, {"order": 3})
    assert run.wait("t").variables == {"seen": 3}
    run.complete("t")

    assert run.variables == {"order": 3, "ผลลัพธ์": 3}


def test_a_multi_instance_goes_over_a_data_object_as_the_standard_says() -> None:
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>in</bpmn:loopDataInputRef>"
        "<bpmn:loopDataOutputRef>out</bpmn:loopDataOutputRef>"
        '<bpmn:inputDataItem id="one"/><bpmn:outputDataItem id="result"/></bpmn:multiInstanceLoopCharacteristics>'
    )
    builder = process("p").start().user_task("t").end().holds(OBJECTS)
    builder.holds(SPECIFICATION + moves("Input", "DR_1", "in") + moves("Output", "out", "DR_2") + loop, "t")
    assert validate({"a.bpmn": builder.xml()}).errors == ()
    run = Driver(builder, {"order": ["ก", "ข"]})
    assert [run.wait("t", nth).variables["one"] for nth in (0, 1)] == ["ก", "ข"]
    run.complete("t", {"result": 2}, nth=1).complete("t", {"result": 1})

    assert run.variables["ผลลัพธ์"] == [1, 2]
    assert "result" not in run.variables


def test_a_call_hands_over_its_data_inputs_alone() -> None:
    builder = process("p").start().call("c", "other").user_task("after").end().holds(OBJECTS)
    builder._nodes["c"].extensions.clear()
    builder.set("c", calledElement="other")
    builder.holds(SPECIFICATION + moves("Input", "DR_1", "in") + moves("Output", "out", "DR_2"), "c")
    run = Driver(builder, {"order": 1, "secret": 2})
    assert run.wait("c").variables == {"given": 1}
    run.child("c", {"made": 9, "given": 1})

    assert run.variables == {"order": 1, "secret": 2, "ผลลัพธ์": 9}


def test_events_take_what_they_throw_and_keep_what_they_catch() -> None:
    builder = (
        process("p").start().throw("send", message="told", key_="= key").catch("hear", message="back", key_="= key")
    )
    builder.end().holds(OBJECTS)
    builder.holds('<bpmn:dataInput id="in" name="content"/>' + moves("Input", "DR_1", "in"), "send")
    builder.holds('<bpmn:dataOutput id="out" name="content"/>' + moves("Output", "out", "DR_2"), "hear")
    run = Driver(builder, {"order": 5, "key": "k"})
    assert run.messages[0].variables == {"content": 5}
    run.fire("hear", {"content": 6, "other": 7})

    assert run.variables == {"order": 5, "key": "k", "ผลลัพธ์": 6}


@pytest.mark.parametrize(
    "association",
    [
        moves("Input", "STORE", "in"),
        moves("Output", "out", "STORE"),
        moves("Input", "gone", "in"),
        moves("Input", "DR_1 DR_2", "in"),
        moves("Input", "DR_1", "in", "<bpmn:assignment><bpmn:from>= 1</bpmn:from></bpmn:assignment>"),
    ],
)
def test_what_cannot_be_moved_is_refused(association: str) -> None:
    builder = _task(association).holds('<bpmn:dataStoreReference id="STORE" name="archive"/>')
    found = {(problem.rule, problem.element_id) for problem in validate({"a.bpmn": builder.xml()}).errors}

    assert found & {("data_association", "t"), ("not_executed", "t")}


def test_names_that_are_no_word_are_told_apart_by_their_ids() -> None:
    objects = '<bpmn:dataObject id="D-1" name="the order"/><bpmn:dataObject id="D.2" name="the order"/>'
    builder = process("p").start().user_task("t").end().holds(objects)
    builder.holds(SPECIFICATION + moves("Input", "D-1", "in") + moves("Output", "out", "D.2"), "t")
    (element,) = [e for e in read(builder.xml(), "a").processes[0].elements.values() if e.id == "t"]

    assert [(m.source.text, m.target) for m in (*element.inputs, *element.outputs)] == [
        ("D_1", "given"),
        ("made", "D_2"),
    ]
