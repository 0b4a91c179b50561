"""Processes in which most of what the engine does happens side by side, for tests of its soundness."""

from __future__ import annotations

from tests.support.bpmn import Builder, process


def _case() -> Builder:
    """Everything side by side: a task that is nagged about, a message, work outside, a call, and what ends them."""
    case = process("case").start().exclusive("again").parallel("split").user_task("draft", groups="planner")
    case.exclusive("drafted").parallel("join").user_task("review", groups="planner").exclusive("more")
    case.flow_if("= more").to("again").at("more").otherwise().end()
    case.boundary("draft", "nag", interrupting=False, cycle="R2/PT1H").script("count", "= nags + 1", "nags").end(
        "nagged"
    )
    case.boundary("draft", "drop", message="drop", key_="= key").to("drafted")
    case.at("split").receive("answer", message="answer", key_="= key").to("join")
    case.at("split").service_task("mail", "mail", retries="2").exclusive("mailed").to("join")
    case.boundary("mail", "refused", error="BAD").user_task("by_hand").to("mailed")
    case.at("split").call("call", "child", inputs={"key": "= key"}).exclusive("called").to("join")
    case.boundary("call", "late", timer="PT6H").to("called")
    case.boundary("call", "sorry", error="BAD").user_task("soothe").to("called")
    case.at("split").user_task("print_it").service_task("print", "print").to("join")
    return case


def processes() -> list[Builder]:
    child = process("child").start().event_gateway("race").catch("rest", timer="PT2H").user_task("inner").end("e1")
    child.at("race").catch("alarmed", signal="alarm").user_task("calm").end("e2")
    child.at("race").catch("cancelled", message="cancel", key_="= key").end("bad", error="BAD")
    opened = process("opened").start("by_message", message="open").user_task("first").user_task("second").end()
    opened.boundary("first", "alarm", signal="alarm").to("second")
    opened.boundary("second", "echo", interrupting=False, signal="alarm").end("heard")
    inner = (rung := process("rung").start("by_signal", signal="alarm")).inner()
    inner.start("is").parallel("f").user_task("one").end("ie").at("f").catch("a_while", timer="PT30M").end(
        "stop", terminate="y"
    )
    rung.sub("each", inner, each="= [1, 2, 3]", until="= numberOfCompletedInstances >= 2").end()
    ticker = process("ticker").start("tick", cycle="R/PT3H").catch("pause", timer="PT30M").end()
    return [child, _case(), opened, rung, ticker]
