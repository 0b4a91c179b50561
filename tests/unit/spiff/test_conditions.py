"""Conditional events: when they begin to wait, whenever their variables change, and only when they become true."""

from __future__ import annotations

import pytest

from engine.spiff.steps import StepFailed
from tests.support.bpmn import Builder, process
from tests.unit.spiff.driver import Driver

X = "= x > 5"


def test_a_catch_event_goes_on_at_once_when_its_condition_holds() -> None:
    builder = process("p").start().catch("c", condition=X).user_task("after").end()

    assert Driver(builder, {"x": 6}).waits == ["after"]


def test_a_catch_event_waits_for_the_change_whoever_makes_it() -> None:
    builder = process("p").start().parallel("f").user_task("a").end("e1").at("f").catch("c", condition=X)
    builder.user_task("after").end()
    by_task = Driver(builder, {"x": 1}).complete("a", {"y": 9})
    assert by_task.waits == ["c"]
    by_task = Driver(builder, {"x": 1}).complete("a", {"x": 9})
    assert by_task.waits == ["after"]
    by_hand = Driver(builder, {"x": 1}).set("", x=3).set("", x=7)

    assert sorted(by_hand.waits) == ["a", "after"]


def test_a_variable_that_is_missing_or_null_is_no_reason() -> None:
    builder = process("p").start().catch("c", condition=X).end()
    run = Driver(builder)
    assert run.waits == ["c"]
    assert run.set("", x=None).waits == ["c"]

    assert run.set("", x=6).ended


def scoped(*, interrupting: bool) -> Builder:
    builder = process("p").start()
    inside = builder.inner().start("is").user_task("a").script("s", "= 9", "x").user_task("b").end("ie")
    builder.sub("sub", inside).user_task("after").end()
    return builder.boundary("sub", "on", interrupting=interrupting, condition=X).user_task("h").end("e2")


def test_an_interrupting_boundary_event_ends_its_host_before_anything_else_moves() -> None:
    run = Driver(scoped(interrupting=True), {"x": 1}).complete("a")

    assert run.waits == ["h"]
    assert "b" not in run.visited
    assert run.cancelled == ["sub"]


def test_a_non_interrupting_one_happens_when_it_becomes_true_and_not_while_it_is() -> None:
    run = Driver(scoped(interrupting=False), {"x": 6})
    assert run.waits.count("h") == 1, "it held when the scope began"
    run.set("", x=7)
    assert run.waits.count("h") == 1
    run.set("", x=1).complete("a")
    assert run.waits.count("h") == 2
    run.set("", x=2).set("", x=2).set("", x=9)

    assert run.waits.count("h") == 3


def test_every_change_on_the_way_is_seen() -> None:
    builder = process("p").start().parallel("f").user_task("go").script("s1", "= 9", "x").script("s2", "= 0", "x")
    builder.script("s3", "= 8", "x").end().at("f").user_task("host").end("e2")
    builder.boundary("host", "on", interrupting=False, condition=X).user_task("h").end("e3")
    run = Driver(builder, {"x": 0}).complete("go")

    assert run.waits.count("h") == 2


def test_a_local_variable_of_another_scope_is_none_of_its_business() -> None:
    builder = process("p").start()
    inside = builder.inner().start("is").user_task("a").end("ie")
    builder.sub("sub", inside, inputs={"x": "= 0"}).end()
    builder.boundary("sub", "on", condition=X).user_task("h").end("e2")
    run = Driver(builder, {"x": 1})
    run.set("", x=9)
    assert run.waits == ["on", "a"], "it sees the x of its scope"

    assert run.complete("a", {"x": 9}).waits == ["h"]


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_event_sub_process_begins_by_a_condition(interrupting: bool) -> None:
    builder = process("p").start()
    inside = builder.inner().start("is").user_task("a").user_task("b").end("ie")
    handler = builder.inner().start("on", interrupting=interrupting, condition=X).user_task("h").end("ee")
    inside.sub("E", handler, event=True)
    run = Driver(builder.sub("sub", inside, inputs={"x": "= 0"}).user_task("after").end()).complete("a", {"x": 6})

    assert sorted(run.waits) == (["h"] if interrupting else ["b", "h", "on"])


def test_of_one_for_the_scope_and_one_on_it_the_one_inside_comes_first() -> None:
    builder = process("p").start()
    inside = builder.inner().start("is").user_task("a").end("ie")
    inside.sub("E", builder.inner().start("on", condition=X).user_task("h").end("ee"), event=True)
    builder.sub("sub", inside).end().boundary("sub", "b", condition=X).user_task("out").end("e2")
    run = Driver(builder, {"x": 0}).set("", x=6)

    assert run.visited[-1] == "out", "both become true; the boundary event has the last word"
    assert run.waits == ["out"]


def test_behind_an_event_based_gateway_it_races() -> None:
    builder = process("p").start().event_gateway("g").catch("c", condition=X).user_task("a").end()
    builder.at("g").catch("t", timer="PT1H").user_task("b").end("e2")
    run = Driver(builder, {"x": 0}).set("", x=6)

    assert run.waits == ["a"]
    assert run.left[-2:] == ["g", "c"]


def test_in_the_bodies_of_a_multi_instance_each_looks_by_itself() -> None:
    builder = process("p").start()
    inside = builder.inner().start("is").catch("c", condition="= x > n").user_task("a").end("ie")
    run = Driver(builder.sub("sub", inside, each="= [1, 5, 9]", item="n").end(), {"x": 0})
    assert run.waits == ["c", "c", "c"]
    run.set("", x=2)
    assert sorted(run.waits) == ["a", "c", "c"]

    assert sorted(run.set("", x=10).waits) == ["a", "a", "a"]


def test_a_condition_that_feeds_itself_is_an_endless_loop_within_its_budget() -> None:
    builder = process("p").start().user_task("host").end()
    builder.boundary("host", "on", interrupting=False, condition="= even(n)").script("s", "= n + 1", "n")
    builder.script("s2", "= n + 1", "n").end("e2")
    run = Driver(builder, {"n": 1}, start=False)
    process_ = run.ways[0]
    process_.begin(lambda: _start(run, {"n": 1}))
    assert process_.process is not None
    process_.process.set_variables("", {"n": 2})

    assert process_.process.run(50) is False


def _start(run: Driver, variables: dict[str, int]):
    from engine.spiff.process import SpiffProcess

    return SpiffProcess.start(run.model, variables, run.context)


def test_a_condition_that_fails_is_told_at_its_event() -> None:
    builder = process("p").start().catch("c", condition="= count(for i in 1..x return i) > 1").end()

    with pytest.raises(StepFailed) as failure:
        Driver(builder, {"x": 10**9})
    assert failure.value.element_id == "c"
