"""What somebody with all rights on the database can do to the history, cleverly: with recomputed hashes and new heads."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from engine.execution.trail import GENESIS, Line, digest
from engine.store import HistoryRow, InstanceRow

Row = dict[str, Any]
_H = HistoryRow.__table__
_I = InstanceRow.__table__


@dataclass
class Forger:
    """Changes chains of a database, and puts them back."""

    connection: Connection
    dice: random.Random
    anchored: dict[int, int]  # how many lines of each chain an anchor holds
    kept: dict[int, tuple[list[Row], Row]] = field(default_factory=dict)

    def forge(self, kind: str) -> set[str]:
        """Do one thing to chains that an anchor holds, and return their instances."""
        act: Callable[[], list[int]] = getattr(self, kind)
        return {str(run) for run in act()}

    def undo(self) -> None:
        """Put back what was changed."""
        for run, (lines, instance) in self.kept.items():
            self.connection.execute(delete(_H).where(_H.c.instance_id == run))
            self.connection.execute(delete(_I).where(_I.c.id == run))
            self.connection.execute(insert(_I), instance)
            self.connection.execute(insert(_H), lines)
        self.kept.clear()

    # -- without the hashes ------------------------------------------------------------------------------------------

    def byte_changed(self) -> list[int]:
        run, lines = self._chain()
        line = self.dice.choice(lines)
        column = self.dice.choice(["actor", "capacity", "kind", "details", "hash", "element_id"])
        old = line[column]
        if column == "hash":
            place = self.dice.randrange(len(old))
            new: Any = old[:place] + bytes([old[place] ^ (1 << self.dice.randrange(8))]) + old[place + 1 :]
        elif old is None or old == "":
            new = "x"
        else:
            place = self.dice.randrange(len(old))
            new = old[:place] + chr(ord(old[place]) ^ 1) + old[place + 1 :]
        self._set(run, line["seq"], {column: new})
        return [run]

    def moment_changed(self) -> list[int]:
        run, lines = self._chain()
        line = self.dice.choice(lines)
        import datetime as dt

        self._set(
            run, line["seq"], {"at": line["at"] + dt.timedelta(microseconds=self.dice.choice([-1, 1, 86_400_000_000]))}
        )
        return [run]

    def row_deleted(self) -> list[int]:
        run, lines = self._chain()
        self.connection.execute(delete(_H).where(_H.c.instance_id == run, _H.c.seq == self.dice.choice(lines)["seq"]))
        return [run]

    def rows_swapped(self) -> list[int]:
        run, lines = self._chain(at_least=2)
        one, other = self.dice.sample(lines, 2)
        for line, place in ((one, 10_000), (other, one["seq"])):
            self._set(run, line["seq"], {"seq": place})
        self._set(run, 10_000, {"seq": other["seq"]})
        return [run]

    def row_inserted(self) -> list[int]:
        run, lines = self._chain()
        self.connection.execute(insert(_H), {**self.dice.choice(lines), "seq": len(lines) + 1})
        return [run]

    def row_moved_to_another_chain(self) -> list[int]:
        run, lines = self._chain()
        other, theirs = self._chain(without=run)
        taken = self.dice.choice(lines)
        self._set(other, theirs[0]["seq"], {"details": taken["details"] + " ", "hash": taken["hash"]})
        return [other]

    def tail_cut(self) -> list[int]:
        run, lines = self._chain(at_least=2)
        cut = self.dice.randrange(1, len(lines))
        self.connection.execute(delete(_H).where(_H.c.instance_id == run, _H.c.seq > cut))
        return [run]

    # -- with recomputed hashes and heads: only an anchor finds them ---------------------------------------------------

    def tail_cut_with_new_head(self) -> list[int]:
        run, lines = self._chain(at_least=2)
        cut = self.dice.randrange(1, self.anchored[run])
        self._rewrite(run, lines[:cut])
        return [run]

    def chain_rewritten(self) -> list[int]:
        run, lines = self._chain()
        line = lines[self.dice.randrange(self.anchored[run])]
        line["details"] = '{"outcome":"approve"}' if line["details"] == "{}" else "{}"
        self._rewrite(run, lines)
        return [run]

    def line_removed_and_chain_rewritten(self) -> list[int]:
        run, lines = self._chain(at_least=2)
        del lines[self.dice.randrange(self.anchored[run])]
        self._rewrite(run, lines)
        return [run]

    def line_inserted_and_chain_rewritten(self) -> list[int]:
        run, lines = self._chain()
        place = self.dice.randrange(self.anchored[run])
        lines.insert(place, {**self.dice.choice(lines), "actor": "eve"})
        self._rewrite(run, lines)
        return [run]

    def instance_removed(self) -> list[int]:
        run, _lines = self._chain()
        self.connection.execute(delete(_H).where(_H.c.instance_id == run))
        self.connection.execute(delete(_I).where(_I.c.id == run))
        return [run]

    def erasure_forged(self) -> list[int]:
        """Pretend that something was taken out of a line, by a later line that says nothing of the kind."""
        run, lines = self._chain()
        line = lines[self.dice.randrange(self.anchored[run])]
        self._set(run, line["seq"], {"details": '{"forged":true}'})
        details = orjson.dumps({"lines": {str(line["seq"]): "0" * 64}, "reason": "x"}).decode()
        more = {**lines[-1], "kind": "values_erased", "details": details}
        kept = [{**one, "details": '{"forged":true}'} if one is line else one for one in lines]
        self._append(run, kept, more)
        return [run]

    # -- tools ---------------------------------------------------------------------------------------------------------

    def _chain(self, *, at_least: int = 1, without: int | None = None) -> tuple[int, list[Row]]:
        run = self.dice.choice([run for run, lines in self.anchored.items() if lines >= at_least and run != without])
        found = self.connection.execute(select(_H).where(_H.c.instance_id == run).order_by(_H.c.seq)).mappings()
        lines = [dict(row) for row in found]
        instance = self.connection.execute(select(_I).where(_I.c.id == run)).mappings().one()
        self.kept.setdefault(run, ([dict(line) for line in lines], dict(instance)))
        return run, lines

    def _set(self, run: int, seq: int, values: Row) -> None:
        self.connection.execute(update(_H).where(_H.c.instance_id == run, _H.c.seq == seq).values(**values))

    def _rewrite(self, run: int, lines: list[Row]) -> None:
        self.connection.execute(delete(_H).where(_H.c.instance_id == run))
        head = GENESIS
        for number, line in enumerate(lines, start=1):
            line["seq"] = number
            head = line["hash"] = _hashed(head, line)
        if lines:
            self.connection.execute(insert(_H), lines)
        self._new_head(run, len(lines), head)

    def _append(self, run: int, lines: list[Row], more: Row) -> None:
        more["seq"] = len(lines) + 1
        more["hash"] = _hashed(lines[-1]["hash"], more)
        self.connection.execute(insert(_H), more)
        self._new_head(run, more["seq"], more["hash"])

    def _new_head(self, run: int, lines: int, head: bytes) -> None:
        self.connection.execute(update(_I).where(_I.c.id == run).values(history_count=lines, history_head=head))


def _hashed(head: bytes, line: Row) -> bytes:
    columns = ("instance_id", "seq", "at", "actor", "capacity", "kind", "element_id", "details")
    return digest(head, Line(*(line[name] for name in columns)))


WITHOUT_HASHES = (
    "byte_changed",
    "moment_changed",
    "row_deleted",
    "rows_swapped",
    "row_inserted",
    "row_moved_to_another_chain",
    "tail_cut",
    "erasure_forged",
)
WITH_HASHES = (
    "tail_cut_with_new_head",
    "chain_rewritten",
    "line_removed_and_chain_rewritten",
    "line_inserted_and_chain_rewritten",
    "instance_removed",
)
