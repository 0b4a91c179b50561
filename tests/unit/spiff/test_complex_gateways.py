"""The complex gateway: some of many, late tokens taken in, conditions asked in both phases, loops, what never comes."""

from __future__ import annotations

from itertools import permutations

import pytest

from engine.spiff.steps import StepFailed
from tests.support.bpmn import Builder, process
from tests.unit.spiff.driver import Driver


def _some_of_three(activation: str = "= activationCount >= 2") -> Builder:
    builder = process("p").start().parallel("f").user_task("a").complex("x", activation)
    return builder.at("f").user_task("b").to("x").at("f").user_task("c").to("x").at("x")


@pytest.mark.parametrize("order", list(permutations("abc")))
def test_two_of_three_go_on_once_and_the_third_is_taken_in(order: tuple[str, ...]) -> None:
    run = Driver(_some_of_three().user_task("after").end())

    run.complete(order[0])
    assert "after" not in run.waits
    run.complete(order[1])
    assert run.waits.count("after") == 1
    run.complete(order[2])
    assert run.waits == ["after"]
    run.complete("after")

    assert run.ended
    assert run.visited.count("x") == 1


def test_the_late_token_may_come_after_all_else_has_ended() -> None:
    run = Driver(_some_of_three("= activationCount >= 1").end())
    run.complete("b")
    assert run.visited.count("end") == 1
    run.complete("a")
    assert run.ended is None
    run.complete("c")

    assert run.ended
    assert run.visited.count("end") == 1


def test_the_condition_may_look_at_data_and_at_each_flow() -> None:
    builder = (
        process("p").start().parallel("f").user_task("a").complex("x", "= activationCounts.a_to_x_2 >= 1 and enough")
    )
    builder.at("f").user_task("b").to("x").at("x").end()
    assert "a_to_x_2" in builder.xml().decode()
    run = Driver(builder, {"enough": False})

    run.complete("b", {"enough": True})
    assert "x" not in run.visited
    run.complete("a")
    assert run.ended


def test_conditions_out_of_it_are_asked_in_both_phases() -> None:
    builder = _some_of_three().flow_if("= waitingForStart and n > 0").user_task("first").end("e1")
    builder.at("x").flow_if("= not(waitingForStart)").user_task("late").end("e2")
    builder.at("x").flow_if("= activationCount = 2").user_task("two").end("e3")
    run = Driver(builder, {"n": 1})

    run.complete("a").complete("b")
    assert sorted(run.waits) == ["c", "first", "two"]
    run.complete("c")
    assert sorted(run.waits) == ["first", "late", "two"]
    run.complete("first").complete("late").complete("two")
    assert run.ended


def test_no_flow_that_holds_fails_the_first_phase_only() -> None:
    run = Driver(_some_of_three().flow_if("= n > 0").user_task("after").end(), {"n": 1})
    run.complete("a").complete("b", {"n": 0} | {"n": 1})
    run.complete("c", {"n": 0})
    assert run.waits == ["after"]

    run = Driver(_some_of_three().flow_if("= n > 0").user_task("after").end(), {"n": 0})
    run.complete("a")
    with pytest.raises(StepFailed) as failure:
        run.complete("b")
    assert (failure.value.element_id, failure.value.code) == ("x", "no_flow")


def test_it_starts_over_when_no_more_token_can_come() -> None:
    """A branch that ends elsewhere is not waited for: the next round of the loop needs two tokens again."""
    builder = process("p").start().exclusive("in").parallel("f").user_task("a").complex("x", "= activationCount >= 2")
    builder.at("f").user_task("b").to("x")
    builder.at("f").user_task("c").exclusive("g").flow_if("= gone").end("away").at("g").otherwise().to("x")
    builder.at("x").user_task("after").exclusive("more").flow_if("= again").to("in").at("more").otherwise().end()
    run = Driver(builder)
    for again in (True, True, False):
        run.complete("a").complete("b")
        assert run.waits == ["c", "after"]
        run.complete("c", {"gone": again}).complete("after", {"again": again})

    assert run.ended
    assert run.visited.count("after") == 3
    assert run.visited.count("x") == 3


def test_a_second_token_on_a_flow_waits_for_the_next_round() -> None:
    builder = process("p").start().parallel("f").task("t1").exclusive("m").user_task("a")
    builder.complex("x", "= activationCount >= 2").at("f").task("t2").to("m")
    builder.at("f").task("t3").exclusive("n").user_task("b").to("x").at("f").task("t4").to("n")
    builder.at("f").user_task("d").to("x").at("x").task("after").end()
    run = Driver(builder)

    run.complete("a").complete("a")
    assert run.visited.count("after") == 0
    run.complete("b")
    assert run.visited.count("after") == 1
    run.complete("d")
    assert run.visited.count("after") == 1
    run.complete("b")
    assert run.visited.count("after") == 2
    assert run.ended


def test_a_condition_that_can_never_hold_is_an_incident() -> None:
    run = Driver(_some_of_three("= activationCount >= 4").end())
    run.complete("a").complete("b")
    with pytest.raises(StepFailed) as failure:
        run.complete("c")

    assert (failure.value.element_id, failure.value.code) == ("x", "dead_join")


def test_with_one_flow_in_it_only_splits() -> None:
    builder = process("p").start().complex("x").flow_if("= n > 1").user_task("a").end("e1")
    builder.at("x").flow_if("= n > 2").user_task("b").end("e2").at("x").otherwise().user_task("c").end("e3")

    assert Driver(builder, {"n": 3}).waits == ["a", "b"]
    assert Driver(builder, {"n": 1}).waits == ["c"]
