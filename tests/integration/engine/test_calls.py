"""Call activities: a child of its own, mapped both ways, gone with its parent, its errors caught by the caller."""

from __future__ import annotations

from tests.support.bpmn import process
from tests.support.driver import Driver


def test_a_child_gets_its_inputs_and_gives_its_outputs_back(driver: Driver) -> None:
    driver.deploy(
        process("child").start().user_task("work").end(),
        process("parent")
        .start()
        .call("ask", "child", inputs={"question": "= topic"}, outputs={"result": "= answer"})
        .user_task("after")
        .end(),
    )
    parent = driver.start("parent", {"topic": "ถนน"}, "TH-52")

    (child,) = driver.engine.instances(parent_id=parent.id)
    assert (child.process_id, child.root_id, child.parent_element_id) == ("child", parent.id, "ask")
    assert driver.variables(child)["question"] == "ถนน"
    driver.complete("work", {"answer": 42}, instance=child)

    assert driver.state(child) == "completed"
    assert driver.open(parent) == ["after"]
    assert driver.variables(parent)["result"] == 42
    assert "answer" not in driver.variables(parent)


def test_cancelling_a_run_cancels_the_tree_below_it(driver: Driver) -> None:
    driver.deploy(
        process("leaf").start().user_task("work").end(),
        process("middle").start().call("down", "leaf").end(),
        process("root").start().call("down", "middle").end(),
    )
    root = driver.start("root")
    assert driver.open() == ["work"]

    driver.engine.cancel(root.id, reason="withdrawn", actor="admin")

    assert driver.open() == []
    assert [run.state for run in driver.engine.instances(root_id=root.id)] == ["cancelled"] * 3
    assert driver.engine.verify_audit().verified


def test_a_boundary_event_that_interrupts_a_call_cancels_its_child(driver: Driver) -> None:
    driver.deploy(
        process("child").start().user_task("work").end(),
        process("parent")
        .start()
        .call("ask", "child")
        .end()
        .boundary("ask", "late", timer="P1D")
        .user_task("after")
        .end("e2"),
    )
    parent = driver.start("parent")

    driver.pass_time(days=1)

    assert driver.open() == ["after"]
    (child,) = driver.engine.instances(parent_id=parent.id)
    assert child.state == "cancelled"


def test_an_error_of_a_child_is_caught_by_its_caller(driver: Driver) -> None:
    driver.deploy(
        process("child").start().user_task("work").end(error="REJECTED"),
        process("parent")
        .start()
        .call("ask", "child")
        .end()
        .boundary("ask", "no", error="REJECTED")
        .user_task("fix")
        .end("e2"),
    )
    driver.start("parent")

    driver.complete("work")

    assert driver.open() == ["fix"]


def test_many_children_run_at_once_and_their_results_keep_the_order_of_the_items(driver: Driver) -> None:
    driver.deploy(
        process("child").start().user_task("work").end(),
        process("parent")
        .start()
        .call("ask", "child", each="= units", item="unit", collect="answers", result="= answer",
              inputs={"unit": "= unit"}, outputs={"answer": "= answer"})
        .user_task("after")
        .end(),
    )  # fmt: skip
    parent = driver.start("parent", {"units": ["TH-50", "TH-52", "TH-51"]})
    children = {str(driver.variables(run)["unit"]): run for run in driver.engine.instances(parent_id=parent.id)}

    for unit in ("TH-51", "TH-50", "TH-52"):
        driver.complete("work", {"answer": unit.lower()}, instance=children[unit])

    assert driver.open() == ["after"]
    assert driver.variables(parent)["answers"] == ["th-50", "th-52", "th-51"]


def test_a_call_of_a_process_that_is_gone_or_endless_is_an_incident(driver: Driver) -> None:
    driver.configure(max_call_depth=5)
    driver.deploy(process("again").start().user_task("go").call("self", "= target").end())
    run = driver.start("again", {"target": "nothing"})

    driver.complete("go", instance=run)

    (incident,) = driver.engine.incidents(instance_id=run.id)
    assert (incident.code, incident.element_id) == ("process_not_found", "self")
    assert driver.state(run) == "active"


def test_a_process_that_calls_itself_stops_at_the_limit(driver: Driver) -> None:
    driver.configure(max_call_depth=5)
    driver.deploy(process("again").start().call("self", "= target", inputs={"target": "= target"}).end())

    driver.start("again", {"target": "again"})
    driver.engine.run_due()

    (incident,) = driver.engine.incidents()
    assert incident.code == "call_depth"
    assert len(driver.engine.instances(process_id="again")) == 5


def test_suspending_a_run_suspends_what_it_called(driver: Driver) -> None:
    driver.deploy(
        process("child").start().user_task("work").end(), process("parent").start().call("ask", "child").end()
    )
    parent = driver.start("parent")
    (child,) = driver.engine.instances(parent_id=parent.id)

    driver.engine.suspend(parent.id)
    assert driver.state(child) == "suspended"
    driver.engine.resume(parent.id)
    driver.complete("work")

    assert driver.state(parent) == "completed"
