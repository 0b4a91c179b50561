"""Instances of any length: ten thousand turns, a thousand children, twenty levels; state and steps do not grow."""

from __future__ import annotations

import datetime as dt

from engine.bpmn.reader import read
from engine.spiff.process import SpiffProcess, build
from engine.spiff.steps import InstanceEnded, ProcessState, StepContext
from tests.support.bpmn import Builder, process
from tests.support.driver import Driver

NOW = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
TURNS = 10_000


def test_ten_thousand_turns_of_a_loop_marker_are_several_transactions_with_a_state_that_does_not_grow() -> None:
    builder = process("p").start().script("s", "= n + 1", "n", loop=f"= n < {TURNS}").end()
    model = build(read(builder.xml(), "p").processes[0])
    context = StepContext(NOW, lambda _: False, lambda *_: None)
    running = SpiffProcess.start(model, {"n": 0}, context)
    parts: dict[str, bytes] = {}
    sizes, ended = [], None
    while ended is None:
        running.run(1_000)
        ended = next((effect for effect in running.drain() if isinstance(effect, InstanceEnded)), None)
        change = running.change()
        for name in change.removed:
            parts.pop(name, None)
        parts.update(change.written)
        sizes.append(sum(map(len, parts.values())))
        running = SpiffProcess.load(model, ProcessState(dict(parts)), context)

    assert ended.variables == {"n": TURNS}
    assert len(sizes) > TURNS // 1_000
    assert max(sizes[:-1]) - min(sizes[:-1]) < 20


def test_a_thousand_children_run_side_by_side_and_are_collected_in_order(memory_driver: Driver) -> None:
    driver = memory_driver
    child = process("child").start().script("s", "= i * 2", "twice").end()
    settings = {"each": "= for i in 1..1000 return i", "item": "i", "collect": "all", "result": "= got"}
    parent = process("parent").start().call("c", "child", outputs={"got": "= twice"}, **settings).end()
    driver.deploy(child, parent)

    run = driver.start("parent")
    driver.engine.run_due()

    ended = driver.engine.instance(run.id)
    assert ended.state == "completed"
    assert ended.variables["all"] == [2 * number for number in range(1, 1_001)]


def test_twenty_levels_of_sub_processes_and_of_calls(memory_driver: Driver) -> None:
    driver = memory_driver
    top = process("top").start().call("next", "level_1", outputs={"depth": "= depth"}).user_task("after").end()
    levels = [
        process(f"level_{n}").start().call("next", f"level_{n + 1}", outputs={"depth": "= depth"}).end()
        for n in range(1, 20)
    ]
    bottom = process("level_20").start()
    bottom.sub("s1", _nested(bottom, 1)).end()
    driver.deploy(bottom, *reversed(levels), top)

    run = driver.start("top")
    driver.engine.run_due()
    deepest = next(one for one in driver.engine.instances(process_id="level_20"))
    assert driver.open(deepest) == ["deep"]
    driver.complete("deep", {"depth": 20}, instance=deepest)
    driver.engine.run_due()

    assert driver.open(run) == ["after"]
    assert driver.variables(run)["depth"] == 20


def _nested(root: Builder, level: int) -> Builder:
    inside = root.inner().start(f"start_{level}")
    if level == 20:
        inside.user_task("deep")
    else:
        inside.sub(f"s{level + 1}", _nested(root, level + 1))
    return inside.end(f"end_{level}")
