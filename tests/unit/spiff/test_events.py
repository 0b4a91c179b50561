"""Messages, timers, signals: caught, thrown, raced, at the border of an activity, once or again and again."""

from __future__ import annotations

import datetime as dt

import pytest

from engine.spiff.steps import CloseReason, StepFailed, WaitKind
from tests.support.bpmn import process
from tests.unit.spiff.driver import NOW, Driver


def test_a_message_catch_waits_by_name_and_key_and_takes_the_variables() -> None:
    run = Driver(process("p").start().catch("m", message="paid", key_="= order").end(), {"order": "A-1"})
    wait = run.wait("m")

    assert (wait.kind, wait.message_name, wait.correlation_key) == (WaitKind.MESSAGE, "paid", "A-1")
    run.fire("m", {"amount": 5})
    assert run.variables == {"order": "A-1", "amount": 5}


def test_a_correlation_key_that_is_null_fails_the_step() -> None:
    run = Driver(process("p").start().user_task("a").catch("m", message="paid", key_="= order").end())

    with pytest.raises(StepFailed) as failure:
        run.complete("a")
    assert (failure.value.element_id, failure.value.code) == ("m", "expression_error")


def test_a_receive_task_is_a_message_catch() -> None:
    run = Driver(process("p").start().receive("r", message="paid", key_="= order").end(), {"order": 7})

    assert run.wait("r").correlation_key == "7"
    assert run.fire("r").ended


@pytest.mark.parametrize(
    ("event", "due"),
    [
        ({"timer": "P1M"}, dt.datetime(2026, 2, 28, 9, 0, tzinfo=dt.UTC)),
        ({"timer": "PT36H"}, dt.datetime(2026, 2, 1, 21, 0, tzinfo=dt.UTC)),
        ({"timer": "= wait"}, dt.datetime(2026, 1, 31, 9, 10, tzinfo=dt.UTC)),
        ({"date": "2026-03-01T08:00:00+07:00"}, dt.datetime(2026, 3, 1, 1, 0, tzinfo=dt.UTC)),
        ({"date": "= when"}, dt.datetime(2026, 4, 30, 17, 0, tzinfo=dt.UTC)),
    ],
)
def test_a_timer_is_due_at_an_aware_moment(event: dict[str, str], due: dt.datetime) -> None:
    builder = process("p").start().catch("t", **event).end()
    run = Driver(builder, {"wait": "PT10M", "when": dt.date(2026, 5, 1)})

    assert run.wait("t").due_at == due
    assert run.fire("t").ended


def test_a_timer_that_cannot_be_read_fails_the_step() -> None:
    run = Driver(process("p").start().user_task("a").catch("t", timer="= wait").end())

    with pytest.raises(StepFailed) as failure:
        run.complete("a", {"wait": "soon"})
    assert (failure.value.element_id, failure.value.code) == ("t", "timer_error")


def test_a_signal_reaches_every_listener_of_the_instance_and_leaves_it() -> None:
    builder = process("p").start().parallel("f").catch("s1", signal="go").end("e1")
    builder.at("f").catch("s2", signal="go").end("e2").at("f").catch("s3", signal="other").end("e3")
    builder.at("f").user_task("a").throw("throw", signal="go").end("e4")
    run = Driver(builder).complete("a")

    assert run.signals == ["go"]
    assert run.waits == ["s3"]
    assert {"e1", "e2", "e4"} <= set(run.visited)


def test_a_throw_never_precedes_its_catch() -> None:
    builder = process("p").start().parallel("f").throw("throw", signal="go").end("e1")
    builder.at("f").task("x").task("y").catch("s", signal="go").end("e2")

    assert Driver(builder).ended


def test_a_signal_name_may_be_an_expression() -> None:
    run = Driver(process("p").start().catch("s", signal="= name").end(), {"name": "opened"})

    assert run.wait("s").message_name == "opened"


def test_a_thrown_message_carries_the_inputs_of_its_event_only() -> None:
    builder = process("p").start().throw("m", message="told", key_="= code").end()
    builder._nodes["m"].extensions.append(
        '<zeebe:ioMapping><zeebe:input source="= a" target="sent.a"/></zeebe:ioMapping>'
    )
    run = Driver(builder, {"code": "X", "a": "ลำปาง", "b": 2})
    (message,) = run.messages

    assert (message.name, message.correlation_key, message.variables) == ("told", "X", {"sent": {"a": "ลำปาง"}})
    assert "sent" not in run.variables


