"""Whether a database is fresh: nothing that is played as an example may be mixed with real work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from workflows.errors import DomainError
from workflows.plans.models import Cycle

if TYPE_CHECKING:
    from engine import ProcessEngine


class NotFresh(DomainError):
    """Expected a fresh database, but this one holds work already; name another one."""

    code = "not_fresh"


def holds_work(engine: ProcessEngine) -> bool:
    """Tell whether anything was ever begun in a database."""
    with engine.reading() as read:
        return bool(read.instances.find(limit=1) or read.session.scalar(select(func.count()).select_from(Cycle)))
