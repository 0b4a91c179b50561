"""Multi-instance: parallel and sequential, on every activity, nested, ended early, interrupted; and what it costs."""

from __future__ import annotations

from itertools import permutations

import pytest

from engine.spiff.steps import CloseReason, StepFailed, VariableChanged, WaitKind
from tests.support.bpmn import process
from tests.unit.spiff.driver import Driver


def _many(**settings: str):
    return process("p").start().user_task("t", each="= items", item="item", **settings).end()


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_outputs_stand_in_the_items_order_whatever_is_done_first(order: tuple[int, ...]) -> None:
    run = Driver(_many(collect="results", result="= result"), {"items": ["ก", "ข", "ค"]})
    waits = [run.wait("t", nth) for nth in range(3)]
    assert [wait.variables["item"] for wait in waits] == ["ก", "ข", "ค"]
    assert [wait.variables["loopCounter"] for wait in waits] == [1, 2, 3]
    left = list(waits)
    for index in order:
        run.complete("t", {"result": index * 10}, nth=left.index(waits[index]))
        left.remove(waits[index])

    assert run.variables["results"] == [0, 10, 20]
    assert "result" not in run.variables
    assert "item" not in run.variables
    assert run.visited == ["start", "t", "t", "t", "t", "end"]
    assert run.ended


def test_each_parallel_body_has_a_part_of_its_own() -> None:
    run = Driver(_many(collect="results", result="= result"), {"items": list(range(50))})
    assert len({wait.part for wait in run.open.values()}) == 50
    parts = run.ways[1].parts
    head = len(parts[""])
    wait = run.wait("t", 7)
    run.complete("t", {"result": "x"}, nth=7)

    assert run.ways[1].written == ["", wait.part]
    assert run.ways[1].loaded == []
    assert len(parts[""]) == head or len(parts[""]) - head < 5


def test_the_head_does_not_grow_with_the_bodies() -> None:
    heads = []
    for count in (10, 1000):
        run = Driver(
            process("p").start().user_task("t", each="= many", item="i").end(), {"many": [0] * count}, start=True
        )
        heads.append(len(run.ways[1].parts[""]))

    assert abs(heads[1] - heads[0]) < 40


def test_parts_are_gone_when_the_whole_is_over() -> None:
    builder = _many(collect="results", result="= result")
    builder._nodes.pop("end")
    builder._flows.pop()
    builder.at("t").user_task("after").end()
    run = Driver(builder, {"items": [1, 2, 3]})
    for _ in range(3):
        run.complete("t", {"result": 1})

    assert run.waits == ["after"]
    assert list(run.ways[1].parts) == [""]


def test_a_sequential_run_has_one_body_at_a_time_and_keeps_order() -> None:
    run = Driver(_many(collect="results", result="= result", sequential="yes"), {"items": [3, 2, 1]})
    for number in (3, 2, 1):
        assert len(run.waits) == 1
        wait = run.wait("t")
        assert wait.variables["item"] == number
        run.complete("t", {"result": f"r{number}"})

    assert run.variables["results"] == ["r3", "r2", "r1"]
    assert run.ended


def test_the_items_of_a_sequential_run_wait_in_chunks() -> None:
    run = Driver(_many(sequential="yes"), {"items": [0]})
    run.complete("t")
    builder = process("p").start().user_task("t", each="= f(items)", item="i", sequential="yes").end()
    builder = process("p").start().user_task("t", each="= items", item="i", sequential="yes").end()
    run = Driver(builder, {"items": list(range(250))})

    assert sorted(run.ways[1].parts) == ["", "t2.i0", "t2.i1", "t2.i2"]
    for number in range(250):
        assert run.wait("t").variables["i"] == number
        run.complete("t")
    assert run.ended


@pytest.mark.parametrize("sequential", ["", "yes"])
def test_no_items_no_body(sequential: str) -> None:
    run = Driver(_many(collect="results", result="= result", sequential=sequential), {"items": []})

    assert run.visited == ["start", "t", "end"]
    assert run.variables["results"] == []


