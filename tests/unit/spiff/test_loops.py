"""The loop marker: while or until a condition, with a maximum; on tasks, sub-processes and calls; interrupted."""

from __future__ import annotations

import pytest

from engine.spiff.steps import StepFailed, WaitKind
from tests.support.bpmn import process
from tests.unit.spiff.driver import Driver


@pytest.mark.parametrize(
    ("marker", "runs"),
    [
        ({"loop": "= n < 3"}, 3),  # tested after each run
        ({"loop": "= n < 0"}, 1),
        ({"loop": "= n < 3", "before": "yes"}, 3),
        ({"loop": "= n < 0", "before": "yes"}, 0),
        ({"loop": "= true", "most": "4"}, 4),
        ({"loop": "= n < 2", "most": "4"}, 2),
        ({"loop": "= n < 9", "most": "2", "before": "yes"}, 2),
        ({"most": "5"}, 5),
        ({"loop": "= loopCounter < 3"}, 3),
        ({"loop": "= loopCounter < 3", "before": "yes"}, 3),
    ],
)
def test_an_activity_runs_while_its_condition_holds_and_its_maximum_allows(marker: dict[str, str], runs: int) -> None:
    run = Driver(process("p").start().script("s", "= n + 1", "n", **marker).user_task("after").end(), {"n": 0})

    assert run.variables == {"n": runs}
    assert run.visited == ["start", *["s"] * (runs + 1), "after"]  # the whole, and each run
    assert run.left.count("s") == runs + 1


def test_each_run_of_a_user_task_is_a_task_and_knows_its_number() -> None:
    builder = process("p").start().user_task("t", inputs={"turn": "= loopCounter"}, loop="= again").end()
    run = Driver(builder)
    for number in (1, 2, 3):
        assert run.waits == ["t"]
        assert run.wait("t").variables["turn"] == number
        run.complete("t", {"again": number < 3})

    assert run.ended
    assert run.variables == {"again": False}


def test_what_a_sub_process_keeps_to_itself_is_seen_by_its_condition() -> None:
    inside = process("p").inner().start("in").user_task("t").end("out")
    builder = process("p").start().sub("sub", inside, inputs={"left": "= 2"}, loop="= left > 1").end()
    run = Driver(builder)

    run.complete("t", {"left": 2})
    assert run.waits == ["t"]
    run.complete("t", {"left": 1})
    assert run.ended
    assert run.variables == {}


def test_each_run_of_a_call_has_a_child_of_its_own() -> None:
    builder = process("p").start().call("c", "other", outputs={"n": "= n"}, loop="= n < 2").end()
    run = Driver(builder, {"n": 0})

    first = run.wait("c")
    run.child("c", {"n": 1})
    assert run.wait("c").id != first.id
    assert run.wait("c").kind is WaitKind.CHILD
    run.child("c", {"n": 2})
    assert run.ended


def test_a_boundary_event_ends_the_whole_loop() -> None:
    builder = process("p").start().user_task("t", most="5").user_task("after").end()
    builder.boundary("t", "late", timer="PT1H").end("gone")
    run = Driver(builder).complete("t")
    run.fire("late")

    assert run.ended
    assert run.cancelled == ["t", "t"]
    assert "after" not in run.visited


def test_an_error_in_a_run_is_caught_outside_of_the_loop() -> None:
    builder = process("p").start()
    inside = builder.inner().start("in").user_task("t").exclusive("x").flow_if("= bad").end("e", error="E1")
    builder.sub("sub", inside.at("x").otherwise().end("out"), most="3").end()
    builder.boundary("sub", "caught", error="").user_task("mend").end("mended")
    run = Driver(builder)
    run.complete("t", {"bad": False})
    run.complete("t", {"bad": True})

    assert run.waits == ["mend"]


def test_loops_nest_and_stand_in_multi_instance() -> None:
    inside = process("p").inner().start("in").script("s", "= append(seen, i * 10 + loopCounter)", "seen", most="2")
    builder = process("p").start().sub("sub", inside.end("out"), each="= [1, 2]", item="i", sequential="yes").end()
    run = Driver(builder, {"seen": []})

    assert run.variables["seen"] == [11, 12, 21, 22]


def test_a_condition_that_fails_fails_the_step() -> None:
    run = Driver(process("p").start().user_task("t", loop="= n").end())
    with pytest.raises(StepFailed) as failure:
        run.complete("t", {"n": "perhaps"})

    assert (failure.value.element_id, failure.value.code) == ("t", "expression_error")
