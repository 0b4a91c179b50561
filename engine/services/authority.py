"""Who may do what where the host has no policy of its own: the assignee, candidates, and the engine itself."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from engine.errors import NotAuthorized, TaskAlreadyClaimed
from engine.execution.transaction import Transaction
from engine.ports import SYSTEM, Actor
from engine.views import Instance, Task

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from engine.ports import IdentityProvider


class DefaultPolicy:
    """Trusts its caller's actor; groups count where the actor brings any, or the host has an identity provider."""

    def __init__(self, identity: IdentityProvider | None) -> None:
        self._identity = identity

    def check_task(self, session: Session | None, act: str, task: Task, actor: Actor, at: dt.datetime) -> None:
        """Check an act on a task.

        Raises:
            TaskAlreadyClaimed: Another person has the task, and the act is to claim it.
            NotAuthorized: The actor is neither the assignee nor a candidate.
        """
        if actor.id in (SYSTEM.id, task.assignee):
            return
        if task.assignee is not None:
            if act == "claim":
                raise TaskAlreadyClaimed(task_id=task.id, by=task.assignee, at=task.claimed_at)
            raise NotAuthorized(
                f"Expected {task.assignee!r}, who has the task, to {act} it, but {actor.id!r} tried.",
                act=act,
                task_id=task.id,
                assignee=task.assignee,
            )
        if act == "release":
            return  # nobody has it: the service says so
        self._check_candidate(session, act, task, actor, at)

    def _check_candidate(self, session: Session | None, act: str, task: Task, actor: Actor, at: dt.datetime) -> None:
        if not task.candidate_groups and not task.candidate_users:
            return
        if actor.id in task.candidate_users:
            return
        if self._identity is None and not actor.groups:
            return
        groups = actor.groups
        if self._identity is not None and session is not None:
            groups |= self._identity.groups_of(session, actor, at)
        if groups.isdisjoint(task.candidate_groups):
            raise NotAuthorized(
                f"Expected a candidate of the task to {act} it, but {actor.id!r} is none.",
                act=act,
                task_id=task.id,
                candidate_groups=task.candidate_groups,
            )


def check_task(tx: Transaction, act: str, task: Task, *, assignee: str | None = None) -> None:
    """Ask the one policy about an act on a task; `assignee` is who would get it."""
    if tx.ports.authority is not None:
        tx.ports.authority.check_task(tx.session, act, task, tx.actor, tx.now, assignee=assignee)
        return
    session = tx.session if tx.ports.identity is not None else None
    DefaultPolicy(tx.ports.identity).check_task(session, act, task, tx.actor, tx.now)


def check(tx: Transaction, act: str, instance: Instance | None = None) -> None:
    """Ask the host's policy about any other act; without one the host decides before it calls."""
    if tx.actor.id == SYSTEM.id:
        return
    if tx.ports.authority is not None:
        tx.ports.authority.check(tx.session, act, tx.actor, tx.now, instance)
