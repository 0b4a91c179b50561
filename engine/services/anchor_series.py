"""Reads anchors that were kept elsewhere: are they signed, is the series whole, what do they say of the chains."""

from __future__ import annotations

import datetime as dt
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from engine.anchors import FIRST_FOLLOWS, Anchor, SignedAnchor, moment_text
from engine.errors import InvalidArgument
from engine.seals import PublicKey
from engine.services.chains import Mark, Marks
from engine.views import AnchorFinding

GRACE: Final = dt.timedelta(days=1)
"""How much older than an anchor a line may be that the anchor does not hold: long transactions, clocks set right."""

_MADE: Final = (
    "CREATE TABLE mark (instance_id INTEGER, lines INTEGER, head BLOB, anchor INTEGER,"
    " PRIMARY KEY (instance_id, lines, head)) WITHOUT ROWID"
)
_ADD: Final = "INSERT OR IGNORE INTO mark VALUES (?, ?, ?, ?)"
_ALL: Final = "SELECT instance_id, lines, head, anchor FROM mark ORDER BY instance_id, lines, anchor"


class AnchorSeries:
    """What anchors say, kept in a file of its own while it is needed: there may be millions of heads."""

    def __init__(self, keys: Sequence[PublicKey]) -> None:
        self._keys: Mapping[str, PublicKey] = {key.id: key for key in keys}
        self._folder = tempfile.TemporaryDirectory(prefix="saanphaen-anchors-")
        self._marks = sqlite3.connect(Path(self._folder.name) / "marks", isolation_level=None, check_same_thread=False)
        for statement in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", _MADE):
            self._marks.execute(statement)
        self._since: dict[int | None, str] = {}
        self._last: SignedAnchor | None = None
        self._sequence = 0
        self._hashes: dict[int, str] = {}
        self._complete_at: dt.datetime | None = None
        self.findings: list[AnchorFinding] = []
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Throw the file away."""
        self._marks.close()
        self._folder.cleanup()

    def add(self, anchors: Iterable[SignedAnchor]) -> None:
        """Take anchors in, in the order of their numbers; one that is not what it must be becomes a finding."""
        self._marks.execute("BEGIN")
        for signed in anchors:
            try:
                anchor = signed.anchor
            except InvalidArgument as error:
                self._note(0, error.message)
                continue
            self._take(signed, anchor)
        self._marks.execute("COMMIT")

    def compare(self, own: Iterable[SignedAnchor]) -> None:
        """Find anchors that stand otherwise in the database, or do not stand there any more."""
        kept = {signed.anchor.sequence: signed.hash for signed in own}
        for sequence, hashed in self._hashes.items():
            if kept.get(sequence) != hashed:
                self._note(sequence, f"Expected anchor {sequence} in the database as it was sent, but it is not there.")

    @property
    def anchored(self) -> Marks:
        """What the anchors say of the chains."""
        since = {**self._since}
        if self._complete_at is not None:
            since[None] = moment_text(self._complete_at - GRACE)
        return Marks(self._read(), since)

    def _take(self, signed: SignedAnchor, anchor: Anchor) -> None:
        number = anchor.sequence
        if (reason := self._unsigned(signed, anchor)) is not None:
            self._note(number, reason)
            return  # what nobody vouches for proves nothing
        if self._last is not None and signed.content == self._last.content:
            return  # the same file twice
        self.count += 1
        if (reason := self._out_of_series(anchor)) is not None:
            self._note(number, reason)
        self._last, self._sequence = signed, number
        self._hashes[number] = signed.hash
        if self._complete_at is not None:
            self._since[number] = moment_text(self._complete_at - GRACE)
        if anchor.complete:
            self._complete_at = anchor.at
        self._marks.executemany(_ADD, ((chain.instance_id, chain.lines, chain.head, number) for chain in anchor.chains))

    def _unsigned(self, signed: SignedAnchor, anchor: Anchor) -> str | None:
        if not self._keys:
            return None  # the caller has no key and says so
        key = self._keys.get(anchor.key)
        if key is None:
            return f"Expected anchor {anchor.sequence} under a key that was given, but it names {anchor.key}."
        if not signed.is_signed_by(key):
            return f"Expected anchor {anchor.sequence} with its signature, but the signature does not fit."
        return None

    def _out_of_series(self, anchor: Anchor) -> str | None:
        number = anchor.sequence
        if self._last is None:
            if number == 1 and anchor.previous != FIRST_FOLLOWS:
                return "Expected the first anchor to follow none, but it does."
            return None
        if number == self._sequence:
            return f"Expected one anchor {number}, but there are two that differ: the history was wound back."
        if number != self._sequence + 1:
            return f"Expected anchor {self._sequence + 1}, but it is missing."
        if anchor.previous != self._last.hash:
            return f"Expected anchor {number} to follow anchor {number - 1}, but it follows another one."
        return None

    def _note(self, sequence: int, reason: str) -> None:
        self.findings.append(AnchorFinding(sequence, reason))

    def _read(self) -> Iterator[Mark]:
        for row in self._marks.execute(_ALL):
            yield Mark(*row)


def read_anchors(path: Path) -> Iterator[SignedAnchor]:
    """Read an anchor's file, or all in a folder (`anchor-*.txt`) in the order of their numbers.

    Raises:
        InvalidArgument: There is none, or one of the files is something else.
        OSError: They cannot be read.
    """
    files = sorted(path.glob("anchor-*.txt")) if path.is_dir() else [path]
    if not files:
        raise InvalidArgument(f"Expected anchors in {path}, but there are none.")
    for file in files:
        try:
            yield SignedAnchor.read(file.read_bytes())
        except InvalidArgument as error:
            raise InvalidArgument(f"{file}: {error.message}") from error


def file_name(signed: SignedAnchor) -> str:
    """Name the file of an anchor by its number, so that it sorts, and its hash, so that none takes another's place."""
    return f"anchor-{signed.anchor.sequence:010d}-{signed.hash[:8]}.txt"
