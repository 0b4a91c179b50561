"""Events with several definitions: any one of them, or all; waited for in every place, and thrown together."""

from __future__ import annotations

import datetime as dt

import pytest

from engine.spiff.steps import EndKind, ErrorUncaught
from tests.support.bpmn import Builder, process
from tests.unit.spiff.driver import NOW, Driver


def catching(*, parallel: bool = False) -> Builder:
    builder = process("p").start().catch("c", message="M", key_="= 1").also("c", signal="S", parallel=parallel)
    return builder.also("c", condition="= x > 5").user_task("after").end()


@pytest.mark.parametrize("which", [0, 1])
def test_any_one_ends_the_waiting_for_the_others(which: int) -> None:
    run = Driver(catching(), {"x": 0})
    assert run.waits == ["c", "c", "c"]
    assert [element for _, element, _ in run.tokens] == ["c"]
    run.fire("c", {"y": 1}, nth=which)

    assert (run.waits, run.variables["y"]) == (["after"], 1)
    assert Driver(catching(), {"x": 6}).waits == ["after"]


def test_all_have_to_come_in_whatever_order() -> None:
    run = Driver(catching(parallel=True), {"x": 0}).fire("c", {"a": 1}, nth=1)
    assert run.waits == ["c", "c"]
    run.set("", x=9)
    assert run.waits == ["c"]
    run.fire("c", {"b": 2})

    assert (run.waits, run.variables) == (["after"], {"x": 9, "a": 1, "b": 2})


def hosted(*, interrupting: bool, parallel: bool = False, **event: str) -> Builder:
    builder = process("p").start().user_task("host").end().boundary("host", "b", interrupting=interrupting, signal="S")
    return builder.also("b", parallel=parallel, **event).user_task("h").end("e2")


def test_a_boundary_event_that_interrupts() -> None:
    by_timer = Driver(hosted(interrupting=True, timer="PT1H")).fire("b", nth=1)
    assert (by_timer.waits, by_timer.cancelled) == (["h"], ["host"])
    by_error = Driver(
        process("p").start().service_task("host", "work").end().boundary("host", "b", signal="S").also("b", error="E1")
        .user_task("h").end("e2")
    ).error("host", "E1")  # fmt: skip

    assert by_error.waits == ["h"]


def test_a_boundary_event_that_does_not_interrupt_goes_on_waiting() -> None:
    run = Driver(hosted(interrupting=False, cycle="R2/PT1H")).fire("b").fire("b").fire("b", nth=1).fire("b", nth=1)
    assert sorted(run.waits) == ["b", "h", "h", "h", "h", "host"], (
        "the timer has fired twice; the signal may come again"
    )

    assert run.fire("b").waits.count("h") == 5


def test_a_boundary_event_for_all_begins_anew() -> None:
    run = Driver(hosted(interrupting=False, parallel=True, message="M", key_="= 1"))
    for _ in range(2):
        run.fire("b")
        assert run.waits.count("b") == 1
        run.fire("b")
    assert sorted(run.waits) == ["b", "b", "h", "h", "host"]
    once = Driver(hosted(interrupting=False, parallel=True, timer="PT1H")).fire("b", nth=1).fire("b")

    assert sorted(once.waits) == ["h", "host"], "a duration is over once"
    run.complete("host")
    assert run.waits == ["h", "h"]


@pytest.mark.parametrize("parallel", [False, True])
def test_an_event_sub_process_begins_by_any_or_by_all(parallel: bool) -> None:
    builder = process("p").start().user_task("a").end()
    inside = builder.inner().start("on", interrupting=False, signal="S").also("on", parallel=parallel, signal="T")
    builder.sub("E", inside.user_task("h").end("ee"), event=True)
    run = Driver(builder).fire("on").fire("on")

    assert run.waits.count("h") == (1 if parallel else 2)
    for task in ("a", *("h" for wait in run.waits if wait == "h")):
        run.complete(task)
    assert run.ended


def test_a_signal_that_is_thrown_reaches_one_of_several() -> None:
    builder = process("p").start().parallel("f").throw("t", signal="T").end("e1")
    builder.at("f").catch("c", signal="S").also("c", signal="T").user_task("after").end()

    assert Driver(builder).waits == ["after"]


def test_behind_an_event_based_gateway() -> None:
    builder = (
        process("p").start().event_gateway("g").catch("c", signal="S").also("c", timer="PT2H").user_task("a").end()
    )
    builder.at("g").catch("t", timer="PT1H").user_task("b").end("e2")
    run = Driver(builder)
    assert run.wait("c", 1).due_at == NOW + dt.timedelta(hours=2)

    assert run.fire("c", nth=1).waits == ["a"]


def test_a_throw_event_throws_all() -> None:
    builder = process("p").start().throw("t", signal="S").also("t", message="M", key_="= 1").also("t", escalation="X")
    builder.user_task("after").end()
    inside = builder.inner().start("on", interrupting=False, escalation="X").user_task("h").end("ee")
    run = Driver(builder.sub("E", inside, event=True))

    assert (run.signals, [message.name for message in run.messages]) == (["S"], ["M"])
    assert sorted(run.waits) == ["after", "h"]


def test_a_throw_event_that_calls_itself_off_throws_no_more() -> None:
    builder = process("p").start().throw("t", signal="S").also("t", escalation="X").user_task("after").end()
    builder.sub("E", builder.inner().start("on", signal="S").user_task("h").end("ee"), event=True)
    builder.sub("F", builder.inner().start("of", escalation="X").user_task("i").end("fe"), event=True)

    assert Driver(builder).waits == ["h"]


def test_an_end_event_throws_all_and_ends_its_scope_last() -> None:
    builder = process("p").start().parallel("f").user_task("a").end("e1")
    builder.at("f").user_task("b").end("all", terminate="yes").also("all", signal="S").also("all", error="E1")
    run = Driver(builder).complete("b")

    assert run.ended is not None
    assert run.ended.kind is EndKind.TERMINATED
    assert run.signals == ["S"]
    assert [effect.code for effect in run.effects if isinstance(effect, ErrorUncaught)] == ["E1"]
    assert run.cancelled == ["a"]
