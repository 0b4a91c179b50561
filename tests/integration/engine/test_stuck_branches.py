"""A token that cannot go on stays where it is and becomes an incident; the other tokens of its run go on."""

from __future__ import annotations

import pytest

from engine import HandlerContext, Incident
from tests.support.bpmn import Builder, process
from tests.support.driver import Driver
from tests.support.soundness import look


def _beside(stuck: Builder) -> Builder:
    """Add to a process that has a gateway `split` a branch of two tasks."""
    return stuck.at("split").user_task("b1").user_task("b2").end("b_end")


def _decides() -> Builder:
    """A branch that needs `ok` behind its task, and one beside it."""
    builder = process("p").start().parallel("split").user_task("a").exclusive("which").flow_if("= ok").user_task("yes")
    builder.end("a_end").at("which").otherwise().end("no")
    return _beside(builder)


def _only(driver: Driver) -> Incident:
    look(driver.engine)
    (incident,) = driver.engine.incidents()
    return incident


def test_the_other_branch_goes_on_while_one_waits_for_repair(driver: Driver) -> None:
    driver.deploy(_decides())
    run = driver.start("p")

    driver.complete("a")
    assert (_only(driver).element_id, _only(driver).code) == ("which", "expression_error")
    driver.complete("b1")

    assert driver.open(run) == ["b2"]
    _only(driver)
    driver.engine.set_variables(run.id, {"ok": True})
    assert sorted(driver.open(run)) == ["b2", "yes"]
    assert driver.engine.incidents() == []
    look(driver.engine)


def test_a_retry_goes_on_where_the_branch_stood(driver: Driver) -> None:
    driver.deploy(_decides())
    run = driver.start("p")
    driver.complete("a")
    incident = _only(driver)

    driver.engine.retry_incident(incident.id)
    assert _only(driver).id != incident.id, "it fails again: nothing was repaired"
    driver.complete("b1", {"ok": True})
    driver.engine.retry_incident(_only(driver).id)

    assert sorted(driver.open(run)) == ["b2", "yes"]
    assert driver.engine.incidents() == []
    look(driver.engine)


def test_a_handler_that_fails_for_a_while_stops_only_its_own_branch(driver: Driver) -> None:
    broken = [True]

    def act(_context: HandlerContext) -> dict[str, object]:
        if broken:
            raise RuntimeError("printer on fire")
        return {"printed": True}

    driver.plug(handlers={"act": act})
    builder = process("p").start().parallel("split").service_task("print", "act").user_task("printed").end()
    driver.deploy(_beside(builder))
    run = driver.start("p")

    driver.complete("b1")
    assert driver.open(run) == ["b2"]
    assert driver.engine.incidents() == []
    broken.clear()
    driver.pass_time(minutes=1)

    assert sorted(driver.open(run)) == ["b2", "printed"]
    look(driver.engine)


def test_what_interrupts_a_stuck_branch_takes_its_incident_away(driver: Driver) -> None:
    outer = process("p").start()
    inner = outer.inner().start("is").user_task("a").exclusive("x").flow_if("= ok").end("e1").at("x").otherwise()
    outer.sub("sub", inner.end("e2")).end().boundary("sub", "late", timer="P1D").user_task("after").end("e3")
    driver.deploy(outer)
    run = driver.start("p")
    driver.complete("a")
    assert _only(driver).element_id == "x"

    driver.pass_time(days=2)

    assert driver.open(run) == ["after"]
    assert driver.engine.incidents() == []
    look(driver.engine)


def test_a_join_waits_for_a_branch_that_is_to_be_repaired(driver: Driver) -> None:
    builder = process("p").start().inclusive("split").flow_if("= true").user_task("a").exclusive("x").flow_if("= ok")
    builder.inclusive("join").user_task("z").end().at("x").otherwise().end("away")
    builder.at("split").flow_if("= true").user_task("b").to("join").at("split").otherwise().to("join")
    driver.deploy(builder)
    run = driver.start("p")
    driver.complete("a")
    driver.complete("b")
    assert driver.open(run) == []

    driver.engine.set_variables(run.id, {"ok": False})

    assert driver.open(run) == ["z"]
    look(driver.engine)


