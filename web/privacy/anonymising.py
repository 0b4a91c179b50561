"""Takes a person out of what is kept: names give way to a reference that leads nowhere, acts of the office stay."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import Table, delete, func, or_, select, update
from sqlalchemy.orm import Session

from engine import TaskFilter
from web.privacy import rows
from web.privacy.inventory import BY_TABLE, PERSONAL, Kept, Way
from web.privacy.models import PrivacyAct
from web.privacy.person import PersonUnknown, Subject
from workflows.errors import DomainError
from workflows.organization.directory import capacities_of

if TYPE_CHECKING:
    from engine import UnitOfWork

Progress = Callable[[int, int], None]
_MOST_TOLD: Final = 20
_BEFORE_ACCOUNTS: Final = ("web_session", "web_second_factor", "web_recovery_code", "web_throttle")


class StillActing(DomainError):
    """Expected somebody who has left, but the person holds a position or has open tasks."""

    code = "still_acting"


class NothingToErase(DomainError):
    """Expected data of a person, but there are none, or they were taken out already."""

    code = "nothing_to_erase"


class ReasonNeeded(DomainError):
    """Expected a reason, but there is none."""

    code = "reason_required"


@dataclass(frozen=True, slots=True)
class Share:
    """What becomes of the rows of one table."""

    table: str
    rows: int
    way: Way


@dataclass(frozen=True, slots=True)
class Preview:
    """What an anonymisation would do, and what keeps it from being done."""

    subject: Subject
    shares: tuple[Share, ...]
    positions: tuple[str, ...]  # that the person holds or acts in today
    tasks: int  # open ones that the person has

    @property
    def goes(self) -> list[Share]:
        """What is erased, deleted or replaced."""
        return [share for share in self.shares if share.way is not Way.BY_LAW]

    @property
    def stays(self) -> list[Share]:
        """What stays by law, under an id that says nothing."""
        return [share for share in self.shares if share.way is Way.BY_LAW]

    @property
    def is_possible(self) -> bool:
        """Whether nothing keeps it from being done."""
        return not self.positions and not self.tasks and bool(self.goes)


@dataclass(frozen=True, slots=True)
class Done:
    """What an anonymisation did."""

    reference: str  # what stands where the name stood
    counts: dict[str, int]


def preview(read: UnitOfWork, subject: Subject) -> Preview:
    """Count what would go and what would stay."""
    session = read.session
    positions: Sequence[str] = ()
    tasks = 0
    if subject.id:
        positions = sorted({held.position for held in capacities_of(session, subject.id, read.now)})
        tasks = len(read.tasks.find(TaskFilter(assignee=subject.id), limit=_MOST_TOLD))
    shares = [Share(kept.table, _count(session, kept, subject), kept.way) for kept in PERSONAL]
    return Preview(subject, tuple(share for share in shares if share.rows), tuple(positions), tasks)


def anonymise(uow: UnitOfWork, subject: Subject, *, reason: str, progress: Progress | None = None) -> Done:
    """Take a person out of everything that is kept, in this one transaction.

    Args:
        uow: The unit of work, in the name of an administrator.
        subject: Who.
        reason: Why; kept for good, also in the audit trail.
        progress: Told how many chains of the audit trail of how many are done.

    Raises:
        ReasonNeeded: There is no reason.
        StillActing: The person holds a position today or has open tasks.
        NothingToErase: Nothing is left of them.
        NotAuthorized: The actor is no administrator.
    """
    if not reason.strip():
        raise ReasonNeeded
    found = preview(uow, subject)
    if found.positions or found.tasks:
        raise StillActing(
            f"Expected somebody who has left, but {subject.id} acts in {len(found.positions)} positions and has "
            f"{found.tasks} open tasks; end the positions and hand the tasks over first.",
            positions=found.positions,
            tasks=found.tasks,
        )
    if not found.goes:
        raise NothingToErase(f"Expected data of {subject.id or 'this name'}, but nothing is left that could be erased.")
    reference = f"[บุคคล {secrets.token_hex(4).upper()}]"
    for name in subject.names:
        uow.erasure.erase(name, reference, reason=reason.strip(), progress=progress)
    _erase_account(uow.session, subject, uow)
    for kept in PERSONAL:
        if kept.way in (Way.REPLACED, Way.ERASED) and not kept.table.startswith("bpm_"):
            _replace(uow.session, kept, subject, reference)
        elif kept.way is Way.DELETED:
            _delete(uow.session, kept, subject, reference)
    if subject.id:
        _erase_person(uow.session, subject, reference, uow)
    counts = {share.table: share.rows for share in found.goes}
    record_act(uow, "anonymise", subject, reason=reason.strip(), counts=counts)
    return Done(reference, counts)


def record_act(uow: UnitOfWork, kind: str, subject: Subject, *, reason: str, counts: dict[str, int]) -> None:
    """Keep what was done with the data of a person."""
    uow.session.add(
        PrivacyAct(
            at=uow.now,
            kind=kind,
            person_id=subject.id,
            actor=uow.actor.id,
            capacity=uow.actor.capacity,
            reason=reason,
            counts=json.dumps(counts, sort_keys=True),
        )
    )
    uow.session.flush()


def _count(session: Session, kept: Kept, subject: Subject) -> int:
    named = rows.named(session, kept, subject)
    if kept.way in (Way.REPLACED, Way.ATTESTED):
        return rows.count(session, kept, named)  # an id that says nothing stays
    conditions = [condition for condition in (rows.own(kept, subject), named) if condition is not None]
    if kept.table == "org_person" and subject.is_erased:
        return 0
    if kept.table == "web_account":
        conditions = [
            condition & ~table.c.login.startswith("erased-")
            for condition in conditions
            for table in [rows.table_of(kept)]
        ]
    return rows.count(session, kept, or_(*conditions) if conditions else None)


def _replace(session: Session, kept: Kept, subject: Subject, reference: str) -> None:
    table = rows.table_of(kept)
    for column in kept.of(*rows.WRITTEN):
        if table.name == "org_person":
            continue
        for name in subject.names:
            written = rows.as_written(kept, column, name)
            changed = update(table).values({column: func.replace(table.c[column], written, reference)})
            session.execute(changed.where(rows.stands_in(session, table.c[column], written)))


def _delete(session: Session, kept: Kept, subject: Subject, reference: str) -> None:
    """Delete the person's rows; in those of others the name gives way."""
    condition = rows.own(kept, subject)
    if condition is not None and kept.table not in _BEFORE_ACCOUNTS:
        session.execute(delete(rows.table_of(kept)).where(condition))
    _replace(session, kept, subject, reference)


def _erase_account(session: Session, subject: Subject, uow: UnitOfWork) -> None:
    if not subject.id:
        return
    for name in _BEFORE_ACCOUNTS:
        condition = rows.own(BY_TABLE[name], subject)
        if condition is not None:
            session.execute(delete(rows.table_of(BY_TABLE[name])).where(condition))
    table = rows.table_of(BY_TABLE["web_account"])
    changed = update(table).where(table.c.person_id == subject.id)
    values = {"login": f"erased-{secrets.token_hex(6)}", "password_hash": None}
    session.execute(changed.values(**values, disabled_at=func.coalesce(table.c.disabled_at, uow.now)))


def _erase_person(session: Session, subject: Subject, reference: str, uow: UnitOfWork) -> None:
    table: Table = rows.table_of(BY_TABLE["org_person"])
    changed = update(table).where(table.c.id == subject.id)
    session.execute(changed.values(name=reference, email=None, left_at=func.coalesce(table.c.left_at, uow.now)))
    if session.scalar(select(table.c.name).where(table.c.id == subject.id)) != reference:
        raise PersonUnknown