def test_a_message_throw_with_work_settings_is_a_job() -> None:
    builder = process("p").start().throw("m", message="told", type="mail").end("e", message="over", type="mail")
    run = Driver(builder)

    assert run.wait("m").kind is WaitKind.JOB
    assert run.wait("m").type == "mail"
    run.complete("m")
    assert run.complete("e").ended
    assert run.messages == []


def test_a_message_end_publishes_and_ends() -> None:
    run = Driver(process("p").start().end("e", message="over", key_="= k"), {"k": "1"})

    assert [m.name for m in run.messages] == ["over"]
    assert run.ended


@pytest.mark.parametrize("winner", ["t1", "t2", "m", "s"])
def test_an_event_gateway_is_a_race_in_which_each_has_its_own_moment(winner: str) -> None:
    builder = process("p").start().event_gateway("g").catch("t1", timer="PT1H").end("e_t1")
    builder.at("g").catch("t2", timer="PT3M").end("e_t2").at("g").receive("m", message="paid", key_="= 'k'")
    builder.end("e_m").at("g").catch("s", signal="go").end("e_s")
    builder._roots = {k: v.replace("= 'k'", "k") for k, v in builder._roots.items()}
    run = Driver(builder)

    assert run.waits == ["t1", "t2", "m", "s"]
    assert run.wait("t1").due_at == NOW + dt.timedelta(hours=1)
    assert run.wait("t2").due_at == NOW + dt.timedelta(minutes=3)
    run.fire(winner)
    assert run.visited == ["start", "g", winner, f"e_{winner}"]
    assert run.cancelled == []
    assert [c.reason for c in run.closed()].count(CloseReason.CANCELLED) == 3
    assert run.ended


_EVENTS = {
    "timer": {"timer": "PT1H"},
    "message": {"message": "stop", "key_": "k"},
    "signal": {"signal": "stop"},
}


def _host(kind: str, boundary: dict[str, str], *, interrupting: bool):
    builder = process("p").start()
    if kind == "sub":
        builder.sub("host", builder.inner().start("is").user_task("inside").end("ie"))
    elif kind == "call":
        builder.call("host", "other")
    elif kind == "many":
        builder.user_task("host", each="= items", item="item")
    elif kind == "service":
        builder.service_task("host", "work")
    elif kind == "receive":
        builder.receive("host", message="host", key_="k")
    else:
        builder.user_task("host")
    builder.end("done").boundary("host", "b", interrupting=interrupting, **boundary).end("aside")
    return builder


@pytest.mark.parametrize("kind", ["user", "sub", "call", "many", "service", "receive"])
@pytest.mark.parametrize("event", list(_EVENTS))
def test_an_interrupting_boundary_event_removes_its_host(kind: str, event: str) -> None:
    run = Driver(_host(kind, _EVENTS[event], interrupting=True), {"items": [1, 2, 3]})
    hosts = [element for element in run.waits if element != "b"]
    assert run.waits.count("b") == 1

    run.fire("b", {"why": "late"})

    assert "host" in run.cancelled
    assert "done" not in run.visited
    assert run.visited[-2:] == ["b", "aside"]
    assert run.variables["why"] == "late"
    assert len(hosts) == (3 if kind == "many" else 1)
    assert run.ended


@pytest.mark.parametrize("kind", ["user", "sub", "call", "many", "service", "receive"])
@pytest.mark.parametrize("event", ["message", "signal"])
def test_a_non_interrupting_boundary_event_fires_any_number_of_times(kind: str, event: str) -> None:
    run = Driver(_host(kind, _EVENTS[event], interrupting=False), {"items": [1]})
    for _ in range(3):
        run.fire("b")
        assert run.waits.count("b") == 1

    assert run.visited.count("aside") == 3
    (host,) = [element for element in run.waits if element != "b"]
    (run.child if kind == "call" else run.fire if kind == "receive" else run.complete)(host)
    assert run.ended
    assert run.waits == []


def test_a_listener_ends_with_its_host() -> None:
    run = Driver(_host("user", {"timer": "PT1H"}, interrupting=True)).complete("host")

    assert run.ended
    assert [c.reason for c in run.closed()] == [CloseReason.COMPLETED, CloseReason.CANCELLED]


