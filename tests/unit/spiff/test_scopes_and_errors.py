"""Sub-processes, calls, errors and escalations on their way out, terminate, variables and mappings."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from engine.ports import BpmnError
from engine.spiff.steps import (
    EndKind,
    ErrorUncaught,
    EscalationUncaught,
    StepFailed,
    VariableChanged,
    WaitKind,
)
from tests.support.bpmn import process
from tests.unit.spiff.driver import Driver


def _nested(depth: int, last: str, **event: str):
    """Sub-processes in each other, the innermost with a task and an end event."""
    builder = process("p").start()
    inside = builder.inner().start("start_0").user_task("a").end(last, **event)
    for level in range(1, depth):
        outer = builder.inner().start(f"start_{level}").sub(f"sub_{level}", inside)
        inside = outer.user_task(f"after_{level}").end(f"end_{level}")
    return builder.sub(f"sub_{depth}", inside).user_task("after").end()


def test_a_sub_process_ends_when_no_token_is_left_in_it() -> None:
    builder = process("p").start()
    inner = builder.inner().start("is").parallel("f").user_task("a").end("e1").at("f").user_task("b").end("e2")
    run = Driver(builder.sub("sub", inner).user_task("after").end())
    run.complete("b")
    assert run.waits == ["a"]
    run.complete("a")

    assert run.waits == ["after"]
    assert run.visited[:3] == ["start", "sub", "is"]


def test_sub_processes_may_stand_twenty_deep() -> None:
    run = Driver(_nested(20, "e"))
    run.complete("a")
    for level in range(1, 20):
        run.complete(f"after_{level}")

    assert run.waits == ["after"]


def test_an_empty_sub_process_passes() -> None:
    builder = process("p").start()
    builder.sub("sub", builder.inner()).end()

    assert Driver(builder).ended


def test_terminate_ends_its_scope_only() -> None:
    builder = process("p").start()
    inner = builder.inner().start("is").parallel("f").user_task("a").end("stop", terminate="yes")
    inner.at("f").user_task("b").end("ie")
    run = Driver(builder.sub("sub", inner).user_task("after").end()).complete("a")

    assert run.waits == ["after"]
    assert run.cancelled == ["b"]


def test_terminate_ends_the_process() -> None:
    builder = process("p").start().parallel("f").user_task("a").end("stop", terminate="yes")
    run = Driver(builder.at("f").user_task("b").end()).complete("a", {"x": 1})

    assert run.ended is not None
    assert (run.ended.kind, run.ended.variables) == (EndKind.TERMINATED, {"x": 1})


# -- errors ---------------------------------------------------------------------------------------------------------------


def test_a_named_error_event_comes_before_one_for_all() -> None:
    builder = process("p").start().service_task("s", "w").end()
    builder.boundary("s", "any", error="").end("e_any").boundary("s", "named", error="E1").end("e_named")

    assert "named" in Driver(builder).error("s", "E1", {"why": "ขาด"}).visited
    assert "any" in Driver(builder).error("s", "E2").visited
    assert Driver(builder).error("s", "E1", {"why": "ขาด"}).variables == {"why": "ขาด"}


@pytest.mark.parametrize("catcher", [1, 2, 3])
def test_an_error_walks_out_to_the_scope_that_catches_it(catcher: int) -> None:
    builder = _nested(3, "e", error="E1")
    target = builder
    xml_level = f"sub_{catcher}"
    if catcher == 3:
        target.boundary(xml_level, "caught", error="E1").user_task("handled").end("aside")
        run = Driver(builder).complete("a")
    else:
        builder = process("p").start()
        inside = builder.inner().start("start_0").user_task("a").end("e", error="E1")
        for level in (1, 2):
            outer = builder.inner().start(f"start_{level}").sub(f"sub_{level}", inside)
            outer.user_task(f"after_{level}").end(f"end_{level}")
            if level == catcher:
                outer.boundary(xml_level, "caught", error="E1").user_task("handled").end("aside")
            inside = outer
        run = Driver(builder.sub("sub_3", inside).user_task("after").end()).complete("a")

    assert run.waits == ["handled"]


def test_an_uncaught_error_end_ends_its_token_and_is_told() -> None:
    builder = process("p").start().parallel("f").user_task("a").end("e", error="E1").at("f").user_task("b").end()
    run = Driver(builder).complete("a")

    assert [e for e in run.effects if isinstance(e, ErrorUncaught)] == [ErrorUncaught("e", "E1")]
    assert run.waits == ["b"]
    run.complete("b")
    assert run.ended is not None
    assert (run.ended.kind, run.ended.error_code) == (EndKind.ERROR, "E1")


def test_an_uncaught_error_of_a_called_process_leaves_it_at_once() -> None:
    builder = process("p").start().parallel("f").user_task("a").end("e", error="E1").at("f").user_task("b").end()
    run = Driver(builder, called=True).complete("a", {"x": 1})

    assert run.ended is not None
    assert (run.ended.kind, run.ended.error_code, run.ended.variables) == (EndKind.ERROR, "E1", {"x": 1})
    assert run.cancelled == ["b"]


def test_an_uncaught_error_of_work_fails_the_step() -> None:
    run = Driver(process("p").start().service_task("s", "w").end())
    with pytest.raises(StepFailed) as failure:
        run.error("s", "E1")

    assert (failure.value.element_id, failure.value.code) == ("s", "unhandled_error")


def test_a_handler_may_throw_an_error() -> None:
    def fail(variables):
        raise BpmnError("E1", "no budget", {"amount": Decimal("1.50")})

    builder = process("p").start().service_task("s", "w").end().boundary("s", "b", error="E1").end("aside")
    run = Driver(builder, handlers={"w": fail})

    assert run.visited == ["start", "s", "b", "aside"]
    assert run.variables == {"amount": Decimal("1.50")}


def test_an_error_of_a_called_process_is_caught_at_the_call() -> None:
    builder = process("p").start().call("c", "child").end().boundary("c", "b", error="E1").end("aside")

    assert Driver(builder).error("c", "E1").visited[-2:] == ["b", "aside"]


# -- escalations ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_is_caught_beside_or_instead(interrupting: bool) -> None:
    builder = process("p").start()
    inner = builder.inner().start("is").user_task("a").throw("t", escalation="late").user_task("b").end("ie")
    builder.sub("sub", inner).end("done")
    builder.boundary("sub", "esc", interrupting=interrupting, escalation="late").user_task("boss").end("aside")
    run = Driver(builder).complete("a")

    assert set(run.waits) == ({"boss"} if interrupting else {"boss", "b"})
    assert ("sub" in run.cancelled) is interrupting


def test_an_uncaught_escalation_is_told_and_the_thrower_goes_on() -> None:
    run = Driver(process("p").start().throw("t", escalation="late").end("e", escalation="later"))

    assert [(e.element_id, e.code) for e in run.effects if isinstance(e, EscalationUncaught)] == [
        ("t", "late"),
        ("e", "later"),
    ]
    assert run.ended is not None
    assert run.ended.kind is EndKind.COMPLETED


def test_an_escalation_end_inside_lets_the_sub_process_go_on_to_its_end() -> None:
    builder = process("p").start()
    inner = builder.inner().start("is").user_task("a").end("ie", escalation="late")
    builder.sub("sub", inner).end("done").boundary("sub", "esc", interrupting=False, escalation="").end("aside")
    run = Driver(builder).complete("a")

    assert {"aside", "done"} <= set(run.visited)
    assert run.ended


def test_an_escalation_of_a_called_process_is_caught_at_the_call() -> None:
    builder = process("p").start().call("c", "child").end("done")
    builder.boundary("c", "esc", interrupting=False, escalation="late").end("aside")
    run = Driver(builder).escalate("c", "late", {"days": 3})

    assert run.waits == ["c"]
    assert run.variables == {"days": 3}
    assert run.child("c").ended


# -- calls ----------------------------------------------------------------------------------------------------------------


def test_a_call_hands_over_what_it_sees_or_its_inputs_only() -> None:
    builder = process("p").start().call("c", "child", binding="deployment", inputs={"x": "= a + 1"}).end()
    wait = Driver(builder, {"a": 1}).wait("c")

    assert wait.kind is WaitKind.CHILD
    assert (wait.process_id, wait.binding) == ("child", "deployment")
    assert wait.variables == {"a": 1, "x": 2}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"outputs": {"got.total": "= sum"}}, {"a": 1, "got": {"total": 5}}),
        ({"propagate_all": True}, {"a": 7, "sum": 5}),
        ({}, {"a": 1}),
    ],
)
def test_a_call_takes_back_its_outputs_everything_or_nothing(settings, expected) -> None:
    run = Driver(process("p").start().call("c", "child", **settings).end(), {"a": 1})
    run.child("c", {"sum": 5, "a": 7})

    assert run.variables == expected


# -- variables ------------------------------------------------------------------------------------------------------------


def test_inputs_make_a_scope_and_outputs_are_the_only_way_out() -> None:
    builder = (
        process("p")
        .start()
        .user_task("a", inputs={"n": "= n + 1", "deep.er.x": "= n"}, outputs={"result.score": "= score", "n": "= n"})
    )
    run = Driver(builder.end(), {"n": 1, "result": {"kept": True}})

    assert run.wait("a").variables == {"n": 2, "deep": {"er": {"x": 2}}}
    run.complete("a", {"score": 9, "secret": 1})
    assert run.variables == {"n": 2, "result": {"kept": True, "score": 9}}


def test_results_go_to_where_their_name_lives_else_to_the_process() -> None:
    builder = process("p").start()
    inner = builder.inner().start("is").user_task("a").end("ie")
    builder.sub("sub", inner)
    builder._nodes["sub"].extensions.append(
        '<zeebe:ioMapping><zeebe:input source="= 0" target="local"/></zeebe:ioMapping>'
    )
    run = Driver(builder.end()).complete("a", {"local": 5, "far": 6})

    assert run.variables == {"far": 6}
    changed = [(e.scope_element_id, e.name, e.value) for e in run.effects if isinstance(e, VariableChanged)]
    assert changed[-2:] == [("sub", "local", 5), ("p", "far", 6)]


def test_parallel_branches_see_the_same_variables() -> None:
    builder = process("p").start().parallel("f").user_task("a").parallel("j").script("s", "= x + y", "z").end()
    run = Driver(builder.at("f").user_task("b").to("j"), {"x": 0, "y": 0})
    run.complete("b", {"y": 2}).complete("a", {"x": 1})

    assert run.variables == {"x": 1, "y": 2, "z": 3}


def test_a_mapping_that_fails_keeps_what_was_submitted() -> None:
    builder = process("p").start().user_task("a", outputs={"x": "= ]"}).end()
    run = Driver(builder)
    with pytest.raises(StepFailed) as failure:
        run.complete("a", {"y": 1})

    assert (failure.value.element_id, failure.value.code) == ("a", "mapping_error")


def test_variables_of_a_step_can_be_set_from_outside() -> None:
    run = Driver(process("p").start().user_task("a").end()).set("p", x=1).set("", y=[1, {"z": None}])

    assert run.variables == {"x": 1, "y": [1, {"z": None}]}


@pytest.mark.parametrize(
    "value",
    [
        0,
        False,
        1,
        True,
        1.0,
        Decimal("1.50"),
        Decimal("0.1") + Decimal("0.2"),
        10**30,
        "",
        "ที่ ๑ ๒ ๓",
        None,
        dt.date(2026, 2, 28),
        dt.time(9, 30),
        dt.datetime(2026, 1, 1, 7, 0, tzinfo=dt.timezone(dt.timedelta(hours=7))),
        dt.timedelta(days=1, microseconds=1),
        {"typename": "x", "$decimal": "1", "__class__": 0},
        [0, False, [True, 1, 1.0], {}],
    ],
)
def test_values_survive_storage_exactly(value: object) -> None:
    run = Driver(process("p").start().user_task("a").user_task("b").end()).complete("a", {"v": value})
    found = run.variables["v"]

    assert found == value
    assert repr(found) == repr(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1: 2}])
def test_values_that_cannot_be_stored_exactly_are_refused(value: object) -> None:
    run = Driver(process("p").start().user_task("a").user_task("b").end())
    with pytest.raises(StepFailed) as failure:
        run.complete("a", {"v": value})

    assert failure.value.code == "invalid_variables"


def test_user_task_settings_are_evaluated() -> None:
    builder = process("p").start()
    builder.user_task("a", groups="= [g]", users="x, y,z", assignee="= who", due="= due", priority="70", form="f").end()
    wait = Driver(builder, {"g": "role@TH-52", "who": None, "due": dt.date(2026, 2, 1)}).wait("a")

    assert wait.candidate_groups == ("role@TH-52",)
    assert wait.candidate_users == ("x", "y", "z")
    assert wait.assignee is None
    assert (wait.due_date, wait.priority, wait.form_id) == (dt.date(2026, 2, 1), 70, "f")


def test_a_job_gets_its_inputs_else_all_it_sees() -> None:
    builder = process("p").start().service_task("all", "w", headers={"h": "1"}, retries="5")
    run = Driver(builder.service_task("some", "w", inputs={"x": "= a"}).end(), {"a": 1, "b": 2})
    wait = run.wait("all")

    assert (wait.kind, wait.type, wait.retries, wait.headers, wait.variables) == (
        WaitKind.JOB, "w", 5, {"h": "1"}, {"a": 1, "b": 2},
    )  # fmt: skip
    run.complete("all", {"b": 3})
    assert run.wait("some").variables == {"x": 1}


def test_a_message_start_takes_the_place_of_the_others() -> None:
    builder = process("p").start().user_task("a").end()
    builder.start("by_message", message="go").user_task("b").end("e2")

    assert Driver(builder).waits == ["a"]
    assert Driver(builder, {"x": 1}, start_element_id="by_message").waits == ["b"]
    with pytest.raises(StepFailed):
        Driver(builder, start_element_id="nowhere")
