"""R14: the audit trail is tampered with in every way; chains find what they can, an anchor kept elsewhere finds the rest."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from sqlalchemy import Connection, select, text, update

from engine import AnchorSeries, ProcessEngine, SigningKey
from engine.execution.trail import GENESIS, Line, digest
from engine.store import HistoryRow, InstanceRow
from tests.soak.harness.outcome import Outcome, Tell, silent
from tests.soak.harness.place import Place
from tests.support.bpmn import process
from tests.support.clock import ManualClock
from tests.support.driver import Driver

WHAT = "audit chain"
_H = HistoryRow.__table__.c
_LONGEST = 2.0  # seconds of processor time for 100,000 lines
_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Size:
    """How many chains of how many lines, each tampered with once."""

    chains: int
    lines: int
    judges_time: bool = True


FULL = Size(chains=1_000, lines=100)
SHORT = Size(chains=30, lines=8, judges_time=False)


def run(place: Place, size: Size, seed: int, tell: Tell = silent) -> Outcome:
    """Write chains, anchor them, tamper with each in one way, and see what is found with and without the anchors."""
    outcome = Outcome(f"{size.chains * size.lines:,} lines, {size.chains} tamperings of {len(_WAYS)} kinds", "")
    random = Random(seed)
    driver = Driver(place.database("sqlite", "r14"), clock=ManualClock())
    engine = driver.engine
    runs = _write_chains(driver, size)
    tell(1, 4)
    began = time.process_time()  # on a machine that others use too, the wall clock says nothing of the product
    whole = engine.verify_audit()
    seconds = time.process_time() - began
    outcome.expect(whole.verified, f"chains that nobody touched do not hold: {whole.findings[:3]}")
    outcome.expect(whole.entries >= size.chains * size.lines, f"only {whole.entries} lines were read")
    if size.judges_time:
        outcome.expect(seconds <= _LONGEST, f"{whole.entries} lines took {seconds:.1f} s of processor time")
    key = SigningKey.create(place.home("r14") / "anchor-key")
    kept = list(engine.take_anchors(key))
    tell(2, 4)
    ways = {run: list(_WAYS)[number % len(_WAYS)] for number, run in enumerate(runs)}
    _tamper(engine, ways, random)
    tell(3, 4)
    alone = {int(found.instance_id) for found in engine.verify_audit().findings}
    with AnchorSeries([key.public]) as series:
        series.add(kept)
        anchored = {int(found.instance_id) for found in engine.verify_audit(anchors=series).findings}
    missed = {way: sum(ways[run] == way for run in set(ways) - anchored) for way in _WAYS}
    outcome.expect(not any(missed.values()), f"not found with anchors: {missed}")
    wanted = {run for run, way in ways.items() if way not in _ONLY_ANCHORS}
    outcome.expect(wanted <= alone, f"{len(wanted - alone)} tamperings that break a chain were not found by it")
    outcome.expect(
        not (alone - wanted), "a way that leaves the chain whole was found without anchors: the plan tests nothing"
    )
    driver.close()
    outcome.figure = (
        f"{whole.entries:,} lines verified in {seconds:.2f} s of processor time; {len(alone)} of {len(ways)} found by the chains,"
        f" {len(anchored)} with an anchor kept elsewhere"
    )
    return outcome


def _write_chains(driver: Driver, size: Size) -> list[int]:
    """Begin runs as people do, then lengthen their chains in bulk, each line hashed as the product hashes it."""
    driver.deploy(process("soak_chain").start().user_task("work").end())
    with driver.engine.unit_of_work() as uow:
        runs = [int(uow.instances.start("soak_chain").id) for _ in range(size.chains)]
    with driver.engine.unit_of_work() as uow:
        connection = uow.session.connection()
        rows: list[dict[str, Any]] = []
        for run in runs:
            last = connection.execute(
                select(HistoryRow.__table__).where(_H.instance_id == run).order_by(_H.seq.desc()).limit(1)
            ).one()
            head, seq = bytes(last.hash), last.seq
            while seq < size.lines:
                seq += 1
                details = f'{{"task":"{run}","n":{seq}}}'
                line = Line(run, seq, uow.now, "planner1", "", "task_claimed", "work", details)
                head = digest(head, line)
                rows.append(_row(line, head))
            connection.execute(
                update(InstanceRow).where(InstanceRow.id == run).values(history_count=seq, history_head=head)
            )
            if len(rows) > _BATCH:
                connection.execute(HistoryRow.__table__.insert(), rows)
                rows = []
        if rows:
            connection.execute(HistoryRow.__table__.insert(), rows)
    return runs


def _row(line: Line, digested: bytes) -> dict[str, Any]:
    return {
        "instance_id": line.instance_id, "seq": line.seq, "at": line.at, "actor": line.actor,
        "capacity": line.capacity, "kind": line.kind, "element_id": line.element_id, "details": line.details,
        "hash": digested,
    }  # fmt: skip


def _tamper(engine: ProcessEngine, ways: dict[int, str], random: Random) -> None:
    """Be somebody who may do anything in the database: its guards go first."""
    with engine.unit_of_work() as uow:
        connection = uow.session.connection()
        guards = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for guard in guards:
            connection.execute(text(f'DROP TRIGGER "{guard}"'))
        for run, way in ways.items():
            chain = Chain(connection, run)
            _WAYS[way](chain, random)


class Chain:
    """The lines of one run in the hands of somebody who wants them otherwise."""

    def __init__(self, connection: Connection, run: int) -> None:
        self.connection = connection
        self.run = run
        statement = select(HistoryRow.__table__).where(_H.instance_id == run).order_by(_H.seq)
        self.lines = [dict(row) for row in connection.execute(statement).mappings()]

    def write(self) -> None:
        """Put the lines in the place of those that were there."""
        self.connection.execute(HistoryRow.__table__.delete().where(_H.instance_id == self.run))
        self.connection.execute(HistoryRow.__table__.insert(), self.lines)

    def write_whole(self) -> None:
        """Put them there with a chain that fits, and the run's own count and head with it."""
        head = GENESIS
        for number, line in enumerate(self.lines, 1):
            line["seq"] = number
            told = {name: line[name] for name in ("at", "actor", "capacity", "kind", "element_id", "details")}
            head = digest(head, Line(self.run, number, **told))
            line["hash"] = head
        self.write()
        self.connection.execute(
            update(InstanceRow)
            .where(InstanceRow.id == self.run)
            .values(history_count=len(self.lines), history_head=head)
        )

    def middle(self, random: Random) -> int:
        """Choose a line that is neither the first nor the last."""
        return random.randrange(1, len(self.lines) - 1)


