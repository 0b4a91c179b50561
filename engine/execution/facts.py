"""The fields that events of one run and of one task have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.execution.rows import read_names
from engine.execution.run import Run
from engine.execution.transaction import Transaction
from engine.ports import Actor


def run_facts(tx: Transaction, run: Run, by: Actor | None = None) -> dict[str, Any]:
    """Return what every event of a run says."""
    definition = run.deployed.definition
    actor = by or tx.actor
    return {
        "at": tx.now,
        "actor": actor.id,
        "capacity": actor.capacity,
        "instance_id": str(run.id),
        "process_id": definition.key,
        "version": definition.version,
        "business_key": run.business_key,
    }


def task_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what every event of a task says, from its row."""
    return {
        "task_id": str(row["id"]),
        "element_id": row["element_id"],
        "name": row["name"],
        "assignee": row["assignee"],
        "candidate_groups": read_names(row["candidate_groups"]),
        "candidate_users": read_names(row["candidate_users"]),
        "due_at": row["due_at"],
        "priority": row["priority"],
    }
