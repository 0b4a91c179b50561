"""One process for each way to wait, for the databases that releases leave behind."""

from __future__ import annotations

from tests.support.bpmn import Builder, process


def diagrams() -> list[Builder]:
    """Return all of them; `versions` is here in its first version."""
    return [
        _desk(), _timers(), _messages(), _signals(), _race(), _many(), _row(), _called(), _caller(), _nested(),
        _parallel(), _inclusive(), _stuck(), _failing(), _again(), _held(), _external(), _kept(), _heard(), _every(),
        versions(1), _short(),
    ]  # fmt: skip


def versions(number: int) -> Builder:
    """Return a process of which two versions are deployed: a run stays on the one it began with."""
    return process("versions").start().user_task("work").script("which", f"= {number}", "ran_on").end()


def _desk() -> Builder:
    """A task with form, group, due date and priority; beside it a counted cycle that has fired once."""
    desk = process("desk", "โต๊ะทำงาน").start()
    desk.user_task("draft", name="ยกร่าง", groups="=who", due="P10D", priority="70", inputs={"subject": "= title"})
    desk.exclusive("decided").flow_if('= outcome = "approve"').end("approved").at("decided").otherwise().end("returned")
    desk.boundary("draft", "reminder", interrupting=False, cycle="R3/P2D")
    return desk.script("remember", "= if noted = null then 1 else noted + 1", "noted").end("reminded")


def _timers() -> Builder:
    """A duration, a date, and a time-out of a task."""
    timers = process("timers").start().parallel("split").catch("after", timer="P5D").end("e1")
    timers.at("split").catch("on", date="2026-01-20T09:30:00+07:00").end("e2")
    return timers.at("split").user_task("slow").end("e3").boundary("slow", "late", timer="=patience").end("too_late")


def _messages() -> Builder:
    caught = process("messages").start().parallel("split").catch("letter", message="letter", key_="= number")
    caught.parallel("join").user_task("read").end()
    return caught.at("split").receive("reply", message="reply", key_="= number").to("join")


def _signals() -> Builder:
    return process("signals").start().catch("bell", signal="bell").user_task("answer").end()


def _race() -> Builder:
    race = process("race").start().event_gateway("first").catch("word", message="word", key_="= number").end("heard")
    return race.at("first").catch("silence", timer="P4D").user_task("ask").end("asked")


def _many() -> Builder:
    """A task for each of a list at once; two are done."""
    return process("many").start().user_task(
        "review", each="= people", item="person", collect="said", result="= answer", groups="= person"
    ).end()  # fmt: skip


def _row() -> Builder:
    """A task for each of a long list, one after the other: the items that are still to come lie in parts."""
    return process("row").start().user_task(
        "turn", each="= items", item="item", collect="seen", result="= item", sequential="yes", until="= item >= 4"
    ).end()  # fmt: skip


def _caller() -> Builder:
    return process("caller").start().call(
        "ask", "called", each="= units", item="unit", inputs={"unit": "= unit"}, collect="got", result="= answer",
        outputs={"answer": "= answer"},
    ).user_task("sum_up").end()  # fmt: skip


def _called() -> Builder:
    return process("called").start().user_task("answer_for", inputs={"of": "= unit"}).end()


def _nested() -> Builder:
    """Scopes in scopes; a message that is only noted, another that interrupts."""
    outer = process("nested").start()
    inside = outer.inner().start("is").user_task("inner", outputs={"total": "= local + extra"}).end("ie")
    outer.sub("box", inside, inputs={"local": "= 40"}, outputs={"result": "= total"}).user_task("outside").end()
    outer.boundary("box", "alarm", interrupting=False, message="alarm", key_="= number")
    outer.script("count", "= alarms + 1", "alarms").end("noted")
    return outer.boundary("box", "stop", message="stop", key_="= number").end("stopped")


def _parallel() -> Builder:
    fork = process("parallel").start().parallel("split").user_task("p1").parallel("join").user_task("after").end()
    return fork.at("split").user_task("p2").to("join")


def _inclusive() -> Builder:
    fork = process("inclusive").start().inclusive("split").flow_if("= n > 0").user_task("i1").inclusive("join")
    fork.user_task("after").end()
    fork.at("split").flow_if("= n > 1").user_task("i2").to("join")
    return fork.at("split").otherwise().user_task("i3").to("join")


def _stuck() -> Builder:
    """A branch that stands at an incident until `ok` is given; the one beside it goes on."""
    stuck = process("stuck").start().parallel("split").exclusive("which").flow_if("= ok").user_task("yes").end("e1")
    return stuck.at("which").otherwise().end("no").at("split").user_task("beside").end("e2")


def _failing() -> Builder:
    """Work of the host that has failed for good."""
    return process("failing").start().service_task("print", "print", retries="1").user_task("printed").end()


def _again() -> Builder:
    """Work of the host that has failed and will be tried again."""
    return process("again").start().service_task("print", "print", retries="5").user_task("printed").end()


def _held() -> Builder:
    """A run that is suspended while its timer falls due."""
    held = process("held").start().parallel("split").catch("wait", timer="P3D").user_task("then").end("e1")
    return held.at("split").user_task("work").end("e2")


def _external() -> Builder:
    """Work that a worker outside has taken, and work that nobody has taken."""
    out = process("external").start().parallel("split").service_task("ship", "shipping", outputs={"ship": "= number"})
    return out.end("e1").at("split").service_task("bill", "billing").end("e2")


def _kept() -> Builder:
    return process("kept").start().user_task("look").script("sum", "= budget + 0.05", "more").end()


def _heard() -> Builder:
    """Begun by a message."""
    return process("heard").start(message="begin").user_task("begun").end()


def _every() -> Builder:
    """Begun by the clock, twice."""
    return process("every").start(cycle="R2/2026-01-10T09:00:00+07:00/P7D").user_task("weekly").end()


def _short() -> Builder:
    return process("short").start().user_task("only").end()
