"""A completion after 1, 10, 100, 1,000 and 5,000 earlier steps of the same run: a draft that is returned each time.

`growth` is that after the most. What a step costs must not grow with the age of its run: `growth/1000-to-1` is the
quotient of the two medians, measured in turns. The floor is the same loop by bare SQL (`ApprovalFloor`), in runs of the
same age.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Final

from web.bench import installation
from web.bench.approval_floor import ApprovalFloor
from web.bench.rows import Row
from web.bench.run import Run
from web.bench.timing import Times, Work, alternate

if TYPE_CHECKING:
    from engine import ProcessEngine

_AGES: Final = (1, 10, 100, 1_000, 5_000)
_QUICK: Final = (1, 10, 100, 300)
_PLACE: Final = "TH-52"
_RETURNED: Final = {"approved": False, "comment": "ขอให้แก้ไขร่างตามความเห็นที่แนบ"}
_SLICE: Final = 8


def measure(run: Run) -> Iterator[Row]:
    """Let runs grow old, then measure them and their floors in turns."""
    ages = run.size(_AGES, _QUICK)
    with (
        run.database() as url,
        run.database(empty=True) as bare,
        installation.installed(url, "bench-rework") as engine,
        closing(ApprovalFloor(bare)) as floor,
    ):
        times = _measure(run, engine, floor, ages)
    for name, age in [("growth", ages[-1]), *((f"growth/{age}", age) for age in ages)]:
        for suffix, figure in _FIGURES.items():
            yield run.row(name + suffix, figure(times["product", age]), figure(times["floor", age]))
    old = 1_000 if 1_000 in ages else ages[-1]  # noqa: PLR2004 - the bar's
    for suffix, figure in _FIGURES.items():
        grown, grown_floor = (figure(times[side, old]) / figure(times[side, 1]) for side in ("product", "floor"))
        yield run.row(f"growth/{old}-to-1{suffix}", grown, grown_floor, unit="x")


_FIGURES: Final[dict[str, Callable[[Times], float]]] = {
    "": lambda times: times.median,
    "/quiet": lambda times: times.quiet,
    "/cpu": lambda times: times.median_cpu,
}


def _measure(
    run: Run, engine: ProcessEngine, floor: ApprovalFloor, ages: tuple[int, ...]
) -> dict[tuple[str, int], Times]:
    count = run.size(160, 24)
    sides: dict[tuple[str, int], Work] = {}
    for age in ages:
        sides["product", age] = _product(engine, age, count)
        sides["floor", age] = _floor(floor, age, count)
    around = {side: run.profiled for side in sides if side[0] == "product"}
    return alternate(sides, slice_of=_SLICE, warm_up=1, around=around)


def _product(engine: ProcessEngine, age: int, count: int) -> Work:
    actor = installation.planner(_PLACE)
    # A run of age n is a little older after each completion; runs of age 1 are therefore made anew each time.
    kept = _grown(engine, age) if age > 1 else ""
    for _ in range(count):
        instance = kept or _grown(engine, 1)
        (task,) = engine.tasks(instance_id=instance)
        yield partial(engine.complete, task.id, _RETURNED, actor)


def _grown(engine: ProcessEngine, age: int) -> str:
    actor = installation.planner(_PLACE)
    instance = engine.start("bench-rework", installation.offices(_PLACE), "bench:rework").id
    for _ in range(age):
        (task,) = engine.tasks(instance_id=instance)
        engine.complete(task.id, _RETURNED, actor)
    return instance


def _floor(floor: ApprovalFloor, age: int, count: int) -> Work:
    kept = _grown_floor(floor, age) if age > 1 else 0
    for _ in range(count):
        instance = kept or _grown_floor(floor, 1)
        yield partial(_return, floor, floor.open_task(instance))


def _grown_floor(floor: ApprovalFloor, age: int) -> int:
    instance = floor.start("planners@TH-52", {"unit": _PLACE})
    for _ in range(age):
        _return(floor, floor.open_task(instance))
    return instance


def _return(floor: ApprovalFloor, task: int) -> None:
    floor.complete(task, "somebody", "planners@TH-52", _RETURNED, again=True)
