"""Events that a multi-instance throws to its own boundary events; how many tokens begin and leave an activity."""

from __future__ import annotations

import pytest

from engine.spiff.steps import StepFailed
from tests.support.bpmn import Builder, process
from tests.unit.spiff.driver import Driver

SIGNAL = '<bpmn:signal id="S" name="one done"/><bpmn:signalEventDefinition id="SD" signalRef="S"/>'


def _many(behavior: str, *, interrupting: bool = False, complex: str = "", **settings: str) -> Builder:  # noqa: A002
    """Three instances with a boundary event that catches the signal `one done`."""
    builder = process("p").root(SIGNAL).start()
    builder.user_task("t", each="= [1, 2, 3]", item="i", behavior=behavior, complex=complex, **settings)
    builder.user_task("after").end().boundary("t", "b", interrupting=interrupting, signal="one done")
    return builder.user_task("told").end("e2")


def test_with_none_each_instance_that_completes_throws() -> None:
    run = Driver(_many(' behavior="None" noneBehaviorEventRef="SD"'))
    for number in (1, 2, 3):
        run.complete("t")
        assert run.waits.count("told") == number

    assert run.waits.count("after") == 1
    assert run.signals == []


def test_with_one_the_first_throws() -> None:
    run = Driver(_many(' behavior="One" oneBehaviorEventRef="SD"', sequential="yes"))
    for _ in range(3):
        run.complete("t")
        assert run.waits.count("told") == 1


def test_an_interrupting_event_ends_the_others() -> None:
    run = Driver(_many(' behavior="One" oneBehaviorEventRef="SD"', interrupting=True))
    run.complete("t", nth=1)

    assert run.waits == ["told"]
    assert "after" not in run.visited
    assert run.cancelled.count("t") == 3  # two instances, and the whole
    run.complete("told")
    assert run.ended


def test_with_complex_the_conditions_say_which_event_is_thrown() -> None:
    definitions = (
        '<bpmn:complexBehaviorDefinition id="c1"><bpmn:condition>= numberOfCompletedInstances = 2</bpmn:condition>'
        '<bpmn:event id="ev"><bpmn:signalEventDefinition signalRef="S"/></bpmn:event></bpmn:complexBehaviorDefinition>'
        "<bpmn:complexBehaviorDefinition><bpmn:condition>= i = 3</bpmn:condition>"
        "<bpmn:event><bpmn:escalationEventDefinition escalationRef='X'/></bpmn:event></bpmn:complexBehaviorDefinition>"
    )
    builder = _many(' behavior="Complex"', complex=definitions)
    builder.root('<bpmn:escalation id="X" escalationCode="third"/>')
    builder.boundary("t", "b2", interrupting=False, escalation="third").user_task("third").end("e3")
    run = Driver(builder)
    run.complete("t", nth=2)
    assert run.waits == ["b", "t", "t", "third"]
    run.complete("t")
    assert run.waits == ["b", "t", "third", "told"]
    run.complete("t")
    assert sorted(run.waits) == ["after", "third", "told"]


def test_what_is_thrown_carries_the_counters_where_the_boundary_maps_them() -> None:
    builder = _many(' behavior="None" noneBehaviorEventRef="SD"')
    mapping = '<zeebe:ioMapping><zeebe:output source="= numberOfActiveInstances" target="left"/></zeebe:ioMapping>'
    builder._nodes["b"].extensions.append(mapping)
    run = Driver(builder)

    run.complete("t")
    assert run.variables == {"left": 2}
    run.complete("t").complete("t")
    assert run.variables == {"left": 0}


def test_nobody_who_catches_nothing_happens() -> None:
    builder = process("p").root(SIGNAL).start()
    builder.user_task("t", each="= [1, 2]", item="i", behavior=' behavior="None" noneBehaviorEventRef="SD"').end()
    run = Driver(builder)
    run.complete("t").complete("t")

    assert run.ended
    assert run.signals == []


def test_behavior_stands_on_sub_processes_and_nested() -> None:
    builder = process("p").root(SIGNAL).start()
    inside = builder.inner().start("in").user_task("t", each="= [1, 2]", item="j").end("out")
    builder.sub("s", inside, each="= [1, 2]", item="i", behavior=' behavior="One" oneBehaviorEventRef="SD"')
    builder.user_task("after").end().boundary("s", "b", signal="one done").user_task("told").end("e2")
    run = Driver(builder)
    run.complete("t", nth=2).complete("t", nth=0)
    assert "told" not in run.visited
    run.complete("t", nth=1)

    assert run.waits == ["told"]


# -- quantities -------------------------------------------------------------------------------------------------------


def _three_tokens() -> Builder:
    builder = process("p").start().parallel("f").user_task("a").task("t").user_task("u").end()
    return builder.at("f").user_task("b").to("t").at("f").user_task("c").to("t")


def test_an_activity_begins_when_so_many_tokens_have_come() -> None:
    run = Driver(_three_tokens().set("t", startQuantity="2"))
    run.complete("b")
    assert "t" not in run.visited
    run.complete("a")
    assert run.visited.count("t") == 1
    assert run.waits == ["c", "u"]
    with pytest.raises(StepFailed) as failure:
        run.complete("u").complete("c")
    assert (failure.value.element_id, failure.value.code) == ("t", "dead_join")


def test_so_many_tokens_leave_an_activity_on_each_flow() -> None:
    builder = process("p").start().user_task("a").user_task("x").end("e1").at("a").user_task("y").end("e2")
    builder.at("x").user_task("x2").set("a", completionQuantity="2")
    run = Driver(builder).complete("a")

    assert run.waits == ["x", "x", "y", "y"]
    for task in ("y", "x", "y"):
        run.complete(task)
    assert run.ended is None


def test_what_one_activity_sends_out_begins_the_next() -> None:
    builder = process("p").start().user_task("a").user_task("b", each="= [1, 2]", item="i").end()
    run = Driver(builder.set("a", completionQuantity="3").set("b", startQuantity="3")).complete("a")

    assert run.waits == ["b", "b"]
    run.complete("b").complete("b")
    assert run.ended


def test_an_inclusive_join_waits_for_tokens_in_front_of_an_activity() -> None:
    """A token that waits for a second one may still come; when none comes the join goes on without it."""
    builder = process("p").start().inclusive("s").flow_if("= true").user_task("a").inclusive("j").user_task("z").end()
    builder.at("s").flow_if("= true").parallel("f").user_task("b").task("t").to("j").at("f").user_task("c").to("t")
    run = Driver(builder.set("t", startQuantity="2"))
    run.complete("a").complete("b")
    assert "z" not in run.visited
    run.complete("c")
    assert run.waits == ["z"]
    assert run.visited.count("j") == 1
