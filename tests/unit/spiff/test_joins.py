"""Parallel and inclusive joins, also in loops and in every order of completion."""

from __future__ import annotations

from itertools import permutations, product

import pytest

from engine.spiff.steps import StepFailed
from tests.support.bpmn import process
from tests.unit.spiff.driver import Driver


def _loop(kind: str):
    """Two rounds through split and join, left by a task that asks whether to go again."""
    builder = process("p").start().exclusive("again")
    split = getattr(builder, kind)("split")
    split.user_task("a")
    join = getattr(builder, kind)("join")
    join.user_task("ask").exclusive("more").flow_if("= more").to("again").at("more").otherwise().end()
    return builder.at("split").user_task("b").to("join").at("split").user_task("c").to("join")


@pytest.mark.parametrize("kind", ["parallel", "inclusive"])
@pytest.mark.parametrize("orders", list(product(permutations("abc"), repeat=2))[::5])
def test_a_join_in_a_loop_fires_once_a_round_in_every_order(kind: str, orders: tuple[tuple[str, ...], ...]) -> None:
    run = Driver(_loop(kind))
    for round_, order in enumerate(orders):
        for at, task in enumerate(order):
            assert "ask" not in run.waits
            run.complete(task)
            assert run.visited.count("join") == round_ + (at == 2)
        run.complete("ask", {"more": round_ == 0})

    assert run.ended
    assert run.visited.count("join") == 2


@pytest.mark.parametrize("chosen", [set(c) for c in ("a", "b", "ab", "ac", "abc")])
def test_an_inclusive_gateway_joins_what_it_split(chosen: set[str]) -> None:
    builder = process("p").start().inclusive("split").flow_if("= a").user_task("ta").inclusive("join").end()
    builder.at("split").flow_if("= b").user_task("tb").to("join").at("split").flow_if("= c").user_task("tc").to("join")
    run = Driver(builder, {name: name in chosen for name in "abc"})

    assert run.waits == [f"t{name}" for name in sorted(chosen)]
    for at, name in enumerate(sorted(chosen, reverse=True)):
        run.complete(f"t{name}")
        assert run.visited.count("join") == (at == len(chosen) - 1)
    assert run.ended


def test_an_inclusive_split_takes_its_default_when_nothing_holds() -> None:
    builder = process("p").start().inclusive("split").flow_if("= a").user_task("ta").end()
    run = Driver(builder.at("split").otherwise().user_task("tb").end("e2"), {"a": False})

    assert run.waits == ["tb"]


@pytest.mark.parametrize("order", list(permutations(["a", "b", "c", "d"])))
def test_surplus_tokens_wait_for_the_next_round(order: tuple[str, ...]) -> None:
    """Two tokens on each of two flows: the join fires twice, whatever comes first."""
    builder = process("p").start().parallel("f").user_task("a").exclusive("m").parallel("j").end()
    builder.at("f").user_task("b").to("m").at("f").user_task("c").exclusive("n").to("j").at("f").user_task("d").to("n")
    run = Driver(builder)
    for task in order:
        run.complete(task)

    assert run.visited.count("j") == 2
    assert run.visited.count("end") == 2
    assert run.ended


def test_an_inclusive_join_waits_for_a_token_that_may_still_come() -> None:
    builder = process("p").start().parallel("f").user_task("a").inclusive("j").user_task("z").end()
    builder.at("f").user_task("b").exclusive("x").flow_if("= come").to("j").at("x").otherwise().end("away")
    run = Driver(builder).complete("a")

    assert run.waits == ["b"]
    run.complete("b", {"come": False})
    assert run.waits == ["z"]


def test_an_inclusive_join_does_not_wait_for_a_token_that_cannot_come() -> None:
    builder = process("p").start().parallel("f").user_task("a").inclusive("j").user_task("z").end()
    builder.at("f").user_task("b").end("e2").at("f").exclusive("x").flow_if("= false").task("c").to("j")
    builder.at("x").otherwise().end("e3")
    run = Driver(builder).complete("a")

    assert run.waits == ["b", "z"]


def test_an_inclusive_join_waits_for_what_a_boundary_event_may_send() -> None:
    builder = process("p").start().parallel("f").user_task("a").inclusive("j").user_task("z").end()
    builder.at("f").user_task("b").end("e2").boundary("b", "late", timer="PT1H").to("j")
    run = Driver(builder).complete("a")

    assert "z" not in run.waits
    run.fire("late")
    assert run.waits == ["z"]


def test_two_inclusive_joins_that_wait_for_each_other_go_on_in_the_diagrams_order() -> None:
    builder = process("p").start().parallel("f").user_task("a").inclusive("j1").exclusive("x1")
    builder.flow_if("= false").to("j2").at("x1").otherwise().end("e1")
    builder.at("f").user_task("b").inclusive("j2").exclusive("x2").flow_if("= false").to("j1")
    builder.at("x2").otherwise().end("e2")
    run = Driver(builder).complete("a")
    assert "j1" not in run.visited
    run.complete("b")

    assert run.ended
    assert [element for element in run.visited if element.startswith("j")] == ["j1", "j2"]


def test_an_inclusive_join_with_a_token_on_every_flow_goes_on_though_more_may_come() -> None:
    builder = process("p").start().parallel("f").user_task("a").inclusive("j").user_task("z").end()
    builder.at("f").user_task("b").to("j").at("f").user_task("c").to("a")
    run = Driver(builder).complete("a").complete("b")

    assert run.waits == ["c", "z"]


def test_a_join_that_another_branch_starves_is_told_when_nothing_moves() -> None:
    builder = process("p").start().parallel("f").user_task("a").parallel("j").end()
    builder.at("f").user_task("b").exclusive("x").flow_if("= ok").to("j").at("x").otherwise().end("away")
    run = Driver(builder).complete("a")

    with pytest.raises(StepFailed, match="branch ended elsewhere") as failure:
        run.complete("b", {"ok": False})
    assert failure.value.code == "dead_join"


@pytest.mark.parametrize("last", ["a", "b"])
def test_a_join_in_a_body_goes_on_wherever_the_step_was_cut(last: str) -> None:
    """The step may be stored between the arrival of the last token and the join: nothing else moves in that body."""
    builder = process("p").start()
    inner = builder.inner().start("is").inclusive("f").flow_if("= true").user_task("a").inclusive("j").user_task("z")
    inner.end("ie").at("f").otherwise().end("never")
    inner.at("f").flow_if("= true").user_task("b").exclusive("x").flow_if("= away").end("gone")
    inner.at("x").otherwise().to("j")
    run = Driver(builder.sub("sub", inner, each="= [1, 2, 3]").end())
    first = "b" if last == "a" else "a"
    run.complete(first, {"away": True}, nth=1).complete(last, {"away": True}, nth=1)

    assert run.waits.count("z") == 1
