"""Several pools of one file, each a process of its own: they exchange messages, call each other and global tasks."""

from __future__ import annotations

import pytest

from tests.support.bpmn import Builder, bundle, process
from tests.support.driver import Driver


def agencies() -> tuple[Builder, Builder]:
    """A province asks a ministry, which answers; both in one file."""
    province = (
        process("province")
        .start()
        .send("ask", message="question", key_="= plan")
        .receive("hear", message="answer", key_="= plan")
    )
    province.user_task("read").end()
    province._nodes["ask"].extensions.append(
        '<zeebe:ioMapping><zeebe:input source="= plan" target="plan"/><zeebe:input source="= 21" target="half"/></zeebe:ioMapping>'
    )
    ministry = province.pool("ministry").start("asked", message="question").script("work", "= half * 2", "whole")
    ministry.send("tell", message="answer", key_="= plan").end("done")
    ministry._nodes["tell"].extensions.append(
        '<zeebe:ioMapping><zeebe:input source="= whole" target="whole"/></zeebe:ioMapping>'
    )
    return province, ministry


def test_pools_of_one_file_are_deployed_together_and_exchange_messages(memory_driver: Driver) -> None:
    driver = memory_driver
    deployment = driver.engine.deploy(bundle(*agencies()))
    assert sorted(definition.key for definition in deployment.definitions) == ["ministry", "province"]

    runs = [driver.start("province", {"plan": plan}) for plan in ("A", "B")]

    for run in runs:
        assert driver.open(run) == ["read"]
        assert driver.variables(run)["whole"] == 42
    assert len(driver.engine.instances(process_id="ministry", state="completed")) == 2


def test_a_process_of_the_same_file_is_called(memory_driver: Driver) -> None:
    driver = memory_driver
    caller = process("caller").start().call("c", "called", propagate_all=True).user_task("after").end()
    driver.engine.deploy(bundle(caller, caller.pool("called").start("s1").script("s", "= 7", "n").end("e1")))

    assert driver.variables(driver.start("caller"))["n"] == 7


@pytest.mark.parametrize(
    ("kind", "inside", "given"),
    [
        ("globalUserTask", "<zeebe:userTask/>", {"n": 5}),
        ("globalScriptTask", '<zeebe:script expression="= 2 + 3" resultVariable="n"/>', None),
        ("globalTask", "", None),
        ("globalManualTask", "", None),
    ],
)
def test_a_global_task_is_called(memory_driver: Driver, kind: str, inside: str, given: dict[str, int] | None) -> None:
    driver = memory_driver
    caller = process("caller").start().call("c", "shared", propagate_all=True).user_task("after").end()
    extensions = f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>" if inside else ""
    caller.root(f'<bpmn:{kind} id="shared" name="ใช้ร่วมกัน">{extensions}</bpmn:{kind}>')
    deployment = driver.engine.deploy(bundle(caller))
    assert not deployment.warnings

    run = driver.start("caller")
    if given is not None:
        (child,) = driver.engine.instances(parent_id=run.id)
        (task,) = driver.engine.tasks(instance_id=child.id)
        assert task.name == "ใช้ร่วมกัน"
        driver.engine.complete(task.id, given)

    assert driver.open(run) == ["after"]
    assert driver.variables(run) == ({"n": 5} if "Script" in kind or given else {})


def _called(number: int, tag: str | None = None) -> Builder:
    return process("called", version_tag=tag).start().script("s", f"= {number}", "n").end()


def _caller(**bound: str) -> Builder:
    return process("caller").start().call("c", "called", propagate_all=True, **bound).user_task("after").end()


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        ({}, 4),
        ({"binding": "latest"}, 4),
        ({"binding": "deployment"}, 2),
        ({"binding": "version", "version": "1"}, 1),
        ({"binding": "versionTag", "version_tag": "signed"}, 3),
    ],
)
def test_a_call_is_bound_to_a_version(memory_driver: Driver, bound: dict[str, str], expected: int) -> None:
    driver = memory_driver
    driver.deploy(_called(1))
    driver.deploy(_called(2), _caller())
    driver.deploy(_called(2), _caller(**bound))  # what is called has not changed: its version 2 came with it
    driver.deploy(_called(3, "signed"))
    driver.deploy(_called(4))

    assert driver.variables(driver.start("caller"))["n"] == expected


def test_a_version_that_is_not_there_is_an_incident(memory_driver: Driver) -> None:
    driver = memory_driver
    driver.deploy(_called(1), _caller(binding="version", version="9"))
    run = driver.start("caller")

    assert [incident.code for incident in driver.engine.incidents(instance_id=run.id)] == ["process_not_found"]
