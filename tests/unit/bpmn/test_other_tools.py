"""Executable files of other engines: what has an equal meaning is taken over, everything else is refused by name."""

from __future__ import annotations

from engine import ProcessEngine
from engine.bpmn.model import Expression, Mapping_
from engine.bpmn.reader import read
from engine.validation import Known, validate
from tests.support.bpmn_xml import bpmn_file, line
from tests.support.foreign_files import CAMUNDA_7, FLOWABLE, JAVA_IN_IT, JBPM, SPIFFWORKFLOW

KNOWN = Known(processes=frozenset({"shipping"}), forms=frozenset({"approve", "leaveForm"}))


def told(data: bytes, severity: str) -> set[tuple[str | None, str]]:
    result = validate({"a.bpmn": data}, known=KNOWN)
    return {(problem.element_id, problem.rule) for problem in result.problems if problem.severity == severity}


def elements(data: bytes):
    (process,) = read(data, "a.bpmn").processes
    return process, process.elements


def translated(written: str, feel: str) -> Expression:
    return Expression(feel, is_feel=True, written=written)


def literal(text: str) -> Expression:
    return Expression(text, is_feel=False)


def feel(text: str) -> Expression:
    return Expression(text, is_feel=True)


def test_camunda_7_is_taken_over_whole():
    process, found = elements(CAMUNDA_7)

    task = found["approve"].user_task
    assert task.assignee == translated("${starter}", "starter")
    assert task.candidate_groups == translated("sales, ${extra}", '"sales, " + string(extra)')
    assert (task.due_date, task.priority) == (literal("P5D"), literal("60"))
    assert (task.form_id, task.form_binding) == ("approve", "latest")
    assert found["approve"].inputs == (
        Mapping_(translated("Approve ${amount}", '"Approve " + string(amount)'), "title"),
        Mapping_(feel('["a", extra]'), "people"),
        Mapping_(feel('{"k v": "1"}'), "box"),
    )
    assert found["approve"].outputs == (Mapping_(translated("${ok}", "ok"), "approved"),)
    assert found["approve"].properties == {"x": "y"}
    assert (found["pay"].work.type, found["pay"].work.retries) == (literal("payments"), literal("5"))
    assert found["double"].script.result_variable == "twice"
    call, loop = found["ship"].call, found["ship"].multi_instance
    assert (call.process_id, call.binding) == (literal("shipping"), "latest")
    assert not call.propagate_all_parent_variables
    assert not call.propagate_all_child_variables
    assert [mapping.target for mapping in found["ship"].inputs] == ["sum", "next"]
    assert (loop.input_collection, loop.input_element) == (feel("rows"), "row")
    assert loop.completion_condition.text == "numberOfCompletedInstances >= 2"
    assert process.version_tag == "1.4"
    assert told(CAMUNDA_7, "error") == set()
    assert {rule for _, rule in told(CAMUNDA_7, "warning")} == {"expression_translated"}


def test_flowable_and_activiti_are_taken_over_whole():
    _, found = elements(FLOWABLE)

    assert found["ask"].user_task.form_id == "leaveForm"
    assert found["decide"].user_task.candidate_users == literal("kermit")
    assert found["decide"].user_task.candidate_groups == literal("management,sales")
    assert found["boss"].user_task.assignee == translated("${boss}", "boss")
    assert found["mail"].work.type == literal("mail")
    assert found["sum"].script.expression == translated("#{a + b}", "a + b")
    assert found["call"].call.propagate_all_parent_variables
    assert not found["call"].call.propagate_all_child_variables
    assert told(FLOWABLE, "error") == set()
    assert ("leave", "assumed_executable") in told(FLOWABLE, "warning")


def test_who_declares_this_dialect_says_what_is_executable():
    both = FLOWABLE.replace(b"<definitions ", b'<definitions xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" ')

    assert ("leave", "assumed_executable") not in told(both, "warning")


def test_java_listeners_scripts_and_forms_are_refused_as_such():
    assert told(JAVA_IN_IT, "error") >= {
        ("s", "foreign_extension"),
        ("s", "embedded_form"),
        ("class", "foreign_code"),
        ("bean", "foreign_code"),
        ("method", "foreign_code"),
        ("heard", "listener"),
        ("heard", "vendor_expression"),
        ("groovy", "foreign_script"),
        ("script", "foreign_extension"),
        ("embedded", "embedded_form"),
        ("local", "foreign_extension"),
    }


def test_jbpm_people_and_work_items_are_taken_over_and_java_is_refused():
    _, found = elements(JBPM)

    task = found["self"].user_task
    assert (task.assignee, task.candidate_groups) == (translated("#{employee}", "employee"), literal("HR,PM"))
    assert found["self"].properties == {"TaskName": "Performance"}
    assert (found["mail"].kind, found["mail"].work.type) == ("serviceTask", literal("Email"))
    errors = told(JBPM, "error")
    assert {("yes", "foreign_language"), ("print", "foreign_script")} <= errors
    assert {element for element, _ in errors} == {"yes", "print"}


def test_spiffworkflow_operators_are_work_and_python_is_refused():
    _, found = elements(SPIFFWORKFLOW)

    assert found["get"].work.type == literal("http/Get")
    assert found["get"].inputs == (Mapping_(feel('"http://x"'), "url"), Mapping_(feel("n"), "n"))
    assert found["wait"].events[0].timer.value == literal("PT1S")
    assert found["ask"].properties == {"k": "v", "instructionsForEndUser": "Hi"}
    assert told(SPIFFWORKFLOW, "error") == {
        ("yes", "foreign_language"),
        ("ask", "foreign_script"),
        ("ask", "form_key"),
    }


def test_a_camunda_7_process_runs_as_it_says():
    shipping = bpmn_file(
        '<bpmn:startEvent id="s"/><bpmn:scriptTask id="pack"><bpmn:extensionElements>'
        '<zeebe:script expression="=sum + next" resultVariable="parcel"/></bpmn:extensionElements></bpmn:scriptTask>'
        + line("s", "pack"),
        process_id="shipping",
    )
    engine = ProcessEngine.open("sqlite://")
    engine.deploy({"invoice.bpmn": CAMUNDA_7, "ship.bpmn": shipping, "approve.form": b'{"id": "approve"}'})

    run = engine.start("invoice", {"amount": 5000, "extra": "board", "rows": [1, 2, 3]}, actor="somchai")
    (task,) = engine.tasks(instance_id=run.id)
    assert (task.assignee, set(task.candidate_groups)) == ("somchai", {"sales", "board"})
    engine.complete(task.id, {"ok": True}, "somchai")
    (job,) = engine.fetch_jobs("payments", worker="w")
    engine.finish_job(job.id, worker="w")
    engine.run_due()

    with engine.reading() as read_only:
        latest = read_only.deployments.latest("invoice").id
        assert read_only.deployments.xml(latest) == CAMUNDA_7
        assert b"BPMNShape" in read_only.deployments.drawing(latest)
    variables = engine.variables(run.id)
    engine.close()
    assert (variables["starter"], variables["approved"], variables["twice"]) == ("somchai", True, 10_000)
    assert variables["parcel"] == 10_003  # of the second row: the third is not reached
