"""The one policy: who may do which act, on which task; every list shows what this allows and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from engine import SYSTEM, Actor, Instance, NotAuthorized, Task, TaskAlreadyClaimed
from workflows.organization.directory import Directory, is_active
from workflows.organization.roles import ADMIN, CYCLE_DESK

BESIDE_ADMIN: Final[Mapping[str, str]] = {"start": CYCLE_DESK, "correlate": CYCLE_DESK, "activate": CYCLE_DESK}
"""Acts that are not about a task and that others than the administrator may do: opening and re-issuing a cycle."""

REPAIRS: Final = frozenset({"release", "assign"})
"""What the administrator may do on the tasks of others: bring one to somebody who may do it, never do it."""


class Authority:
    """Answers the engine whether an act may happen (engine.AuthorityPolicy)."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def check_task(
        self, session: Session, act: str, task: Task, actor: Actor, at: dt.datetime, *, assignee: str | None = None
    ) -> None:
        """Check an act on a task.

        One may do a task in a capacity that is among its candidate groups, or as a candidate by name. Of those, whoever
        has the task may act on it, the others only while nobody has it, or while whoever has it may do it no longer.

        Raises:
            TaskAlreadyClaimed: Another person, who may do it, has the task, and the act is to claim it.
            NotAuthorized: The actor may not, or the one who would get the task may not do it.
        """
        if actor.id == SYSTEM.id:
            return
        groups = self._directory.groups_of(session, actor, at)
        if act == "set_due":
            if groups.isdisjoint({CYCLE_DESK, ADMIN}):
                raise _refused(act, actor, task)
            return
        if act not in REPAIRS or ADMIN not in groups:
            self._check_doer(session, act, task, actor, at, groups=groups)
        if act == "assign" and not (assignee and self.may_do(session, task, assignee, at)):
            raise NotAuthorized(
                f"Expected to {act} the task to somebody who may do it, but {assignee!r} may not.",
                act=act,
                task_id=task.id,
                assignee=assignee,
            )

    def check(self, session: Session, act: str, actor: Actor, at: dt.datetime, instance: Instance | None) -> None:
        """Check an act that is not about a task: deploying, starting, repairing.

        Raises:
            NotAuthorized: The actor may not.
        """
        if actor.id == SYSTEM.id:
            return
        allowed = {ADMIN, BESIDE_ADMIN.get(act, ADMIN)}
        if self._directory.groups_of(session, actor, at).isdisjoint(allowed):
            raise NotAuthorized(
                f"Expected one of {', '.join(sorted(allowed))} to {act}, but {actor.id!r} is none in this capacity.",
                act=act,
                instance_id=instance.id if instance is not None else None,
            )

    def _check_doer(
        self, session: Session, act: str, task: Task, actor: Actor, at: dt.datetime, *, groups: frozenset[str]
    ) -> None:
        if not self._is_candidate(session, task, actor.id, groups, at):
            raise _refused(act, actor, task)
        has_it = task.assignee
        if has_it is None or has_it == actor.id or not self.may_do(session, task, has_it, at):
            return
        if act == "claim":
            raise TaskAlreadyClaimed(task_id=task.id, by=has_it, at=task.claimed_at)
        raise NotAuthorized(
            f"Expected {has_it!r}, who has the task, to {act} it, but {actor.id!r} tried.",
            act=act,
            task_id=task.id,
            assignee=has_it,
        )

    def may_do(self, session: Session, task: Task, person: str, at: dt.datetime) -> bool:
        """Tell whether a person may do a task in any of their capacities."""
        return self._is_candidate(session, task, person, self._directory.groups_of(session, Actor(person), at), at)

    @staticmethod
    def _is_candidate(session: Session, task: Task, person: str, groups: frozenset[str], at: dt.datetime) -> bool:
        if not groups.isdisjoint(task.candidate_groups):
            return True
        by_name = task.candidate_users
        if not task.candidate_groups and not by_name and task.assignee is not None:
            by_name = (task.assignee,)  # the diagram names one person and nobody else
        return person in by_name and is_active(session, person, at)


def _refused(act: str, actor: Actor, task: Task) -> NotAuthorized:
    return NotAuthorized(
        f"Expected somebody who may {act} the task, but {actor.id!r} may not in this capacity.",
        act=act,
        task_id=task.id,
        capacity=actor.capacity,
        candidate_groups=task.candidate_groups,
    )