@pytest.mark.parametrize("kind", ["inclusive", "parallel"])
def test_a_join_that_cannot_decide_stops_only_its_own_scope(driver: Driver, kind: str) -> None:
    outer = process("p").start().parallel("split")
    inner = getattr(outer.inner().start("is"), kind)("f").user_task("a")
    inner.exclusive("x") if kind == "parallel" else inner.inclusive("j").flow_if("= ok").end("e1").at("j").otherwise()
    if kind == "parallel":  # the other token never comes
        inner.flow_if("= false").parallel("j").end("e1").at("f").user_task("c").to("j").at("x").otherwise().end("e2")
    else:
        inner.end("e2").at("f").flow_if("= true").user_task("c").to("j")
        inner._flows = [(k, s, t, "= true" if (s, t) == ("f", "a") else c) for k, s, t, c in inner._flows]
    driver.deploy(_beside(outer.sub("sub", inner).user_task("after").end()))
    run = driver.start("p")
    driver.complete("a")
    driver.complete("c")
    assert (_only(driver).element_id, _only(driver).code) == (
        "j", "dead_join" if kind == "parallel" else "expression_error",
    )  # fmt: skip

    driver.complete("b1")
    assert driver.open(run) == ["b2"]
    driver.complete("b2")
    assert driver.state(run) == "active"
    driver.engine.set_variables(run.id, {"ok": True})

    assert driver.open(run) == ([] if kind == "parallel" else ["after"])
    look(driver.engine)


@pytest.mark.parametrize("count", [3, 40])
def test_bodies_that_fail_wait_and_the_others_go_on(driver: Driver, count: int) -> None:
    builder = process("p").start()
    inner = builder.inner().start("is").user_task("t", outputs={"half": "= if item = 2 then ok.half else item"})
    inner.exclusive("x").flow_if("= half > 0").end("ie").at("x").otherwise().end("ie2")
    each = f"= for i in 1..{count} return if i = 2 or i > 30 then 2 else i"
    builder.sub("sub", inner, each=each, item="item", collect="found", result="= item").user_task("after").end()
    driver.deploy(builder)
    run = driver.start("p")
    for task in driver.engine.tasks(instance_id=run.id, limit=1_000):
        driver.engine.complete(task.id)
    assert {incident.element_id for incident in driver.engine.incidents()} == {"x"}
    look(driver.engine)

    driver.engine.set_variables(run.id, {"ok": {"half": 1}, "half": 1})
    for incident in driver.engine.incidents(limit=1_000):
        driver.engine.retry_incident(incident.id)

    assert driver.open(run) == ["after"]
    assert len(driver.variables(run)["found"]) == count
    assert driver.engine.incidents() == []
    look(driver.engine)


def test_a_due_date_that_cannot_be_read_stops_only_its_own_task(driver: Driver) -> None:
    builder = process("p").start().user_task("ask").parallel("split").user_task("a", due="= when").end()
    driver.deploy(_beside(builder))
    run = driver.start("p")
    driver.complete("ask", {"when": "tomorrow"})

    assert driver.open(run) == ["b1"]
    assert (_only(driver).element_id, _only(driver).code) == ("a", "due_date_error")
    driver.complete("b1")
    driver.engine.set_variables(run.id, {"when": "2026-02-01"})

    assert sorted(driver.open(run)) == ["a", "b2"]
    assert driver.engine.incidents() == []
    look(driver.engine)


def test_a_start_that_fails_in_one_branch_starts_the_others(driver: Driver) -> None:
    builder = process("p").start().parallel("split").exclusive("x").flow_if("= ok").end("e1").at("x").otherwise()
    driver.deploy(_beside(builder.end("e2")))
    run = driver.start("p")

    assert driver.open(run) == ["b1"]
    assert _only(driver).element_id == "x"