@pytest.mark.parametrize("sequential", ["", "yes"])
def test_a_completion_condition_ends_it_early(sequential: str) -> None:
    until = "= numberOfCompletedInstances >= 2"
    run = Driver(_many(collect="results", result="= r", until=until, sequential=sequential), {"items": [1, 2, 3, 4]})
    run.complete("t", {"r": "a"})
    run.complete("t", {"r": "b"})

    assert run.ended
    assert run.variables["results"] == ["a", "b", None, None]
    assert len(run.cancelled) == (0 if sequential else 2)


def test_a_completion_condition_may_look_at_the_outputs_so_far() -> None:
    run = Driver(
        _many(collect="results", result="= r", until="= results[1] = 'x'".replace("'", '"')), {"items": [1, 2]}
    )

    if "results" in run.variables:  # not before the end
        pytest.fail("the collection belongs to the whole until its end")
    run.complete("t", {"r": "x"}, nth=1)
    assert run.waits == ["t"] or run.ended


def test_counters_can_be_read_in_each_body() -> None:
    builder = (
        process("p")
        .start()
        .user_task(
            "t", each="= items", item="i", inputs={"active": "= numberOfActiveInstances", "all": "= numberOfInstances"}
        )
    )
    run = Driver(builder.end(), {"items": [1, 2, 3]})

    assert [run.wait("t", nth).variables["active"] for nth in range(3)] == [3, 3, 3]
    assert run.wait("t").variables["all"] == 3


@pytest.mark.parametrize("items", [None, "text", {"a": 1}])
def test_a_collection_that_is_no_list_fails_the_step(items: object) -> None:
    builder = process("p").start().user_task("before").user_task("t", each="= items", item="item").end()
    run = Driver(builder)
    with pytest.raises(StepFailed) as failure:
        run.complete("before", {"items": items})

    assert (failure.value.element_id, failure.value.code) == ("t", "expression_error")


def test_too_many_items_fail_the_step() -> None:
    builder = process("p").start().user_task("before").user_task("t", each="= items", item="item").end()
    run = Driver(builder)
    with pytest.raises(StepFailed) as failure:
        run.complete("before", {"items": [0] * 10_001})

    assert failure.value.code == "item_limit"


def test_handlers_run_for_each_item_in_one_go() -> None:
    builder = process("p").start()
    builder.service_task("t", "double", each="= items", item="item", collect="out", result="= double").end()
    run = Driver(builder, {"items": [1, 2, 3]}, handlers={"double": lambda v: {"double": v["item"] * 2}})

    assert run.ended
    assert run.variables["out"] == [2, 4, 6]


def test_jobs_and_calls_are_repeated_too() -> None:
    builder = process("p").start().service_task("job", "w", each="= items", item="item")
    builder.call(
        "call", "child", each="= items", item="item", collect="got", result="= answer", outputs={"answer": "= a"}
    )
    run = Driver(builder.end(), {"items": [1, 2]})

    assert [wait.kind for wait in run.open.values()] == [WaitKind.JOB] * 2
    run.complete("job").complete("job")
    assert [wait.kind for wait in run.open.values()] == [WaitKind.CHILD] * 2
    assert run.wait("call").variables["item"] == 1
    run.child("call", {"a": "second", "b": 0}, nth=1).child("call", {"a": "first"})
    assert run.variables["got"] == ["first", "second"]
    assert "answer" not in run.variables


def test_sub_processes_are_repeated_each_with_its_own_scope() -> None:
    builder = process("p").start()
    inner = builder.inner().start("is").user_task("a").script("s", "= item + n", "sum").user_task("b").end("ie")
    builder.sub("sub", inner, each="= items", item="item", collect="sums", result="= sum").end()
    run = Driver(builder, {"items": [10, 20]})
    assert run.waits == ["a", "a"]
    run.complete("a", {"n": 1}, nth=1)
    wait = run.wait("b")
    assert run.look(lambda process: process.variables(wait.id, wait.part)["item"]) == 20
    run.complete("b")
    run.complete("a", {"n": 2}).complete("b")

    assert run.variables["sums"] == [12, 21]
    assert run.ended


