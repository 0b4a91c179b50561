"""Decision files kept ready: read once, by content, shared by all threads; they never change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from engine.bpmn.limits import Limits
from engine.decisions import DecisionFiles, read_decisions
from engine.store import ResourceRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

_R: Final = ResourceRow.__table__.c
_CONTENT: Final = select(_R.sha256, _R.content).where(_R.sha256.in_(bindparam("hashes", expanding=True)))

Hashes = Mapping[str, str]
"""Names of files -> sha256 of their contents."""


class DecisionCache:
    """The most recently made decisions' files, read once; by content, so that nothing in it is ever outdated."""

    def __init__(self, size: int, limits: Limits) -> None:
        self._size = size
        self._limits = limits
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[tuple[str, str], ...], DecisionFiles] = OrderedDict()

    def get(self, connection: Connection, hashes: Hashes) -> DecisionFiles:
        """Return files as read, from the database when they are not at hand."""
        key = tuple(sorted(hashes.items()))
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return known
        contents = {
            row.sha256: bytes(row.content) for row in connection.execute(_CONTENT, {"hashes": [*hashes.values()]})
        }
        found = read_decisions({name: contents[sha] for name, sha in key}, self._limits)
        with self._lock:
            self._known[key] = found
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        return found
