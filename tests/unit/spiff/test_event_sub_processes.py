"""Event sub-processes: beside what runs in their scope, or in place of it; nested, any number of times."""

from __future__ import annotations

import datetime as dt

import pytest

from engine.ports import BpmnError
from engine.spiff.steps import EndKind, ErrorUncaught, EscalationUncaught, StepFailed, WaitKind
from tests.support.bpmn import Builder, process
from tests.unit.spiff.driver import NOW, Driver

KEY = "= key"
EVENTS = {
    "message": {"message": "M", "key_": KEY},
    "timer": {"timer": "PT1H"},
    "signal": {"signal": "S"},
}


def handler(builder: Builder, name: str, *, interrupting: bool = True, **event: str) -> Builder:
    """The inside of an event sub-process: its start event `on_NAME`, a task NAME, an end."""
    inside = builder.inner().start(f"on_{name}", interrupting=interrupting, **event)
    return inside.user_task(name).end(f"end_{name}")


def in_process(*, interrupting: bool, **event: str) -> Builder:
    builder = process("p").start().user_task("a").end()
    return builder.sub("E", handler(builder, "h", interrupting=interrupting, **event), event=True)


def in_sub(*, interrupting: bool, **event: str) -> Builder:
    builder = process("p").start()
    inside = builder.inner().start("is").user_task("a").end("ie")
    inside.sub("E", handler(builder, "h", interrupting=interrupting, **event), event=True)
    return builder.sub("sub", inside).user_task("after").end()


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_an_interrupting_one_takes_the_place_of_all_in_its_scope(event: dict[str, str]) -> None:
    run = Driver(in_process(interrupting=True, **event), {"key": "k"})
    assert sorted(run.waits) == ["a", "on_h"]
    run.fire("on_h")

    assert (run.waits, run.cancelled) == (["h"], ["a"])
    assert run.visited[-3:] == ["E", "on_h", "h"]
    run.complete("h")
    assert run.ended is not None
    assert run.ended.kind is EndKind.COMPLETED


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_in_a_sub_process_its_end_is_the_end_of_the_sub_process(event: dict[str, str]) -> None:
    run = Driver(in_sub(interrupting=True, **event), {"key": "k"}).fire("on_h")
    assert run.cancelled == ["a"]
    run.complete("h")

    assert run.waits == ["after"]
    assert run.left[-2:] == ["E", "sub"]


@pytest.mark.parametrize("event", [EVENTS["message"], EVENTS["signal"], {"cycle": "R/PT1H"}], ids=str)
def test_a_non_interrupting_one_runs_any_number_of_times(event: dict[str, str]) -> None:
    run = Driver(in_sub(interrupting=False, **event), {"key": "k"})
    for _ in range(3):
        run.fire("on_h")
    assert run.waits.count("h") == 3
    run.complete("a")
    assert "after" not in run.waits, "the scope is not over while a handler runs"
    run.complete("h", nth=1).complete("h").fire("on_h").complete("h", nth=1).complete("h")

    assert run.waits == ["after"]


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_the_listener_goes_with_its_scope(event: dict[str, str]) -> None:
    run = Driver(in_sub(interrupting=False, **event), {"key": "k"}).complete("a")

    assert run.waits == ["after"]
    assert run.complete("after").ended


def test_a_duration_fires_once_and_counts_from_the_beginning_of_the_scope() -> None:
    run = Driver(in_sub(interrupting=False, timer="PT1H"))
    assert run.wait("on_h").due_at == NOW + dt.timedelta(hours=1)
    run.fire("on_h")

    assert sorted(run.waits) == ["a", "h"]


def test_a_repetition_that_interrupts_fires_once() -> None:
    run = Driver(in_sub(interrupting=True, cycle="R3/PT1H"))
    assert run.wait("on_h").repeat == 2
    run.fire("on_h")

    assert run.waits == ["h"]


# -- variables ------------------------------------------------------------------------------------------------------------


def test_it_reads_and_writes_the_variables_of_its_scope() -> None:
    builder = process("p").start()
    inside = builder.inner().start("is").user_task("a").end("ie")
    catch = builder.inner().start("on", interrupting=False, message="M", key_="= x")
    inside.sub("E", catch.script("s", "= x + y", "x").end("ee"), event=True)
    run = Driver(builder.sub("sub", inside, inputs={"x": "= 1"}).user_task("after", inputs={"seen": "= x"}).end(), {})
    assert run.wait("on").correlation_key == "1"
    run.fire("on", {"y": 10}).fire("on", {"y": 100})

    sub = next(token for token, element, _ in run.tokens if element == "sub")
    assert run.look(lambda p: p.variables(run.wait("a").id, ""))["x"] == 111
    assert run.variables == {"y": 100}, f"x is that of {sub}"