def test_nested_multi_instances_keep_their_outputs_apart() -> None:
    builder = process("p").start()
    inner = (
        builder.inner().start("is").user_task("t", each="= row", item="cell", collect="cells", result="= v").end("ie")
    )
    builder.sub("sub", inner, each="= rows", item="row", collect="table", result="= cells").end()
    run = Driver(builder, {"rows": [[1, 2], [3, 4], [5]]})
    assert len(run.waits) == 5
    while run.waits:
        wait = run.wait("t", len(run.waits) // 2)
        run.complete("t", {"v": wait.variables["cell"] * 10}, nth=len(run.waits) // 2)

    assert run.variables["table"] == [[10, 20], [30, 40], [50]]
    assert "cells" not in run.variables


def test_a_boundary_event_stands_beside_the_whole_and_removes_every_body() -> None:
    builder = _many().boundary("t", "late", timer="PT1H").end("aside")
    run = Driver(builder, {"items": list(range(20))})
    run.complete("t", nth=3).complete("t", nth=8)
    run.fire("late")

    assert run.cancelled.count("t") == 19
    assert sum(c.reason is CloseReason.CANCELLED for c in run.closed()) == 18
    assert run.visited[-2:] == ["late", "aside"]
    assert run.ended


def test_an_error_in_one_body_reaches_the_boundary_of_the_whole() -> None:
    builder = process("p").start().service_task("t", "w", each="= items", item="i").end()
    builder.boundary("t", "failed", error="E1").end("aside")
    run = Driver(builder, {"items": [1, 2, 3]})
    run.error("t", "E1", nth=1)

    assert run.visited[-2:] == ["failed", "aside"]
    assert run.ended


def test_a_signal_reaches_into_bodies_that_are_not_loaded() -> None:
    builder = process("p").start().parallel("f")
    inner = builder.inner().start("is").catch("s", signal="go").user_task("t").end("ie")
    builder.sub("sub", inner, each="= items", item="i").end("e1")
    builder.at("f").user_task("a").throw("throw", signal="go").end("e2")
    run = Driver(builder, {"items": [1, 2, 3]}).complete("a")

    assert run.waits == ["t", "t", "t"]
    assert sorted(run.ways[1].loaded) == sorted({wait.part for wait in run.open.values()})


def test_a_terminate_in_a_body_ends_that_body_only() -> None:
    builder = process("p").start()
    inner = builder.inner().start("is").parallel("f").user_task("a").end("t", terminate="yes").at("f").user_task("b")
    builder.sub("sub", inner.end("ie"), each="= items", item="i").end()
    run = Driver(builder, {"items": [1, 2]})
    run.complete("a", nth=1)

    assert run.waits == ["a", "b"]
    run.complete("a")
    assert run.ended


def test_bodies_hand_results_without_a_name_of_their_own_to_the_process() -> None:
    run = Driver(_many(), {"items": [1, 2]})
    run.complete("t", {"seen": 1}).complete("t", {"seen": 2})

    assert run.variables["seen"] == 2
    assert [e.scope for e in run.effects if isinstance(e, VariableChanged) and e.name == "seen"] == ["p", "p"]


def test_a_parallel_run_inside_a_sequential_one() -> None:
    builder = process("p").start()
    inner = (
        builder.inner().start("is").user_task("t", each="= row", item="cell", collect="cells", result="= v").end("ie")
    )
    builder.sub("sub", inner, each="= rows", item="row", collect="table", result="= cells", sequential="yes").end()
    run = Driver(builder, {"rows": [[1, 2], [3]]})
    for _ in range(3):
        nth = len(run.waits) - 1
        run.complete("t", {"v": run.wait("t", nth).variables["cell"]}, nth=nth)

    assert run.variables["table"] == [[1, 2], [3]]
