"""The processes that work for a plan: its own and those it called, each with where it stands and what it has passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine import Instance, InstanceState
from web.composition import Reading
from web.diagrams import Step, standing_of, steps_of
from workflows.plans.models import Document

MOST_RUNS = 50


@dataclass(frozen=True, slots=True)
class Run:
    """One process, as its diagram and its list of steps show it."""

    id: str
    name: str
    definition_id: int
    is_running: bool
    is_stuck: bool
    tokens: list[dict[str, object]]
    here: frozenset[str]
    done: list[str]
    steps: tuple[Step, ...]


def runs_of(read: Reading, document: Document) -> list[Run]:
    """Return the plan's own process first, then those it called, the newest first; none before it has begun."""
    if document.process_instance_id is None:
        return []
    own = read.instances.get(str(document.process_instance_id))
    called = [run for run in read.instances.find(root_id=own.root_id, limit=MOST_RUNS) if run.parent_id == own.id]
    return [_run(read, instance) for instance in (own, *called)]


def chosen_run(runs: Sequence[Run], wanted: str) -> Run | None:
    """Return the run that the address names, else the plan's own."""
    return next((run for run in runs if run.id == wanted), runs[0] if runs else None)


def _run(read: Reading, instance: Instance) -> Run:
    standing = standing_of(read, instance.id)
    definition = read.deployments.get(instance.definition_id)
    return Run(
        id=instance.id,
        name=definition.name or definition.key,
        definition_id=instance.definition_id,
        is_running=instance.state is InstanceState.ACTIVE,
        is_stuck=instance.has_incident,
        tokens=standing.marks,
        here=standing.here,
        done=standing.done,
        steps=steps_of(read.deployments.xml(instance.definition_id), instance.process_id),
    )