def test_a_repeated_timer_fires_each_time_counted_from_its_first_moment() -> None:
    run = Driver(_host("user", {"cycle": "R3/P1M"}, interrupting=False))
    due = []
    for left in (2, 1, 0):
        due.append(run.wait("b").due_at)
        assert run.wait("b").repeat == left
        run.now += dt.timedelta(days=40)  # firing late does not shift the next
        run.fire("b")

    assert [moment.date().isoformat() for moment in due] == ["2026-02-28", "2026-03-31", "2026-04-30"]
    assert "b" not in run.waits
    assert run.visited.count("aside") == 3


def test_missed_firings_of_an_endless_cycle_are_passed_over() -> None:
    """Whoever was away for hours is reminded once, not once for each hour."""
    run = Driver(_host("user", {"cycle": "R/PT1H"}, interrupting=False))
    run.now = NOW + dt.timedelta(hours=6, minutes=20)
    run.fire("b")

    assert run.visited.count("b") == 1
    assert [wait.due_at for wait in run.open.values() if wait.element_id == "b"] == [NOW + dt.timedelta(hours=7)]


def test_a_counted_cycle_fires_as_often_as_it_says_however_late() -> None:
    run = Driver(_host("user", {"cycle": "R3/PT1H"}, interrupting=False))
    run.now = NOW + dt.timedelta(hours=6, minutes=20)

    due = []
    for _ in range(3):
        due.append(run.wait("b").due_at)
        run.fire("b")

    assert due == [NOW + dt.timedelta(hours=hour) for hour in (1, 2, 3)]
    assert run.visited.count("b") == 3
    assert [wait for wait in run.open.values() if wait.element_id == "b"] == []


def test_an_endless_cycle_goes_on_and_each_firing_has_its_own_wait() -> None:
    run = Driver(_host("user", {"cycle": "R/2026-02-01T00:00:00+07:00/PT1H"}, interrupting=False))
    ids = set()
    for hour in range(5):
        wait = run.wait("b")
        ids.add(wait.id)
        assert wait.due_at == dt.datetime(2026, 1, 31, 17 + hour, tzinfo=dt.UTC)
        assert wait.repeat is None
        run.fire("b")

    assert len(ids) == 5
    assert run.complete("host").ended


def test_a_single_timer_beside_a_task_fires_once() -> None:
    run = Driver(_host("user", {"timer": "PT1H"}, interrupting=False)).fire("b")

    assert run.waits == ["host"]


def test_a_stale_wait_is_refused() -> None:
    run = Driver(_host("user", {"cycle": "R3/PT1H"}, interrupting=False))
    first = run.wait("b").id
    run.fire("b")

    assert run.look(lambda process: process.is_waiting(first)) is False
    assert run.look(lambda process: process.is_waiting(run.wait("b").id)) is True


def test_a_thrower_that_ends_its_own_scope_does_not_go_on() -> None:
    builder = process("p").start()
    inner = builder.inner().start("is").user_task("a").throw("t", signal="stop").user_task("never").end("ie")
    builder.sub("sub", inner).end("done").boundary("sub", "b", signal="stop").end("aside")
    run = Driver(builder).complete("a")

    assert "never" not in run.visited
    assert "done" not in run.visited
    assert run.ended


def test_one_interrupting_handler_takes_a_signal_for_its_host() -> None:
    builder = process("p").start().user_task("a").end()
    builder.boundary("a", "b1", signal="stop").end("e1").boundary("a", "b2", signal="stop").end("e2")
    builder._cursor = None
    builder.task("free").catch("pause", timer="PT1M").throw("t", signal="stop").end("e3")
    run = Driver(builder).fire("pause")

    assert "e1" in run.visited
    assert "e2" not in run.visited


def test_cancel_closes_everything() -> None:
    builder = process("p").start().parallel("f").user_task("a").end().at("f").catch("t", timer="PT1H").end("e2")
    builder.at("f").user_task("many", each="= [1, 2]", item="i").end("e3")
    run = Driver(builder)
    run.cancel()

    assert run.waits == []
    assert [c.reason for c in run.closed()] == [CloseReason.CANCELLED] * 4
