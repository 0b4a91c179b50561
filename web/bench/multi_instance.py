"""W2: one completion of a task that 76 and 760 units do at once, in random order.

`multi-instance` is that of 76. What a completion costs must not grow with the number of its siblings:
`multi-instance/760-to-76` is the quotient of the two medians, measured in turns. The floor is a completion of one of as
many tasks of one run by bare SQL.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Final

from web.bench import installation
from web.bench.approval_floor import ApprovalFloor
from web.bench.completion import SUBMITTED
from web.bench.rows import Row
from web.bench.run import Run
from web.bench.timing import Times, Work, alternate

if TYPE_CHECKING:
    from engine import Actor, ProcessEngine

FEW, MANY = 76, 760
_SLICE: Final = 19
_SEED: Final = 2571


def measure(run: Run) -> Iterator[Row]:
    """Measure runs of 76 and one of 760, each beside its floor."""
    with (
        run.database() as url,
        run.database(empty=True) as bare,
        installation.installed(url, "bench-provinces") as engine,
        closing(ApprovalFloor(bare)) as floor,
    ):
        rounds = [_round(run, engine, floor, number) for number in range(run.size(3, 1))]
    for suffix, figure in _FIGURES.items():
        middles = {
            (side, items): median(figure(times[side, items]) for times in rounds)
            for side in ("product", "floor")
            for items in (FEW, MANY)
        }
        for name, items in _ROWS:
            yield run.row(f"{name}{suffix}", middles["product", items], middles["floor", items])
        grown, grown_floor = (middles[side, MANY] / middles[side, FEW] for side in ("product", "floor"))
        yield run.row(f"multi-instance/{MANY}-to-{FEW}{suffix}", grown, grown_floor, unit="x")


_ROWS: Final = (("multi-instance", FEW), (f"multi-instance/{FEW}", FEW), (f"multi-instance/{MANY}", MANY))
_FIGURES: Final[dict[str, Callable[[Times], float]]] = {
    "": lambda times: times.median,
    "/quiet": lambda times: times.quiet,
    "/cpu": lambda times: times.median_cpu,
}


def _round(run: Run, engine: ProcessEngine, floor: ApprovalFloor, number: int) -> dict[tuple[str, int], Times]:
    done = run.size({FEW: 4, MANY: 1}, {FEW: 1, MANY: 1})
    most = run.size(MANY, 2 * FEW)  # of the many, a quick run completes a part
    sides = {
        (side, items): _several(work, items, range(number * 10, number * 10 + done[items]), most)
        for items in (FEW, MANY)
        for side, work in (("product", partial(_product, engine)), ("floor", partial(_floor, floor)))
    }
    around = {side: run.profiled for side in sides if side[0] == "product"}
    return alternate(sides, slice_of=_SLICE, around=around)


def _several(work: Callable[[int, int, int], Work], items: int, numbers: Iterable[int], most: int) -> Work:
    for number in numbers:
        yield from work(items, number, most)


def _places(items: int) -> list[str]:
    codes = installation.province_codes()
    return [codes[index % len(codes)] for index in range(items)]


def _product(engine: ProcessEngine, items: int, number: int, most: int) -> Work:
    each = [installation.offices(code) for code in _places(items)]
    instance = engine.start("bench-provinces", {"items": each}, f"bench:{items}:{number}")
    tasks = engine.tasks(instance_id=instance.id, limit=1_000)
    work: list[tuple[str, Actor]] = [
        (task.id, installation.planner(task.candidate_groups[0].partition("@")[2])) for task in tasks
    ]
    random.Random(_SEED + number).shuffle(work)  # noqa: S311 - no secret
    for task, actor in work[:most]:
        yield partial(engine.complete, task, SUBMITTED, actor)


def _floor(floor: ApprovalFloor, items: int, number: int, most: int) -> Work:
    tasks = floor.start_many([f"planners@{code}" for code in _places(items)])
    random.Random(_SEED + number).shuffle(tasks)  # noqa: S311 - no secret
    for task in tasks[:most]:
        yield partial(floor.complete_one_of_many, task, "somebody", SUBMITTED)
