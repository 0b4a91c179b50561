"""Start, tasks, exclusive and parallel gateways, scripts, ends: the first things a token does."""

from __future__ import annotations

import pytest

from engine.spiff.steps import ElementEntered, EndKind, StepFailed
from tests.support.bpmn import process
from tests.unit.spiff.driver import Driver


def test_elements_may_be_called_start_and_end() -> None:
    run = Driver(process("p").start("Start").user_task("Root").end("End"))

    run.complete("Root", {"len": 0, "typename": False, "ลำดับ": "ที่ ๑"})

    assert run.visited == ["Start", "Root", "End"]
    assert run.ended is not None
    assert run.ended.kind is EndKind.COMPLETED
    assert run.variables == {"len": 0, "typename": False, "ลำดับ": "ที่ ๑"}
    assert run.variables["typename"] is False


@pytest.mark.parametrize(("n", "end"), [(1, "low"), (5, "high"), (9, "rest")])
def test_an_exclusive_gateway_takes_the_first_flow_that_holds_else_the_default(n: int, end: str) -> None:
    builder = process("p").start().exclusive("x").flow_if("= n < 3").end("low")
    builder.at("x").flow_if("= n < 7").end("high").at("x").otherwise().end("rest")

    assert Driver(builder, {"n": n}).visited == ["start", "x", end]


def test_no_flow_that_holds_and_no_default_fails_the_step() -> None:
    builder = process("p").start().user_task("a").exclusive("x").flow_if("= n < 3").end("low")
    run = Driver(builder)

    with pytest.raises(StepFailed) as failure:
        run.complete("a", {"n": 5})

    assert (failure.value.element_id, failure.value.code) == ("x", "no_flow")


def test_a_condition_that_is_neither_true_nor_false_fails_the_step() -> None:
    builder = process("p").start().user_task("a").exclusive("x").flow_if("= n").end("low").at("x").otherwise().end("e")
    run = Driver(builder)

    with pytest.raises(StepFailed) as failure:
        run.complete("a", {"n": "yes"})

    assert failure.value.code == "expression_error"


def test_flows_out_of_a_task_split_when_several_are_drawn() -> None:
    run = Driver(process("p").start().user_task("a").user_task("b").end("e1").at("a").user_task("c").end("e2"))

    run.complete("a")
    assert run.waits == ["b", "c"]
    run.complete("c").complete("b")

    assert run.visited == ["start", "a", "b", "c", "e2", "e1"]
    assert run.ended


@pytest.mark.parametrize(("n", "waits"), [(1, ["b", "c"]), (5, ["b"]), (9, ["rest"])])
def test_conditional_and_default_flows_leave_a_task_directly(n: int, waits: list[str]) -> None:
    builder = process("p").start().user_task("a").flow_if("= n < 7").user_task("b")
    builder.at("a").flow_if("= n < 3").user_task("c").at("a").otherwise().user_task("rest")
    run = Driver(builder).complete("a", {"n": n})

    assert run.waits == waits


def test_several_flows_into_a_task_run_it_for_each_token() -> None:
    builder = process("p").start().parallel("f").task("a").user_task("t").end().at("f").task("b").to("t")
    run = Driver(builder)

    assert run.waits == ["t", "t"]
    run.complete("t", nth=1)
    assert run.ended is None
    run.complete("t")
    assert run.visited.count("end") == 2
    assert run.ended


def test_a_parallel_join_waits_for_every_flow() -> None:
    builder = process("p").start().parallel("f").user_task("a").parallel("j").user_task("z").end()
    builder.at("f").user_task("b").to("j").at("f").user_task("c").to("j")
    run = Driver(builder)

    run.complete("c").complete("a")
    assert run.waits == ["b"]
    assert [kind for _, _, kind in run.tokens] == ["user_task", "join", "join"]
    run.complete("b")
    assert run.waits == ["z"]
    assert run.visited.count("j") == 1


def test_scripts_and_tasks_that_nobody_does_pass_through() -> None:
    builder = process("p").start().task("any").manual_task("by_hand").script("s", "= n + 1", "m").end()
    run = Driver(builder, {"n": 1})

    assert run.visited == ["start", "any", "by_hand", "s", "end"]
    assert run.variables == {"n": 1, "m": 2}


def test_elements_without_incoming_flow_begin_with_their_scope() -> None:
    builder = process("p").start().user_task("a").end()
    builder._cursor = None
    builder.user_task("beside").end("other")

    assert sorted(Driver(builder).waits) == ["a", "beside"]


def test_a_join_that_can_never_fire_fails_the_step() -> None:
    builder = process("p").start().exclusive("x").flow_if("= true").user_task("a").parallel("j").end()
    builder.at("x").otherwise().user_task("b").to("j")
    run = Driver(builder)

    with pytest.raises(StepFailed) as failure:
        run.complete("a")

    assert (failure.value.element_id, failure.value.code) == ("j", "dead_join")


def test_an_act_can_be_kept_when_what_follows_fails() -> None:
    builder = process("p").start().user_task("a").exclusive("x").flow_if("= n < 3").end("low")
    run = Driver(builder)
    wait = run.wait("a")

    kept = run.ways[1]
    kept.process = run._load(kept._state(""))
    kept.process.complete(wait.id, "", {"n": 5})
    assert kept.process.run(0) is False
    kept._save()

    again = run._load(kept._state(""))
    assert not again.is_waiting(wait.id)
    with pytest.raises(StepFailed):
        again.run(100)

    mended = run._load(kept._state(""))
    mended.set_variables("p", {"n": 1})
    assert mended.run(100)
    assert "low" in [effect.element_id for effect in mended.drain() if isinstance(effect, ElementEntered)]