def _change(chain: Chain, random: Random) -> None:
    line = chain.lines[chain.middle(random)]
    name = random.choice(("actor", "kind", "details", "capacity"))
    line[name] = f"{line[name]} " if name != "details" else '{"task":"0"}'
    chain.write()


def _move_time(chain: Chain, random: Random) -> None:
    line = chain.lines[chain.middle(random)]
    line["at"] += dt.timedelta(microseconds=1)
    chain.write()


def _delete(chain: Chain, random: Random) -> None:
    del chain.lines[chain.middle(random)]
    chain.write()


def _swap(chain: Chain, random: Random) -> None:
    place = chain.middle(random)
    first, second = chain.lines[place - 1], chain.lines[place]
    first["seq"], second["seq"] = second["seq"], first["seq"]
    chain.write()


def _insert(chain: Chain, random: Random) -> None:
    place = chain.middle(random)
    copy = dict(chain.lines[place])
    for line in chain.lines[place:]:
        line["seq"] += 1
    chain.lines.insert(place, copy)
    chain.write()


def _cut(chain: Chain, random: Random) -> None:
    del chain.lines[-random.randint(1, 3) :]
    chain.write_whole()


def _rewrite(chain: Chain, random: Random) -> None:
    chain.lines[chain.middle(random)]["actor"] = "somebody else"
    chain.write_whole()


_WAYS: dict[str, Callable[[Chain, Random], None]] = {
    "change": _change,
    "move in time": _move_time,
    "delete": _delete,
    "swap": _swap,
    "insert": _insert,
    "cut the tail": _cut,
    "rewrite all": _rewrite,
}
_ONLY_ANCHORS = ("cut the tail", "rewrite all")
