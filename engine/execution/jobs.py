"""Writing job rows: what a step leaves to a moment, to a worker outside, or to the next transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update

from engine import codec
from engine.execution.incidents import resolve_settled
from engine.execution.run import Run
from engine.execution.transaction import Transaction
from engine.states import JobKind, JobState
from engine.store import JobRow
from engine.store.job import OPEN
from engine.store.prepared import Prepared

_J: Final = JobRow.__table__.c
_INSERT: Final = Prepared(insert(JobRow).returning(_J.id))
_INSERT_MANY: Final = Prepared(insert(JobRow))
_CLOSE: Final = (
    update(JobRow)
    .where(_J.instance_id == bindparam("run"), _J.wait_id.in_(bindparam("waits", expanding=True)), OPEN)
    .values(state=bindparam("becomes"), lock_owner=None, lock_until=None)
)
_TAKE: Final = Prepared(
    update(JobRow)
    .where(_J.id == bindparam("key"), _J.state == JobState.WAITING, ~_J.held)
    .values(state=str(JobState.DONE))
)
_SETTLE: Final = update(JobRow).where(_J.id == bindparam("key")).values(state=str(JobState.DONE))
_SETTLE_PARKED: Final = (
    update(JobRow)
    .where(_J.instance_id == bindparam("run"), _J.wait_id.in_(bindparam("tokens", expanding=True)))
    .where(_J.kind == JobKind.CONTINUE, OPEN)
    .values(state=str(JobState.DONE))
)
_CONTINUES: Final = select(_J.id, _J.state).where(
    _J.instance_id == bindparam("run"), _J.wait_id.is_(None), _J.kind == JobKind.CONTINUE, OPEN
)


def job_values(tx: Transaction, kind: JobKind, due_at: dt.datetime, **values: Any) -> dict[str, Any]:
    """Make the columns of a new job; `payload` may be a mapping."""
    payload = values.pop("payload", None)
    tx.will_be_due(due_at)
    return {
        "kind": str(kind),
        "type": None,
        "definition_id": None,
        "instance_id": None,
        "element_id": None,
        "wait_id": None,
        "part": None,
        "state": str(JobState.WAITING),
        "held": False,
        "created_at": tx.now,
        "due_at": due_at,
        "retries": tx.config.job_retries,
        "attempts": 0,
        "lock_owner": None,
        "lock_until": None,
        "error": None,
        "payload": codec.dumps(payload).decode() if payload is not None else None,
        **values,
    }


def insert_immediate(tx: Transaction, kind: JobKind, **values: Any) -> int:
    """Add a job that is due at once; whoever caused it runs it after the commit."""
    row = job_values(tx, kind, tx.now, **values)
    job_id: int = _INSERT.scalar(tx.connection, row)
    tx.woken.append(job_id)
    return job_id


def insert_jobs(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """Add jobs that wait for their moment or their worker."""
    if rows:
        _INSERT_MANY.put(tx.connection, *rows)


def close_jobs(tx: Transaction, run_id: int, wait_ids: list[str], state: JobState) -> None:
    """Close the open jobs of waits that are over."""
    if wait_ids:
        tx.connection.execute(_CLOSE, {"run": run_id, "waits": wait_ids, "becomes": str(state)})


def take_job(tx: Transaction, job_id: int) -> bool:
    """Mark a waiting job as done by this transaction; False when it is no longer waiting."""
    return _TAKE.run(tx.connection, {"key": job_id}) == 1


def continue_later(run: Run, steps: int) -> None:
    """Leave the rest of a step to a job, unless one is there; a failed one waits for its repair."""
    if run.tx.connection.execute(_CONTINUES, {"run": run.id}).first() is None:
        insert_immediate(
            run.tx,
            JobKind.CONTINUE,
            instance_id=run.id,
            definition_id=run.definition_id,
            payload={"steps": steps},
        )


def continue_parked(run: Run, tokens: Mapping[str, int | None]) -> None:
    """Let each token that was parked try again in a job of its own, which fails for it alone.

    Args:
        run: The run they belong to.
        tokens: By id, how often the diagram lets their work be tried; None for as often as anything else.
    """
    for token, attempts in tokens.items():
        told = {} if attempts is None else {"retries": max(1, attempts)}
        facts = {"instance_id": run.id, "definition_id": run.definition_id, "wait_id": token, "payload": {}}
        insert_immediate(run.tx, JobKind.CONTINUE, **facts, **told)


def settle_parked(run: Run, tokens: Sequence[str]) -> None:
    """Close the jobs, and their incidents, of tokens that have gone on or are gone."""
    if tokens:
        run.tx.connection.execute(_SETTLE_PARKED, {"run": run.id, "tokens": list(tokens)})
        resolve_settled(run.tx, run)


def settle_continuation(run: Run) -> None:
    """Close the job that was to carry on a run which has come to rest without it, and its incident."""
    for row in run.tx.connection.execute(_CONTINUES, {"run": run.id}).all():
        run.tx.connection.execute(_SETTLE, {"key": row.id})
    resolve_settled(run.tx, run)


def read_payload(text: str | None) -> Mapping[str, Any]:
    """Decode a job's payload."""
    return codec.loads(text) if text else {}
