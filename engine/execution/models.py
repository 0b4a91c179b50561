"""Process versions kept ready to run: read once, built once, shared by all threads; they never change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from engine.bpmn.model import Process
from engine.bpmn.reader import Limits, read
from engine.errors import ProcessNotFound
from engine.execution.decision_cache import DecisionCache
from engine.execution.rows import AnyRow
from engine.spiff.process import ProcessModel, build
from engine.store import BundleFileRow, DefinitionRow, ResourceRow
from engine.views import ProcessDefinition

if TYPE_CHECKING:
    from sqlalchemy import Connection

_D: Final = DefinitionRow.__table__.c
_B: Final = BundleFileRow.__table__.c
_R: Final = ResourceRow.__table__.c
_BY_ID: Final = (
    select(DefinitionRow.__table__, _R.content)
    .join(BundleFileRow.__table__, _B.definition_id == _D.id)
    .join(ResourceRow.__table__, _R.sha256 == _B.sha256)
    .where(_D.id == bindparam("key"), _B.kind == "diagram")
)


@dataclass(frozen=True, slots=True)
class Deployed:
    """One version: what the door shows of it, its diagram as read, and the interpreter's model."""

    definition: ProcessDefinition
    process: Process
    model: ProcessModel


class ModelCache:
    """The most recently used versions; safe for many threads."""

    def __init__(self, size: int, limits: Limits) -> None:
        self._size = size
        self._limits = limits
        self.decisions = DecisionCache(size, limits)
        self._lock = threading.Lock()
        self._known: OrderedDict[int, Deployed] = OrderedDict()

    def get(self, connection: Connection, definition_id: int) -> Deployed:
        """Return a version, read from the database when it is not at hand.

        Raises:
            ProcessNotFound: There is no such version.
        """
        with self._lock:
            known = self._known.get(definition_id)
            if known is not None:
                self._known.move_to_end(definition_id)
                return known
        row = connection.execute(_BY_ID, {"key": definition_id}).first()
        if row is None:
            raise ProcessNotFound(definition_id=definition_id)
        deployed = self._build(row)
        with self._lock:
            self._known[definition_id] = deployed
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        return deployed

    def drop(self, definition_ids: Iterable[int]) -> None:
        """Forget versions whose deployment was rolled back: their numbers will be given again."""
        with self._lock:
            for definition_id in definition_ids:
                self._known.pop(definition_id, None)

    def _build(self, row: AnyRow) -> Deployed:
        definition = definition_view(row)
        definitions = read(row.content, row.file, self._limits)
        process = next(found for found in definitions.processes if found.id == row.key)
        return Deployed(definition, process, build(process))


def definition_view(row: AnyRow) -> ProcessDefinition:
    """Show a row of `bpm_process_definition`."""
    return ProcessDefinition(
        id=row.id,
        key=row.key,
        version=row.version,
        version_tag=row.version_tag,
        name=row.name,
        bundle_hash=row.bundle_hash,
        file=row.file,
        deployed_at=row.deployed_at,
        author=row.author,
        note=row.note,
    )
