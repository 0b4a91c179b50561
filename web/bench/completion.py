"""W1: a completion among 200 waiting runs of the approval, in random order, through the engine's door.

Inside the transaction: the policy of authority, the chained history, three kinds of events in the outbox, the
listeners of the domain. The floor is `ApprovalFloor`. `completion/clocks` is the same with due dates, whose clocks
the product keeps (two rows more for a task that opens, two for one that ends); its floor writes those too.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Final

from web.bench import installation
from web.bench.approval_floor import ApprovalFloor
from web.bench.rows import Row
from web.bench.run import Run
from web.bench.timing import Times, Work, alternate

if TYPE_CHECKING:
    from engine import ProcessEngine

COMMENT: Final = "ตรวจแล้วครบถ้วนตามหลักเกณฑ์และวิธีการ"
SUBMITTED: Final = {"approved": True, "comment": COMMENT}
_SLICE: Final = 15
_SEED: Final = 2570


def measure(run: Run) -> Iterator[Row]:
    """Measure the product beside the floor."""
    yield from rows(run, "completion", _rounds(run, "bench-approval", clocks=False))
    yield from list(rows(run, "completion/clocks", _rounds(run, "bench-approval-due", clocks=True)))[:1]


def _rounds(run: Run, process: str, *, clocks: bool) -> list[dict[str, Times]]:
    with (
        run.database() as url,
        run.database(empty=True) as bare,
        installation.installed(url, process) as engine,
        closing(ApprovalFloor(bare, clocks=clocks)) as floor,
    ):
        return [_round(run, engine, floor, process, number) for number in range(run.size(3, 1))]


def rows(run: Run, name: str, rounds: list[dict[str, Times]], side: str = "product") -> Iterator[Row]:
    """Return the lines of one side beside the floor: each the median of the rounds."""

    def middle(of: str, figure: Callable[[Times], float]) -> float:
        return median(figure(one[of]) for one in rounds)

    for suffix, unit, figure in _FIGURES:
        yield run.row(name + suffix, middle(side, figure), middle("floor", figure), unit)


_FIGURES: Final[tuple[tuple[str, str, Callable[[Times], float]], ...]] = (
    ("", "ms", lambda times: times.median),
    ("/p95", "ms", lambda times: times.p95),
    ("/quiet", "ms", lambda times: times.quiet),
    ("/cpu", "ms", lambda times: times.median_cpu),
    ("/throughput", "1/s", lambda times: 1_000 * len(times.wall) / sum(times.wall)),
)


def order_of(instances: int, number: int) -> list[int]:
    """Return in which order the tasks of all runs are completed: two of each run, at random."""
    order = [index for index in range(instances) for _ in range(2)]
    random.Random(_SEED + number).shuffle(order)  # noqa: S311 - no secret
    return order


def floor_work(floor: ApprovalFloor, instances: int, number: int) -> Work:
    """Start the runs, then complete their tasks one by one."""
    codes = installation.province_codes()
    places = [codes[index % len(codes)] for index in range(instances)]
    keys = [floor.start(f"planners@{place}", {"unit": place}) for place in places]
    for index in order_of(instances, number):
        task = floor.open_task(keys[index])
        place = places[index]
        yield partial(floor.complete, task, f"person-{place}", f"governor@{place}", SUBMITTED)


def _round(run: Run, engine: ProcessEngine, floor: ApprovalFloor, process: str, number: int) -> dict[str, Times]:
    instances = run.size(200, 30)
    sides = {
        "product": _product_work(engine, process, instances, number),
        "floor": floor_work(floor, run.size(500, 30), number),
    }
    return alternate(sides, slice_of=_SLICE, warm_up=_SLICE, around={"product": run.profiled})


def _product_work(engine: ProcessEngine, process: str, instances: int, number: int) -> Work:
    codes = installation.province_codes()
    places = [codes[index % len(codes)] for index in range(instances)]
    runs = [
        engine.start(process, installation.offices(place), f"bench:{number}:{index}").id
        for index, place in enumerate(places)
    ]
    actors = [installation.planner, installation.governor]
    steps = [0] * instances
    for index in order_of(instances, number):
        (task,) = engine.tasks(instance_id=runs[index])
        actor = actors[steps[index]](places[index])
        steps[index] += 1
        yield partial(engine.complete, task.id, SUBMITTED, actor)
