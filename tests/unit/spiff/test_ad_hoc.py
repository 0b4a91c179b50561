"""Ad-hoc sub-processes: chosen by a person or an expression, in parallel or one after another, until a condition."""

from __future__ import annotations

import pytest

from engine.errors import InvalidArgument, StateConflict
from engine.spiff.steps import StepFailed
from tests.support.bpmn import Builder, process
from tests.unit.spiff.driver import Driver


def _inside(builder: Builder) -> Builder:
    """Two tasks by themselves, and a third that leads to a fourth."""
    inside = builder.inner()
    for key in ("a", "b"):
        inside._cursor = None
        inside.user_task(key)
    inside._cursor = None
    return inside.user_task("c").user_task("d")


def _ad_hoc(**settings: object) -> Builder:
    builder = process("p").start()
    return builder.ad_hoc("x", _inside(builder), **settings).user_task("after").end()  # type: ignore[arg-type]


def test_nothing_begins_until_somebody_chooses() -> None:
    run = Driver(_ad_hoc(until="= enough"), {"enough": False})
    assert run.waits == []
    assert [(element, choices) for _, element, choices in run.choices] == [("x", ("a", "b", "c"))]

    run.activate("x", "a", "c")
    assert run.waits == ["a", "c"]
    run.activate("x", "a")
    assert run.waits == ["a", "c", "a"]
    run.complete("a").complete("c")
    assert run.waits == ["a", "d"]
    run.complete("d", {"enough": True})

    assert run.waits == ["after"]
    assert run.cancelled == ["a"]
    assert run.choices == []


def test_without_a_condition_it_is_over_when_what_was_begun_is_over() -> None:
    run = Driver(_ad_hoc()).activate("x", "c", "b")
    run.complete("c").complete("b")
    assert run.waits == ["d"]
    run.complete("d")

    assert run.waits == ["after"]


def test_it_rests_while_its_condition_does_not_hold() -> None:
    run = Driver(_ad_hoc(until="= done >= 2"), {"done": 0}).activate("x", "a").complete("a", {"done": 1})
    assert run.waits == []
    assert run.ended is None

    run.activate("x", "a").complete("a", {"done": 2})
    assert run.waits == ["after"]


def test_what_still_runs_may_be_waited_for() -> None:
    run = Driver(_ad_hoc(until="= enough", cancels=False), {"enough": False}).activate("x", "a", "c")
    run.complete("a", {"enough": True})
    assert run.waits == ["c"]
    assert run.choices[0][2] == ()
    with pytest.raises(StateConflict):
        run.activate("x", "b")
    run.complete("c", {"enough": False}).complete("d")

    assert run.waits == ["after"]


def test_an_expression_begins_what_it_names() -> None:
    run = Driver(_ad_hoc(active="= chosen"), {"chosen": ["b", "a"]})
    assert run.waits == ["b", "a"]
    run.complete("a").complete("b")
    assert run.waits == ["after"]


@pytest.mark.parametrize("chosen", [["d"], ["nothing"], "a", None, [1]])
def test_an_expression_that_names_something_else_fails_the_step(chosen: object) -> None:
    builder = process("p").start().user_task("before")
    run = Driver(builder.ad_hoc("x", _inside(builder), active="= chosen").end())
    with pytest.raises(StepFailed) as failure:
        run.complete("before", {"chosen": chosen})

    assert (failure.value.element_id, failure.value.code) == ("x", "ad_hoc_elements")


def test_one_after_another() -> None:
    run = Driver(_ad_hoc(active='= ["c", "a"]', ordering="Sequential", until="= enough"), {"enough": False})
    assert run.waits == ["c"]
    run.complete("c")
    assert run.waits == ["d"]
    assert run.choices[0][2] == ()
    with pytest.raises(StateConflict):
        run.activate("x", "b")
    run.complete("d")
    assert run.waits == ["a"]
    run.complete("a")
    assert run.choices[0][2] == ("a", "b", "c")
    with pytest.raises(StateConflict):
        run.activate("x", "a", "b")
    run.activate("x", "b").complete("b", {"enough": True})

    assert run.waits == ["after"]


def test_a_condition_that_holds_leaves_what_was_to_come_next() -> None:
    run = Driver(_ad_hoc(active='= ["a", "b"]', ordering="Sequential", until="= enough"), {"enough": False})
    run.complete("a", {"enough": True})

    assert run.waits == ["after"]


@pytest.mark.parametrize("chosen", [("d",), ("x",), ("a", "start"), ()])
def test_only_what_is_inside_without_a_flow_into_it_can_be_chosen(chosen: tuple[str, ...]) -> None:
    with pytest.raises(InvalidArgument):
        Driver(_ad_hoc()).activate("x", *chosen)


def test_it_has_variables_of_its_own_and_boundary_events() -> None:
    builder = process("p").start()
    builder.ad_hoc("x", _inside(builder), inputs={"left": "= 2"}, until="= left = 0").user_task("after").end()
    builder.boundary("x", "late", timer="PT1H").user_task("missed").end("e2")
    run = Driver(builder).activate("x", "a", "b").complete("a", {"left": 1})
    assert run.variables == {}
    run.fire("late")

    assert run.waits == ["missed"]
    assert run.choices == []


def test_an_event_sub_process_that_interrupts_it_is_the_last_of_it() -> None:
    builder = process("p").start()
    inside = _inside(builder)
    handler = builder.inner().start("stop", signal="stop").user_task("clear").end("cleared")
    inside.sub("handler", handler, event=True)
    builder.ad_hoc("x", inside, until="= enough").user_task("after").end()
    run = Driver(builder, {"enough": False}).activate("x", "a")
    run.fire("stop")
    assert run.waits == ["clear"]
    assert run.choices[0][2] == ()
    run.complete("clear")

    assert run.waits == ["after"]


def test_several_that_run_are_told_apart() -> None:
    builder = process("p").start()
    builder.ad_hoc("x", _inside(builder), each="= [1, 2]", item="i").user_task("after").end()
    run = Driver(builder)
    (first, _, _), (second, _, _) = run.choices
    with pytest.raises(StateConflict):
        run.activate("x", "a")
    run.activate(second, "a")
    assert run.look(lambda process: process.variables(run.wait("a").id, run.wait("a").part))["i"] == 2
    run.complete("a")
    assert run.waits == []
    run.activate(first, "b").complete("b")

    assert run.waits == ["after"]


def test_automatic_work_inside_completes_at_once() -> None:
    builder = process("p").start()
    inside = builder.inner().script("s", "= n + 1", "n")
    builder.ad_hoc("x", inside, active='= ["s"]', until="= n > 0").user_task("after").end()

    assert Driver(builder, {"n": 0}).waits == ["after"]
