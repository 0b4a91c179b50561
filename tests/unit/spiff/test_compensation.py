"""Compensation: what is completed is undone in reverse order, once, with its variables; transactions are cancelled."""

from __future__ import annotations

import pytest

from engine.spiff.steps import EndKind
from tests.support.bpmn import Builder, process
from tests.unit.spiff.driver import Driver


def undoable(to: Builder, *names: str) -> Builder:
    """Tasks one after another, each with a task `un_NAME` that undoes it."""
    for name in names:
        to.user_task(name)
    last = names[-1]
    for name in names:
        to.apart().user_task(f"un_{name}").undo(name, f"un_{name}")
    return to.at(last)


def do(run: Driver, *names: str) -> Driver:
    for name in names:
        run.complete(name)
    return run


@pytest.mark.parametrize("end", [False, True])
def test_all_that_is_completed_is_undone_in_reverse_order_and_once(end: bool) -> None:
    builder = undoable(process("p").start(), "a", "b", "c")
    if end:
        builder.end("undo", compensate="")
    else:
        builder.throw("undo", compensate="").throw("again", compensate="").user_task("after").end()
    run = do(Driver(builder), "a", "b", "c")
    for name in ("un_c", "un_b", "un_a"):
        assert run.waits == [name]
        run.complete(name)

    assert (run.ended is not None) if end else run.waits == ["after"]
    assert not run.cancelled


def test_what_was_never_done_is_not_undone() -> None:
    builder = process("p").start().exclusive("x").flow_if("= true").user_task("a").exclusive("m")
    builder.throw("undo", compensate="").user_task("after").end().at("x").otherwise().user_task("b").to("m")
    for name in "ab":
        builder.apart().user_task(f"un_{name}").undo(name, f"un_{name}")

    assert do(Driver(builder), "a").waits == ["un_a"]


def test_what_was_done_in_a_loop_is_undone_as_often() -> None:
    builder = process("p").start().exclusive("m").user_task("a").exclusive("x").flow_if("= more").to("m")
    builder.at("x").otherwise().throw("undo", compensate="a").user_task("after").end()
    builder.apart().user_task("un_a").undo("a", "un_a")
    run = Driver(builder)
    run.complete("a", {"more": True}).complete("a", {"more": True}).complete("a", {"more": False})

    assert do(run, "un_a", "un_a", "un_a").waits == ["after"]


def test_one_activity_alone() -> None:
    builder = undoable(process("p").start(), "a", "b").throw("undo", compensate="a").throw("rest", compensate="")
    run = do(Driver(builder.user_task("after").end()), "a", "b")
    assert run.waits == ["un_a"]

    assert do(run, "un_a").waits == ["un_b"]


def test_a_throw_that_does_not_wait_goes_on_and_the_scope_waits() -> None:
    builder = undoable(process("p").start(), "a", "b").throw("undo", compensate="", waits="no").user_task("after").end()
    run = do(Driver(builder), "a", "b")
    assert sorted(run.waits) == ["after", "un_b"]
    run.complete("after")
    assert run.ended is None

    assert do(run, "un_b", "un_a").ended


def test_work_that_undoes_itself_runs_through() -> None:
    done: list[str] = []
    builder = process("p").start()
    for name in "abc":
        builder.service_task(name, "work")
    builder.end("undo", compensate="")
    for name in "abc":
        builder.apart().service_task(f"un_{name}", f"un_{name}").undo(name, f"un_{name}")
    handlers = {"work": lambda _v: {}} | {f"un_{n}": lambda _v, n=n: done.append(n) or {} for n in "abc"}
    run = Driver(builder, handlers=handlers)

    assert done == ["c", "b", "a"] * len(run.ways)
    assert run.visited[-3:] == ["un_c", "un_b", "un_a"]


# -- sub-processes --------------------------------------------------------------------------------------------------------


def with_sub(*, own: bool = False, inputs: dict[str, str] | None = None) -> Builder:
    builder = process("p").start()
    inside = undoable(builder.inner().start("is"), "a", "b").end("ie")
    if own:
        undo = builder.inner().start("on", compensate="").user_task("mine").throw("rest", compensate="").end("ee")
        inside.sub("E", undo, event=True)
    builder.sub("sub", inside, inputs=inputs)
    return builder.user_task("between").throw("undo", compensate="sub").user_task("after").end()