def test_its_own_inputs_and_the_mapping_of_its_start_event_stay_inside() -> None:
    builder = process("p").start().user_task("a").end()
    catch = builder.inner().start("on", interrupting=False, message="M", key_="= 1").user_task("h").end("ee")
    builder.sub("E", catch, event=True, inputs={"got": "= null"}, outputs={"last": "= got"})
    start = builder.xml().replace(
        b'<bpmn:startEvent id="on" isInterrupting="false">',
        b'<bpmn:startEvent id="on" isInterrupting="false"><bpmn:extensionElements><zeebe:ioMapping>'
        b'<zeebe:output source="= a + 1" target="got"/></zeebe:ioMapping></bpmn:extensionElements>',
    )
    run = Driver(_Raw(start), {})
    run.fire("on", {"a": 1})
    assert run.variables == {}
    run.complete("h")

    assert run.variables == {"last": 2}


class _Raw:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def xml(self) -> bytes:
        return self.data


# -- errors and escalations -----------------------------------------------------------------------------------------------


def test_an_error_is_caught_in_its_scope_before_the_boundary_event_of_the_scope() -> None:
    builder = process("p").start()
    inside = builder.inner().start("is").parallel("f").user_task("a").end("bad", error="E1").at("f").user_task("b")
    inside.end("ie").sub("E", handler(builder, "h", error="E1"), event=True)
    builder.sub("sub", inside).user_task("after").end().boundary("sub", "outer", error="E1").user_task("no").end("e2")
    run = Driver(builder).complete("a")

    assert (run.waits, run.cancelled) == (["h"], ["b"])
    assert run.complete("h").waits == ["after"]


def test_a_code_comes_before_all_and_both_before_the_outside() -> None:
    def caught(code: str) -> list[str]:
        builder = process("p").start()
        inside = builder.inner().start("is").user_task("a").end("bad", error=code)
        inside.sub("All", handler(builder, "all", error=""), event=True)
        inside.sub("One", handler(builder, "one", error="E1"), event=True)
        builder.sub("sub", inside).end().boundary("sub", "outer", error=code).user_task("no").end("e2")
        return Driver(builder).complete("a").waits

    assert caught("E1") == ["one"]
    assert caught("E2") == ["all"]


def test_the_boundary_event_of_the_thrower_comes_first() -> None:
    builder = process("p").start().service_task("w", "work").end()
    builder.boundary("w", "near", error="E1").user_task("yes").end("e2")
    builder.sub("E", handler(builder, "h", error="E1"), event=True)

    assert Driver(builder).error("w", "E1").waits == ["yes"]


@pytest.mark.parametrize("code", ["E1", "E2"])
def test_an_error_out_of_an_interrupting_handler_passes_its_scope_over(code: str) -> None:
    builder = process("p").start()
    inside = builder.inner().start("is").user_task("a").end("bad", error="E1")
    inside.sub("E", builder.inner().start("on", error="E1").user_task("h").end("worse", error=code), event=True)
    inside.sub("All", handler(builder, "all", error=""), event=True)
    builder.sub("sub", inside).end().boundary("sub", "outer", error=code).user_task("out").end("e2")
    run = Driver(builder).complete("a").complete("h")

    assert run.waits == ["out"]


def test_what_comes_out_of_a_handler_beside_its_scope_is_caught_by_another_one_there() -> None:
    builder = process("p").start()
    inside = builder.inner().start("is").user_task("a").end("ie")
    bad = builder.inner().start("on", interrupting=False, signal="S").user_task("h").end("worse", error="E1")
    inside.sub("E", bad, event=True).sub("F", handler(builder, "f", error="E1"), event=True)
    run = Driver(builder.sub("sub", inside).user_task("after").end()).fire("on").fire("on").complete("h")

    assert run.waits == ["f"]
    assert sorted(run.cancelled) == ["E", "E", "a", "h"]
    assert run.complete("f").waits == ["after"]


def test_escalations_start_a_handler_each_and_the_thrower_goes_on() -> None:
    builder = process("p").start().throw("t1", escalation="X").throw("t2", escalation="X").user_task("a").end()
    builder.sub("E", handler(builder, "h", interrupting=False, escalation="X"), event=True)
    run = Driver(builder)

    assert sorted(run.waits) == ["a", "h", "h"]
    assert not [effect for effect in run.effects if isinstance(effect, EscalationUncaught)]


