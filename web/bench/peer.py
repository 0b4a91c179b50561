"""The naive peer on the same workload as `completion`: how far plain SpiffWorkflow is from the same floor here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import partial

from web.bench.approval_floor import ApprovalFloor
from web.bench.completion import SUBMITTED, floor_work, order_of, rows
from web.bench.naive_peer import NaivePeer
from web.bench.rows import Row
from web.bench.run import Run
from web.bench.timing import Times, Work, alternate


def measure(run: Run) -> Iterator[Row]:
    """Measure the peer beside the floor."""
    with (
        run.database(empty=True) as url,
        run.database(empty=True) as bare,
        closing(NaivePeer(url)) as peer,
        closing(ApprovalFloor(bare)) as floor,
    ):
        rounds = [_round(run, peer, floor, number) for number in range(run.size(3, 1))]
    yield from rows(run, "peer", rounds, side="peer")


def _round(run: Run, peer: NaivePeer, floor: ApprovalFloor, number: int) -> dict[str, Times]:
    sides = {
        "peer": _peer_work(peer, run.size(200, 30), number),
        "floor": floor_work(floor, run.size(500, 30), number),
    }
    return alternate(sides, slice_of=15, warm_up=15, around={"peer": run.profiled})


def _peer_work(peer: NaivePeer, instances: int, number: int) -> Work:
    keys = [peer.start({"unit": f"TH-{index}"}) for index in range(instances)]
    for index in order_of(instances, number):
        task = peer.open_task(keys[index])
        yield partial(peer.complete, task, dict(SUBMITTED))