def test_a_sub_process_is_undone_by_what_undoes_its_parts() -> None:
    run = do(Driver(with_sub()), "a", "b", "between")
    assert run.waits == ["un_b"]

    assert do(run, "un_b", "un_a").waits == ["after"]
    assert run.visited.count("sub") == 1, "it is opened again, not entered"


def test_its_own_event_sub_process_undoes_it_and_may_undo_the_parts() -> None:
    run = do(Driver(with_sub(own=True)), "a", "b", "between")
    assert run.waits == ["mine"]

    assert do(run, "mine", "un_b", "un_a").waits == ["after"]


def test_it_is_opened_again_with_the_variables_it_had() -> None:
    run = do(Driver(with_sub(inputs={"x": "= 1"}), {"x": 0}), "a")
    run.complete("b", {"x": 2})
    run.complete("between", {"x": 9})
    assert run.look(lambda p: p.variables(run.wait("un_b").id, ""))["x"] == 2
    run.complete("un_b", {"x": 3})
    assert run.look(lambda p: p.variables(run.wait("un_a").id, ""))["x"] == 3

    assert run.complete("un_a").variables == {"x": 9}


def test_a_sub_process_that_did_not_end_by_itself_is_not_undone() -> None:
    builder = process("p").start()
    inside = undoable(builder.inner().start("is"), "a", "b").end("ie")
    builder.sub("sub", inside).exclusive("m").throw("undo", compensate="").user_task("after").end()
    builder.boundary("sub", "late", timer="PT1H").to("m")
    run = do(Driver(builder), "a").fire("late")

    assert run.waits == ["after"]


def test_a_boundary_event_on_the_sub_process_undoes_it_as_a_whole() -> None:
    builder = with_sub(own=True)
    builder.apart().user_task("whole").undo("sub", "whole")
    run = do(Driver(builder), "a", "b", "between")
    assert run.waits == ["whole"]

    assert do(run, "whole").waits == ["after"]


def test_nested_sub_processes_are_undone_from_the_last_to_the_first_part() -> None:
    builder = process("p").start()
    deep = undoable(builder.inner().start("ds"), "b", "c").end("de")
    inside = undoable(builder.inner().start("is"), "a").sub("deep", deep)
    undoable(inside, "d").end("ie")
    run = Driver(undoable(undoable(builder, "z").sub("sub", inside), "e").end("undo", compensate=""))
    do(run, "z", "a", "b", "c", "d", "e")
    do(run, "un_e", "un_d", "un_c", "un_b", "un_a", "un_z")

    assert run.ended is not None
    assert run.ended.kind is EndKind.COMPLETED


@pytest.mark.parametrize("sequential", [None, "yes"])
def test_each_body_of_a_multi_instance_is_undone_with_its_item(sequential: str | None) -> None:
    many = {"each": "= [1, 2, 3]", "item": "n", **({"sequential": sequential} if sequential else {})}
    builder = process("p").start().user_task("a", **many).throw("undo", compensate="").user_task("after").end()
    builder.apart().user_task("un_a", inputs={"seen": "= n"}).undo("a", "un_a")
    run = do(Driver(builder), "a", "a", "a")
    seen = []
    for _ in range(3):
        seen.append(run.wait("un_a").variables["seen"])
        run.complete("un_a")

    assert (seen, run.waits) == ([3, 2, 1], ["after"])


def test_bodies_that_are_sub_processes_are_opened_again() -> None:
    builder = process("p").start()
    inside = undoable(builder.inner().start("is"), "a").end("ie")
    builder.sub("sub", inside, each="= [1, 2]", item="n").throw("undo", compensate="sub").user_task("after").end()
    run = do(Driver(builder), "a", "a")
    seen = []
    for _ in range(2):
        seen.append(run.look(lambda p: p.variables(run.wait("un_a").id, ""))["n"])
        run.complete("un_a")

    assert (seen, run.waits) == ([2, 1], ["after"])


def test_the_handler_of_an_error_undoes_what_was_done_in_its_scope() -> None:
    builder = process("p").start()
    inside = undoable(builder.inner().start("is"), "a", "b").end("bad", error="E1")
    inside.sub("E", builder.inner().start("on", error="E1").throw("undo", compensate="").end("ee"), event=True)
    run = do(Driver(builder.sub("sub", inside).user_task("after").end()), "a", "b")

    assert do(run, "un_b", "un_a").waits == ["after"]


