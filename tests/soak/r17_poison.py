"""R17: diagrams that never end, call themselves or ask for too much are refused or stopped; the worker lives on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from engine import DeploymentRejected, EngineError, ProcessEngine, SystemClock
from tests.soak.harness.diagrams import alarm, one_step, plain
from tests.soak.harness.numbers import rows
from tests.soak.harness.oracle import examine
from tests.soak.harness.outcome import Outcome, Tell, silent
from tests.soak.harness.place import Place
from tests.soak.harness.site import Site, wait_for
from tests.soak.harness.staff import PLANNER
from tests.support.bpmn import process
from workflows.install import open_engine

WHAT = "poison"
_ENDS = "note"


@dataclass(frozen=True, slots=True)
class Size:
    """How large the poison is."""

    chain: int
    cardinality: int
    patience: float


FULL = Size(chain=1_000, cardinality=200_000, patience=240)
SHORT = Size(chain=1_000, cardinality=200_000, patience=120)


def run(place: Place, size: Size, seed: int, tell: Tell = silent) -> Outcome:
    """Give a worker all of it at once, and something to do beside it."""
    outcome = Outcome(f"endless loop, self-call, {size.cardinality:,} items, chain of {size.chain:,}", "")
    url = place.database("sqlite", "r17")
    found: dict[str, str] = {}
    with Site(url, place.home("r17")) as site:
        site.work(2)
        engine = open_engine(url)
        poisons: dict[str, Callable[[ProcessEngine], str]] = {
            "endless loop": _endless_loop,
            "self-call": _self_call,
            "too many items": lambda engine: _many_items(engine, size.cardinality),
            "long chain": lambda engine: _long_chain(engine, size.chain),
        }
        for number, (name, give) in enumerate(poisons.items()):
            found[name] = _give(engine, give)
            tell(number + 1, len(poisons) + 1)
        beside = _work_beside(engine, url, size.patience)
        wait_for(lambda: _at_rest(url), "the end of the poison", size.patience)
        outcome.expect(all(worker.poll() is None for worker in site.workers), "a worker has ended")
        outcome.note(site.complaints())
    codes = {row.code for row in rows(url, "SELECT code FROM bpm_incident WHERE state = 'open'")}
    outcome.expect("step_limit" in codes, f"the endless loop is no incident: {sorted(codes)}")
    outcome.expect("call_depth" in codes, f"the self-call is no incident: {sorted(codes)}")
    outcome.expect(
        "item_limit" in codes or "refused" in found["too many items"], f"the items: {found}, {sorted(codes)}"
    )
    ended = rows(url, "SELECT count(*) FROM bpm_process_instance WHERE business_key = 'chain' AND state = 'completed'")
    outcome.expect(ended[0][0] == 1, "a chain of automatic tasks did not come to its end")
    outcome.note(examine(engine, [], incidents_expected=True).faults())
    engine.close()
    outcome.figure = f"incidents {', '.join(sorted(codes))}; the chain ended; a timer beside it all {beside:.1f} s late"
    return outcome


def _give(engine: ProcessEngine, give: Callable[[ProcessEngine], str]) -> str:
    try:
        return give(engine)
    except DeploymentRejected as refused:
        return f"refused: {refused.problems[0].rule}"
    except EngineError as refused:
        return f"refused: {refused.code}"


def _endless_loop(engine: ProcessEngine) -> str:
    loop = process("soak_loop").start().user_task("go", groups=PLANNER, form=_ENDS)
    loop.script("count", "= n + 1", "n").exclusive("more").flow_if("= n < 0").end()
    engine.deploy(plain(loop.at("more").otherwise().to("count")))
    run = engine.start("soak_loop", {"n": 0})
    engine.complete(engine.tasks(instance_id=run.id)[0].id)
    return "taken"


def _self_call(engine: ProcessEngine) -> str:
    caller = process("soak_self").start().script("deeper", "= if n = null then 1 else n + 1", "n")
    engine.deploy(plain(caller.call("again", "soak_self", inputs={"n": "= n"}).end()))
    engine.start("soak_self")
    return "taken"


def _many_items(engine: ProcessEngine, count: int) -> str:
    many = process("soak_many").start().user_task("go", groups=PLANNER, form=_ENDS)
    engine.deploy(plain(many.user_task("each", groups=PLANNER, form=_ENDS, each="= for i in 1..n return i").end()))
    run = engine.start("soak_many", {"n": count})
    engine.complete(engine.tasks(instance_id=run.id)[0].id)
    return "taken"


def _long_chain(engine: ProcessEngine, length: int) -> str:
    chain = process("soak_chain").start()
    for number in range(length):
        chain.script(f"t{number}", "= n + 1", "n")
    engine.deploy(chain.end().file())
    engine.start("soak_chain", {"n": 0}, "chain")
    return "taken"


def _work_beside(engine: ProcessEngine, url: str, patience: float) -> float:
    """Let something ordinary fall due while the workers have the poison; return how late it was."""
    engine.deploy(alarm() | one_step())
    at = SystemClock().now() + dt.timedelta(seconds=1)
    run = engine.start("soak_alarm", {"at": at})
    fired = "SELECT at FROM bpm_history WHERE kind = 'timer_fired' AND instance_id = :run"
    wait_for(lambda: rows(url, fired, run=int(run.id)), "the timer beside the poison", patience)
    return max(0.0, (SystemClock().now() - at).total_seconds())


def _at_rest(url: str) -> bool:
    return rows(url, "SELECT count(*) FROM bpm_job WHERE state = 'waiting' AND kind <> 'timer'")[0][0] == 0