def test_an_interrupting_escalation_ends_its_thrower() -> None:
    builder = process("p").start().throw("t", escalation="X").user_task("a").end()
    run = Driver(builder.sub("E", handler(builder, "h", escalation=""), event=True))

    assert run.waits == ["h"]
    assert "a" not in run.visited


def test_a_handler_does_not_catch_its_own_escalation() -> None:
    builder = process("p").start().throw("t", escalation="X").user_task("a").end()
    again = builder.inner().start("on", interrupting=False, escalation="X").throw("t2", escalation="X").end("ee")
    run = Driver(builder.sub("E", again, event=True))

    assert run.visited.count("on") == 1
    assert [effect.element_id for effect in run.effects if isinstance(effect, EscalationUncaught)] == ["t2"]


def test_an_error_of_a_handler_in_the_process_that_nobody_catches() -> None:
    builder = process("p").start().user_task("a").end("bad", error="E1")
    builder.sub("E", builder.inner().start("on", error="E1").end("worse", error="E2"), event=True)
    run = Driver(builder).complete("a")

    assert [effect.code for effect in run.effects if isinstance(effect, ErrorUncaught)] == ["E2"]
    assert run.ended is not None


def test_work_of_a_handler_in_the_process_is_caught_beside_it() -> None:
    def refuse(_variables: dict[str, object]) -> None:
        raise BpmnError("E1")

    builder = process("p").start().service_task("w", "work").end()
    builder.sub("E", handler(builder, "h", error="E1"), event=True)
    run = Driver(builder, handlers={"work": refuse})

    assert run.waits == ["h"]
    assert run.cancelled == ["w"]


# -- signals --------------------------------------------------------------------------------------------------------------


def both(*, inner: bool, outer: bool) -> Builder:
    builder = process("p").start().parallel("f").user_task("go").throw("t", signal="S").end("e0").at("f")
    inside = builder.inner().start("is").user_task("a").end("ie")
    inside.sub("E", handler(builder, "h", interrupting=inner, signal="S"), event=True)
    builder.sub("sub", inside).user_task("after").end()
    return builder.boundary("sub", "b", interrupting=outer, signal="S").user_task("on_b").end("e2")


@pytest.mark.parametrize(
    ("inner", "outer", "waits"),
    [(True, True, ["b", "h"]), (True, False, ["b", "h", "on_b"]), (False, True, ["on_b"])],
)
def test_of_two_for_the_same_signal_the_one_inside_interrupts(inner: bool, outer: bool, waits: list[str]) -> None:
    thrown = Driver(both(inner=inner, outer=outer)).complete("go")
    from_outside = Driver(both(inner=inner, outer=outer))
    names = [(wait.id, wait.part) for wait in from_outside.open.values() if wait.kind is WaitKind.SIGNAL]
    from_outside._act("", lambda process: process.signal(names, {}))

    assert sorted(thrown.waits) == waits
    assert sorted(from_outside.waits) == sorted([*waits, "go"])


def test_who_was_interrupted_before_hears_the_signal_at_the_boundary() -> None:
    builder = process("p").start()
    inside = builder.inner().start("is").user_task("a").end("ie")
    inside.sub("E", handler(builder, "h", signal="S"), event=True)
    builder.sub("sub", inside).end().boundary("sub", "b", signal="S").user_task("on_b").end("e2")
    run = Driver(builder).fire("on_h").fire("b")

    assert run.waits == ["on_b"]


def test_a_thrown_signal_interrupts_its_own_scope() -> None:
    builder = process("p").start().throw("t", signal="S").user_task("a").end()
    run = Driver(builder.sub("E", handler(builder, "h", signal="S"), event=True))

    assert run.waits == ["h"]
    assert "a" not in run.visited


# -- nested, repeated, deep -----------------------------------------------------------------------------------------------


def test_one_in_another_listens_while_the_other_runs() -> None:
    builder = process("p").start().user_task("a").end()
    outer = handler(builder, "h", interrupting=False, signal="S")
    outer.sub("E2", handler(builder, "deep", interrupting=True, signal="D"), event=True)
    run = Driver(builder.sub("E", outer, event=True))
    assert "on_deep" not in run.waits
    run.fire("on_h").fire("on_h").fire("on_deep", nth=1)

    assert sorted(run.waits) == ["a", "deep", "h", "on_deep", "on_h"]
    run.complete("deep").complete("h").complete("a")
    assert run.ended


