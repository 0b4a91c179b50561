"""The gate's domain rules: unknown roles, forms, fields, handlers and due steps are named with their element."""

from __future__ import annotations

import json

import pytest

from engine.bpmn.limits import Limits
from engine.bpmn.reader import read
from workflows.rules import definition_rules

DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  targetNamespace="t"><bpmn:process id="p" isExecutable="true"><bpmn:startEvent id="s" />
  <bpmn:userTask id="draft" name="ยกร่าง"><bpmn:extensionElements><zeebe:userTask />{uses}{groups}
    <zeebe:taskSchedule dueDate="=&quot;{due}&quot;" /></bpmn:extensionElements></bpmn:userTask>
  <bpmn:serviceTask id="keep"><bpmn:extensionElements><zeebe:taskDefinition type="{work}" /></bpmn:extensionElements>
  </bpmn:serviceTask>
  <bpmn:callActivity id="consult"><bpmn:extensionElements><zeebe:calledElement processId="consultation" />
    <zeebe:ioMapping><zeebe:input source="=&quot;{called}@&quot; + unit" target="convener" /></zeebe:ioMapping>
  </bpmn:extensionElements></bpmn:callActivity>
  <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="draft" /><bpmn:sequenceFlow id="f2" sourceRef="draft" targetRef="keep" />
  <bpmn:sequenceFlow id="f3" sourceRef="keep" targetRef="consult" /></bpmn:process></bpmn:definitions>"""
FORM = {"type": "default", "id": "plan-draft", "components": [{"type": "textfield", "key": "note", "label": "บันทึก"}]}


def problems(form: object = FORM, **changes: str) -> list[tuple[str | None, str]]:
    parts = {
        "uses": '<zeebe:formDefinition formId="plan-draft" />',
        "groups": '<zeebe:assignmentDefinition candidateGroups="=&quot;province_strategy@&quot; + unit" />',
        "due": "cycle:draft",
        "work": "plan.open",
        "called": "governor",
    } | changes
    definitions = read(DIAGRAM.format(**parts).encode(), "p.bpmn", Limits())
    rules = definition_rules(roles={"province_strategy", "governor"}, handlers={"plan.open"})
    resources = {"plan-draft.form": json.dumps(form).encode()}
    return [(found.element_id, found.rule) for rule in rules for found in rule(definitions, resources)]


def test_a_known_diagram_has_no_problems() -> None:
    assert problems() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"groups": '<zeebe:assignmentDefinition candidateGroups="planer@TH-52" />'}, ("draft", "unknown_role")),
        (
            {"groups": '<zeebe:assignmentDefinition candidateGroups="governor@TH-52, x@TH" />'},
            ("draft", "unknown_role"),
        ),
        ({"groups": ""}, ("draft", "nobody_may_take_it")),
        ({"called": "ผู้ว่า"}, ("consult", "unknown_role")),
        ({"uses": ""}, ("draft", "task_without_form")),
        ({"work": "plan.opne"}, ("keep", "unknown_handler")),
        ({"due": "cycle:drafting"}, ("draft", "unknown_due_step")),
    ],
)
def test_what_the_product_does_not_know_is_named_with_its_element(
    changes: dict[str, str], expected: tuple[str, str]
) -> None:
    assert problems(**changes) == [expected]


@pytest.mark.parametrize(
    ("component", "rule"),
    [
        ({"type": "html", "content": "<b>x</b>"}, "form_field_type"),
        ({"type": "number", "label": "จำนวน"}, "form_field_key"),
        ({"type": "group", "components": "none"}, "form_shape"),
        ({"type": "textfield", "key": "note"}, "form_field_twice"),
    ],
    ids=["unknown type", "no key", "no list", "key twice"],
)
def test_a_field_outside_the_subset_is_refused(component: dict[str, object], rule: str) -> None:
    form = FORM | {"components": [*FORM["components"], component]}

    assert {found for _element, found in problems(form)} == {rule}
