"""Decisions that business rule tasks make: found by their binding, kept ready, told in the history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import bindparam, select

from engine import codec
from engine.decisions import Failure, Outcome, TableRecord, decide, shown
from engine.execution.decision_cache import Hashes
from engine.execution.lent import lent_functions
from engine.execution.transaction import Transaction
from engine.feel import FeelError, as_json
from engine.spiff.steps import DecisionCall, StepFailed
from engine.store import BundleFileRow, DecisionRow

_D: Final = DecisionRow.__table__.c
_B: Final = BundleFileRow.__table__.c
_NEWEST: Final = (
    select(_D.version, _D.file, _D.files).where(_D.key == bindparam("key")).order_by(_D.version.desc()).limit(1)
)
_TAGGED: Final = (
    select(_D.version, _D.file, _D.files)
    .where(_D.key == bindparam("key"), _D.version_tag == bindparam("tag"))
    .order_by(_D.version.desc())
    .limit(1)
)
_VERSIONS: Final = select(_D.version, _D.file, _D.files).where(_D.key == bindparam("key")).order_by(_D.version.desc())
_BUNDLED: Final = select(_B.name, _B.sha256).where(_B.definition_id == bindparam("definition"), _B.kind == "other")
_MOST_TABLES: Final = 100  # of one decision in one line of history
_MOST_TOLD: Final = 2_000  # bytes of one value there


class DecisionCalls:
    """Makes decisions for one step of a run of a version."""

    def __init__(self, tx: Transaction, definition_id: int) -> None:
        self._tx = tx
        self._definition_id = definition_id

    def call(self, call: DecisionCall) -> tuple[object, Mapping[str, object]]:
        """Make a decision; return its result, and what history keeps.

        Raises:
            StepFailed: There is no such decision, or it cannot be made.
        """
        version, file, hashes = self._find(call)
        files = self._tx.models.decisions.get(self._tx.connection, hashes)
        element = files.files[file].decidable(call.decision_id)
        if element is None:
            raise _missing(call)
        try:
            outcome = decide(
                element,
                files.files.values(),
                call.variables,
                now=self._tx.now,
                zone=self._tx.config.zone,
                functions=lent_functions(self._tx.ports, lambda: self._tx.session),
            )
        except FeelError as error:
            raise _failed(call, f"{error}") from error
        if outcome.failures:
            raise _failed(call, _story(outcome.failures))
        return outcome.value, _details(call, version, outcome)

    def _find(self, call: DecisionCall) -> tuple[int | None, str, Hashes]:
        connection, key = self._tx.connection, call.decision_id
        if call.binding == "deployment":
            return self._bundled(call)
        if call.binding == "versionTag":
            row = connection.execute(_TAGGED, {"key": key, "tag": call.version_tag or ""}).first()
        else:
            row = connection.execute(_NEWEST, {"key": key}).first()
        if row is None:
            raise _missing(call)
        return row.version, row.file, codec.loads(row.files)

    def _bundled(self, call: DecisionCall) -> tuple[int | None, str, Hashes]:
        """Find a decision among the files of the caller's own version, and which version of it they hold."""
        rows = self._tx.connection.execute(_BUNDLED, {"definition": self._definition_id})
        bundled = {row.name: row.sha256 for row in rows}
        for row in self._tx.connection.execute(_VERSIONS, {"key": call.decision_id}):
            hashes = codec.loads(row.files)
            if hashes.items() <= bundled.items():
                return row.version, row.file, hashes
        raise _missing(call)


def _missing(call: DecisionCall) -> StepFailed:
    bound = f" with version tag {call.version_tag!r}" if call.binding == "versionTag" else ""
    bound = " in the deployment of the process" if call.binding == "deployment" else bound
    told = f"Expected a deployed decision {call.decision_id!r}{bound}, but there is none; deploy it first."
    return StepFailed(call.element_id, "decision_not_found", told)


def _failed(call: DecisionCall, reason: str) -> StepFailed:
    return StepFailed(call.element_id, "decision_error", f"Decision {call.decision_id!r}: {reason}")


def _story(failures: tuple[Failure, ...]) -> str:
    first, *more = failures
    return f"{first.message} ({first.element_id}: {first.code})" + (f" and {len(more)} more" if more else "")


def _details(call: DecisionCall, version: int | None, outcome: Outcome) -> dict[str, object]:
    left = len(outcome.tables) - _MOST_TABLES
    return {
        "decision": call.decision_id,
        "version": version,
        "result": _told(outcome.value),
        "tables": [_table(table) for table in outcome.tables[:_MOST_TABLES]],
        **({"more_tables": left} if left > 0 else {}),
    }


def _table(table: TableRecord) -> dict[str, object]:
    return {
        "table": table.element_id,
        "name": table.name,
        "hit_policy": str(table.hit_policy),
        "inputs": [[label, _told(value)] for label, value in table.inputs],
        "matched": [
            {
                "rule": rule.rule,
                **({"id": rule.id} if rule.id else {}),
                "outputs": {name: _told(value) for name, value in rule.outputs.items()},
                **({"annotations": list(rule.annotations)} if any(rule.annotations) else {}),
            }
            for rule in table.matched
        ],
    }


def _told(value: Any) -> object:
    """Return a value as history keeps it; a large one as the beginning of its text."""
    told: object = as_json(value)
    if isinstance(told, dict | list | str) and len(codec.dumps(told)) > _MOST_TOLD:
        return shown(value)
    return told
