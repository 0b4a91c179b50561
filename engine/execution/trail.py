"""The audit chain: how one line of history is hashed over the line before."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Final

import orjson

GENESIS: Final = b"\0" * 32
"""What the first line of a chain follows."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of history as it is hashed; `details` is canonical JSON."""

    instance_id: int
    seq: int
    at: dt.datetime
    actor: str
    capacity: str
    kind: str
    element_id: str | None
    details: str


def digest(previous: bytes, line: Line) -> bytes:
    """Hash a line over the hash of the line before."""
    body = orjson.dumps(
        [
            line.instance_id,
            line.seq,
            line.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
            line.actor,
            line.capacity,
            line.kind,
            line.element_id,
            line.details,
        ]
    )
    return hashlib.sha256(previous + body).digest()
