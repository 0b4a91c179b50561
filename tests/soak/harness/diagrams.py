"""The processes that the plans run: people side by side, a moment of waiting, a called process, rework without end."""

from __future__ import annotations

import json
from typing import Final

from tests.soak.harness.staff import PLANNER
from tests.support.bpmn import Builder, process

NOTE: Final = {
    "type": "default",
    "id": "note",
    "components": [{"type": "textfield", "key": "note", "label": "บันทึก"}],
}
FORMS: Final = {"note.form": json.dumps(NOTE).encode()}


def rework() -> dict[str, bytes]:
    """Two tasks side by side, one of them nagged about, their join, a called task; again, until `rounds` are done."""
    child = process("soak_child", "งานย่อย").start().user_task("sign", groups=PLANNER, form="note").end()
    whole = process("soak_rework", "งานวนแก้ไข").start().exclusive("again").parallel("split")
    whole.user_task("draft", groups=PLANNER, form="note").parallel("join")
    whole.script("count", "= n + 1", "n").call("call", "soak_child")
    whole.exclusive("enough").flow_if("= n < rounds").to("again").at("enough").otherwise().end()
    whole.at("split").user_task("check", groups=PLANNER, form="note").to("join")
    whole.boundary("draft", "nag", interrupting=False, timer="PT0.05S").end("nagged")
    return {**child.file(), **whole.file(), **FORMS}


def one_step(key: str = "soak_one", *, groups: str = PLANNER) -> dict[str, bytes]:
    """One task, then the end."""
    return {**process(key, "งานเดียว").start().user_task("work", groups=groups, form="note").end().file(), **FORMS}


def alarm(key: str = "soak_alarm") -> dict[str, bytes]:
    """A moment of waiting, then a task."""
    waiting = process(key, "นาฬิกาปลุก").start().catch("ring", date="= at")
    return {**waiting.user_task("awake", groups=PLANNER, form="note").end().file(), **FORMS}


def provinces(key: str = "soak_provinces") -> dict[str, bytes]:
    """A task for each unit at once, then one for all of them together."""
    many = process(key, "ทุกจังหวัด").start().user_task("reply", groups=PLANNER, form="note", each="= units", item="unit")
    return {**many.user_task("merge", groups=PLANNER, form="note").end().file(), **FORMS}


def plain(builder: Builder) -> dict[str, bytes]:
    """Any process with the form that its tasks use."""
    return {**builder.file(), **FORMS}
