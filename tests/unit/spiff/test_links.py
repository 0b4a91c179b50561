"""Links: a throw event is a jump to the catch event of its name, also on the way to joins."""

from __future__ import annotations

from tests.support.bpmn import process
from tests.unit.spiff.driver import Driver


def test_several_throws_lead_to_one_catch() -> None:
    builder = process("p").start().parallel("f").user_task("a").throw("t1", link="L")
    builder.at("f").user_task("b").throw("t2", link="L").catch("c", link="L").user_task("after").end()
    run = Driver(builder).complete("b").complete("a")

    assert run.waits == ["after", "after"]
    assert run.visited[-3:] == ["t1", "c", "after"]
    assert all(run.flows), "the jump is no flow"


def test_an_inclusive_join_waits_for_who_comes_by_a_link() -> None:
    builder = process("p").start().inclusive("or").flow_if("= true").user_task("a").inclusive("join").user_task("after")
    builder.end().at("or").flow_if("= true").user_task("b").throw("t", link="L").catch("c", link="L").to("join")
    run = Driver(builder).complete("a")
    assert run.waits == ["b"]

    assert run.complete("b").waits == ["after"]


def test_a_link_makes_loops_in_a_sub_process() -> None:
    builder = process("p").start()
    inside = builder.inner().start("is").exclusive("x").script("n", "= n + 1", "n").exclusive("d").flow_if("= n < 5")
    inside.throw("again", link="L").at("d").otherwise().end("ie").catch("c", link="L").to("x")
    run = Driver(builder.sub("sub", inside).end(), {"n": 0})

    assert run.ended is not None
    assert run.variables == {"n": 5}
