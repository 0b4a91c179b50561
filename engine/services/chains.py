"""Verifies audit chains from plain rows, streamed: of the database, of a dump, of an exported history."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, Generic, NamedTuple, TypeVar

import orjson

from engine.execution.trail import GENESIS
from engine.views import AuditFinding

LineRow = tuple[Any, ...]
"""instance, seq, moment as it is hashed, actor, capacity, kind, element, details, hash; a forger leaves any types."""

Progress = Callable[[int, int], None]
"""Told how many chains of how many are verified."""

_TOLD_EVERY: Final = 500
ERASED: Final = "values_erased"
"""The kind of the line that attests what was taken out of earlier ones: the name of a person who asked for it."""


class Head(NamedTuple):
    """How long an instance says that its chain is, and in which hash it ends."""

    instance_id: int
    lines: Any
    head: Any


class Mark(NamedTuple):
    """What an anchor says of a chain: its hash after so many lines."""

    instance_id: int
    lines: int
    head: bytes
    anchor: int


class Seen(NamedTuple):
    """What was looked at."""

    chains: int
    lines: int
    erased: int  # lines from which something was taken, as later lines of their chains attest
    heads: str  # SHA-256 over "instance:lines:head" and a line feed of every instance in order: all chains in one hash


class Marks(NamedTuple):
    """What anchors know: of chains, by instance and lines; and how old a line may be that an anchor is first to hold.

    `since` has the key None for lines that no anchor holds yet.
    """

    marks: Iterable[Mark] = ()
    since: Mapping[int | None, str] = {}


def verify_chains(
    heads: Iterable[Head],
    lines: Iterable[LineRow],
    *,
    found: Callable[[AuditFinding], None],
    anchored: Marks | None = None,
    total: int = 0,
    progress: Progress | None = None,
) -> Seen:
    """Recompute every chain and report the first line of each that does not hold.

    Args:
        heads: Of all instances, by id.
        lines: Of all instances, by instance and number.
        found: Told of every chain that does not hold.
        anchored: What anchors say.
        total: How many chains are expected, for `progress`.
        progress: Told now and then.
    """
    known = anchored or Marks()
    check = _Check(_Merged(known.marks), known.since, found)
    expected = _Merged(heads)
    for instance_id, chain in groupby(lines, itemgetter(0)):
        if type(instance_id) is not int:
            found(AuditFinding(str(instance_id), 1, "Expected lines of an instance, but these name none."))
            continue
        for head in expected.before(instance_id):
            check.chain(head, ())
        own = next(expected.at(instance_id), None)
        if own is not None:
            check.chain(own, chain)
        else:
            check.orphans(instance_id, chain)
        if progress is not None and check.chains % _TOLD_EVERY == 0:
            progress(check.chains, max(total, check.chains))
    for head in expected.rest():
        check.chain(head, ())
    check.lost(check.marks.rest())
    if progress is not None:
        progress(check.chains, check.chains)
    return Seen(check.chains, check.lines, check.erased, check.state.hexdigest())


_Row = TypeVar("_Row", bound=tuple[Any, ...])


class _Merged(Generic[_Row]):
    """Rows in order of their instance, handed out as far as the merge has come."""

    def __init__(self, rows: Iterable[_Row]) -> None:
        self._rows = iter(rows)
        self._next: _Row | None = next(self._rows, None)

    def before(self, instance_id: int) -> Iterator[_Row]:
        """Hand out the rows of earlier instances."""
        while (row := self._next) is not None and row[0] < instance_id:
            self._next = next(self._rows, None)
            yield row

    def at(self, instance_id: int) -> Iterator[_Row]:
        """Hand out the rows of an instance."""
        while (row := self._next) is not None and row[0] == instance_id:
            self._next = next(self._rows, None)
            yield row

    def rest(self) -> Iterator[_Row]:
        """Hand out all that is left."""
        while (row := self._next) is not None:
            self._next = next(self._rows, None)
            yield row


class _Check:
    """Counts what it has seen and tells what does not hold."""

    def __init__(
        self, marks: _Merged[Mark], since: Mapping[int | None, str], found: Callable[[AuditFinding], None]
    ) -> None:
        self.marks = marks
        self.chains = self.lines = self.erased = 0
        self.state = hashlib.sha256()
        self._since = since
        self._found = found

    def chain(self, head: Head, rows: Iterable[LineRow]) -> None:
        self.lost(self.marks.before(head.instance_id))
        self.chains += 1
        self.state.update(f"{head.instance_id}:{head.lines}:{_as_hex(head.head)}\n".encode())
        walk = _Walk(list(self.marks.at(head.instance_id)), self._since)
        reason = walk.along(rows) or walk.to_its_end(head)
        if reason is not None:
            self._found(AuditFinding(str(head.instance_id), max(walk.at, 1), reason))
        self.lines += walk.seen + sum(1 for _row in rows)
        self.erased += walk.erased

    def orphans(self, instance_id: int, rows: Iterable[LineRow]) -> None:
        """Tell of lines whose instance is gone."""
        self.lost(self.marks.before(instance_id))
        self.lines += sum(1 for _row in rows)
        self._found(AuditFinding(str(instance_id), 1, "Expected the instance of these lines, but it was removed."))
        for _mark in self.marks.at(instance_id):
            pass  # the same finding

    def lost(self, marks: Iterable[Mark]) -> None:
        """Tell of instances that anchors hold and the history does not."""
        for instance_id, group in groupby(marks, itemgetter(0)):
            first = next(group)
            self._found(
                AuditFinding(
                    str(instance_id), 1, f"Expected the instance that anchor {first.anchor} holds, but it was removed."
                )
            )


class _Walk:
    """One chain from its first line to its head; `at` is the line where it stands."""

    def __init__(self, marks: list[Mark], since: Mapping[int | None, str]) -> None:
        self.seen = 0
        self.at = 0
        self._head = GENESIS
        self._marks = marks
        self._changed: dict[int, str] = {}  # lines that do not read as they were hashed, by what they would hash to
        self._attested: dict[int, str] = {}  # what lines from which something was taken must hash to
        self._since = since

    @property
    def erased(self) -> int:
        """How many lines do not read as they were hashed."""
        return len(self._changed)

    def along(self, rows: Iterable[LineRow]) -> str | None:
        """Recompute the lines; the reason why one does not hold, or None."""
        reason = self._along(rows)
        for changed, now in self._changed.items():
            if self._attested.get(changed) != now:
                self.at = changed
                return _altered(changed)
        return reason

    def _along(self, rows: Iterable[LineRow]) -> str | None:  # noqa: C901 (one loop over millions of lines)
        marks = iter(self._marks)
        mark = next(marks, None)
        later = self._since.get(mark.anchor if mark is not None else None, "")
        at, head = 0, GENESIS
        dumps, sha256 = orjson.dumps, hashlib.sha256
        for row in rows:
            at += 1
            self.at = self.seen = at
            if row[1] != at:
                return f"Expected line {at}, but it was removed."
            try:
                head = sha256(head + dumps(row[:8])).digest()
            except (TypeError, ValueError):  # of a kind that we never write
                head = b""
            if head != row[8]:
                if type(row[8]) is not bytes or not head:
                    return _altered(at)
                self._changed[at] = head.hex()
                head = row[8]
            elif row[5] == ERASED:
                self._attest(at, row[7])
            if later:
                if str(row[2]) < later:
                    return f"Expected line {at} in the anchors of its day, but it was written later than it says."
                later = ""
            while mark is not None and mark.lines == at:
                if mark.head != head:
                    return f"Expected line {at} as anchor {mark.anchor} holds it, but the chain was rewritten."
                mark = next(marks, None)
                later = self._since.get(mark.anchor if mark is not None else None, "")
        self._head = head
        if mark is not None:
            self.at = at + 1
            return f"Expected {mark.lines} lines as anchor {mark.anchor} holds them, but the chain has {at}."
        return None

    def _attest(self, at: int, details: Any) -> None:
        """Take note of the lines from which something was taken, as this one says (engine/services/erasure.py)."""
        try:
            lines = orjson.loads(details)["lines"]
            self._attested |= {int(seq): str(hashed) for seq, hashed in lines.items() if int(seq) < at}
        except (ValueError, TypeError, KeyError, AttributeError):
            return  # a forger's: it attests nothing

    def to_its_end(self, head: Head) -> str | None:
        """Compare with what the instance says of its chain; the reason why it does not hold, or None."""
        if head.lines != self.at:
            reason = f"Expected {head.lines} lines, but the chain has {self.at}."
            self.at = min(self.at, head.lines) + 1 if isinstance(head.lines, int) else 1
            return reason
        if head.head != self._head:
            return "Expected the chain to end in the head of its instance, but it does not."
        return None


def _altered(at: int) -> str:
    return f"Expected line {at} as it was written, but it was altered or moved."


def _as_hex(head: Any) -> str:
    return head.hex() if isinstance(head, bytes) else str(head)
