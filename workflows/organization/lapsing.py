"""Gives tasks back to their group when whoever has them holds the position no longer: a duty of the engine.

Authority ends to the moment by itself. What this adds is that the others see the task again in their lists.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from engine import InstanceNotActive, Prepared, TaskNotActive
from workflows.organization.authority import Authority
from workflows.organization.models import ENDING, ActingOrder, Holding

if TYPE_CHECKING:
    from engine import UnitOfWork

BATCH: Final = 50
_MOST_TASKS: Final = 1_000  # of one person in one position
_ENDS: Final = union_all(
    *(select(func.min(table.valid_to).label("ends")).where(ENDING) for table in (Holding, ActingOrder))
).subquery()
_EARLIEST: Final = Prepared(select(func.min(_ENDS.c.ends)))


class LapsedTasks:
    """Settles holdings and acting orders that have ended (engine.Duty)."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    def earliest(self, session: Session) -> dt.datetime | None:
        """Return when the next holding or order ends."""
        found: dt.datetime | None = _EARLIEST.scalar(session.connection(), {})
        return found

    def run(self, uow: UnitOfWork) -> int:
        """Settle a batch of those that have ended, the earliest first; returns how many."""
        ended: list[Holding | ActingOrder] = []
        for table in (Holding, ActingOrder):
            due = select(table).where(ENDING, table.valid_to <= uow.now).order_by(table.valid_to, table.id)
            ended += uow.session.scalars(due.limit(BATCH).with_for_update(skip_locked=True))
        for row in ended:
            self._give_back(uow, row.person_id, row.position)
            row.settled_at = uow.now
        uow.session.flush()
        return len(ended)

    def _give_back(self, uow: UnitOfWork, person: str, position: str) -> None:
        from engine import TaskFilter

        wanted = TaskFilter(assignee=person, candidate_groups=[position])
        for task in uow.tasks.find(wanted, limit=_MOST_TASKS):
            if self._authority.may_do(uow.session, task, person, uow.now):
                continue  # in another of their positions
            try:
                uow.tasks.release(task.id)
            except (InstanceNotActive, TaskNotActive):
                continue  # stands still or is done: nobody waits for it, and the policy lets others claim it later