def test_a_terminate_end_event_in_a_handler_ends_the_handler_only() -> None:
    builder = process("p").start().user_task("a").end()
    inside = builder.inner().start("on", interrupting=False, signal="S").user_task("h").end("ee", terminate="yes")
    run = Driver(builder.sub("E", inside, event=True)).fire("on").complete("h")

    assert sorted(run.waits) == ["a", "on"]


@pytest.mark.parametrize("sequential", [None, "yes"])
def test_every_body_of_a_multi_instance_has_its_own(sequential: str | None) -> None:
    builder = process("p").start()
    inside = builder.inner().start("is").user_task("a").end("ie")
    inside.sub("E", handler(builder, "h", interrupting=True, message="M", key_="= string(n)"), event=True)
    many = {"each": "= [1, 2]", "item": "n", **({"sequential": sequential} if sequential else {})}
    run = Driver(builder.sub("sub", inside, **many).user_task("after").end())
    keys = [wait.correlation_key for wait in run.open.values() if wait.kind is WaitKind.MESSAGE]
    assert keys == (["1"] if sequential else ["1", "2"])
    run.fire("on_h").complete("h")
    if sequential:
        assert run.wait("on_h").correlation_key == "2"
    run.complete("a")

    assert run.waits == ["after"]


def test_a_signal_reaches_the_handlers_of_all_bodies() -> None:
    builder = process("p").start().parallel("f").user_task("go").throw("t", signal="S").end("e0").at("f")
    inside = builder.inner().start("is").user_task("a").end("ie")
    inside.sub("E", handler(builder, "h", signal="S"), event=True)
    run = Driver(builder.sub("sub", inside, each="= [1, 2, 3]").end()).complete("go")

    assert run.waits == ["h", "h", "h"]


def test_twenty_scopes_each_with_a_handler_and_a_boundary_event() -> None:
    builder = process("p").start()
    inside = builder.inner().start("s0").user_task("a").end("e0")
    inside.sub("E0", handler(builder, "h0", signal="S0"), event=True)
    for level in range(1, 20):
        outer = builder.inner().start(f"s{level}").sub(f"sub{level}", inside).end(f"e{level}")
        outer.boundary(f"sub{level}", f"b{level}", timer="PT1H").user_task(f"late{level}").end(f"l{level}")
        inside = outer.sub(f"E{level}", handler(builder, f"h{level}", signal=f"S{level}"), event=True)
    builder.sub("sub20", inside).user_task("after").end()
    assert len(Driver(builder).waits) == 1 + 20 + 19
    run = Driver(builder).fire("on_h10")
    assert run.cancelled[-1] == "sub10"
    assert [wait for wait in run.waits if wait.startswith("on_h")] == [f"on_h{level}" for level in range(19, 10, -1)]
    run.complete("h10")

    assert run.waits == ["after"]
    assert Driver(builder).complete("a").waits == ["after"]


def test_a_scope_whose_tokens_all_wait_at_a_join_is_dead_though_a_handler_listens() -> None:
    builder = process("p").start().exclusive("x").flow_if("= true").user_task("a").parallel("join").end()
    builder.at("x").otherwise().user_task("b").to("join")
    builder.sub("E", handler(builder, "h", signal="S"), event=True)

    with pytest.raises(StepFailed) as failure:
        Driver(builder).complete("a")
    assert failure.value.code == "dead_join"


def test_an_expression_of_a_listener_that_fails_is_told_at_its_event() -> None:
    builder = in_process(interrupting=True, message="M", key_="= missing")

    with pytest.raises(StepFailed) as failure:
        Driver(builder)
    assert (failure.value.element_id, failure.value.code) == ("on_h", "expression_error")


def test_the_mapping_of_a_start_event_comes_before_the_key_of_a_handler() -> None:
    builder = in_process(interrupting=True, message="M", key_="= key")
    xml = builder.xml().replace(
        b'<bpmn:startEvent id="start">',
        b'<bpmn:startEvent id="start"><bpmn:extensionElements><zeebe:ioMapping>'
        b'<zeebe:output source="= a" target="key"/></zeebe:ioMapping></bpmn:extensionElements>',
    )
    run = Driver(_Raw(xml), {"a": "k"}, start_element_id="start")

    assert run.wait("on_h").correlation_key == "k"