def test_an_error_while_undoing_is_caught_around_the_throw() -> None:
    builder = process("p").start()
    inside = builder.inner().start("is").user_task("a").user_task("b").throw("undo", compensate="").end("ie")
    inside.apart().user_task("un_a").undo("a", "un_a").apart().service_task("un_b", "work").undo("b", "un_b")
    builder.sub("sub", inside).end().boundary("sub", "on", error="E1").user_task("h").end("e2")
    run = do(Driver(builder), "a", "b").error("un_b", "E1")

    assert run.waits == ["h"]
    assert "un_a" not in run.visited


def test_a_handler_may_be_left_by_its_own_boundary_event() -> None:
    builder = process("p").start().user_task("a").user_task("b").throw("undo", compensate="").user_task("after").end()
    builder.apart().user_task("un_a").undo("a", "un_a").apart().user_task("un_b").undo("b", "un_b")
    builder.boundary("un_b", "late", timer="PT1H").user_task("other").end("e2")
    run = do(Driver(builder), "a", "b").fire("late")
    assert sorted(run.waits) == ["other", "un_a"]

    assert sorted(do(run, "un_a").waits) == ["after", "other"]


def test_a_handler_may_be_a_sub_process_or_a_multi_instance() -> None:
    builder = process("p").start().user_task("a").user_task("b").throw("undo", compensate="").user_task("after").end()
    inside = builder.inner().start("is").user_task("x").end("ie")
    builder.apart().sub("un_a", inside).undo("a", "un_a")
    builder.apart().user_task("un_b", each="= [1, 2]").undo("b", "un_b")
    run = do(Driver(builder), "a", "b", "un_b", "un_b")
    assert run.waits == ["x"]

    assert do(run, "x").waits == ["after"]


def test_an_inclusive_join_waits_for_the_throw_and_not_for_one_that_has_gone_on() -> None:
    builder = (
        process("p").start().user_task("a").inclusive("or").flow_if("= true").throw("undo", compensate="", waits="no")
    )
    builder.inclusive("join").user_task("after").end().at("or").flow_if("= true").to("join")
    builder.apart().user_task("un_a").undo("a", "un_a")

    assert sorted(do(Driver(builder), "a").waits) == ["after", "un_a"]


# -- transactions ---------------------------------------------------------------------------------------------------------


def transaction(**end: str) -> Builder:
    builder = process("p").start()
    inside = builder.inner().start("is").parallel("f").user_task("a").user_task("b").end("cancel", **end)
    inside.at("f").user_task("c").end("ie")
    for name in "abc":
        inside.apart().user_task(f"un_{name}").undo(name, f"un_{name}")
    builder.sub("tx", inside, transaction=True).user_task("after").end()
    builder.boundary("tx", "cancelled", cancel="yes").user_task("gone").end("e2")
    return builder.boundary("tx", "hazard", error="E1").user_task("broken").end("e3")


def test_a_transaction_that_is_cancelled_is_undone_and_then_left() -> None:
    run = do(Driver(transaction(cancel="yes")), "a", "b")
    assert (run.waits, run.cancelled) == (["un_b"], ["c"])
    do(run, "un_b", "un_a")

    assert run.waits == ["gone"]
    assert run.visited[-2:] == ["cancelled", "gone"]


def test_a_transaction_with_nothing_to_undo_is_left_at_once() -> None:
    builder = process("p").start()
    builder.sub("tx", builder.inner().start("is").end("no", cancel="yes"), transaction=True).end()
    run = Driver(builder.boundary("tx", "cancelled", cancel="yes").user_task("gone").end("e2"))

    assert run.waits == ["gone"]


def test_an_error_leaves_a_transaction_without_undoing() -> None:
    run = do(Driver(transaction(error="E1")), "a", "b")

    assert run.waits == ["broken"]
    assert not any(element.startswith("un_") for element in run.visited)


def test_a_transaction_that_succeeds_can_be_undone_later() -> None:
    builder = process("p").start()
    inside = undoable(builder.inner().start("is"), "a").end("ie")
    builder.sub("tx", inside, transaction=True).throw("undo", compensate="tx").user_task("after").end()
    builder.boundary("tx", "cancelled", cancel="yes").end("e2")

    assert do(Driver(builder), "a", "un_a").waits == ["after"]
