"""The registers of a plan as pages show them: editions with files, decisions, observations, consultations, inputs."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.plans.models import (
    Attendance,
    ClusterInput,
    Consultation,
    CycleUnit,
    DataReturn,
    Decision,
    Document,
    Edition,
    Invitation,
    Observation,
    Opinion,
    PlanFile,
)
from workflows.plans.package import package_of
from workflows.plans.states import ObservationState, Presence, Sector


@dataclass(frozen=True, slots=True)
class FileView:
    """One file."""

    id: int
    role: str
    name: str
    media_type: str
    size: int
    sha256: str
    uploaded_at: dt.datetime
    uploaded_by: str
    edition: int | None


@dataclass(frozen=True, slots=True)
class EditionView:
    """One edition with its files; `missing` are the members of the package that it lacks, in Thai."""

    number: int
    state: str
    hash: str
    note: str
    created_at: dt.datetime
    created_by: str
    capacity: str
    files: tuple[FileView, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionView:
    """One decision."""

    body: str
    subject: str
    outcome: str
    edition: int | None
    hash: str | None
    comment: str
    meeting_no: str
    meeting_date: dt.date | None
    actor: str
    capacity: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class ObservationView:
    """One remark of a reviewing body."""

    id: int
    unit: str
    body: str
    text: str
    owner: str
    raised_on: int | None
    raised_at: dt.datetime
    due_fiscal_year: int
    state: str
    proof: str
    closed_in: int | None
    closed_at: dt.datetime | None
    closed_by: str | None


@dataclass(frozen=True, slots=True)
class OpinionView:
    """One opinion and its answer."""

    id: int
    sector: str
    speaker: str
    on_what: str
    text: str
    channel: str
    given_at: dt.datetime
    disposition: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class SectorCount:
    """How many of a sector were invited, and how many came."""

    sector: str
    invited: int
    came: int


@dataclass(frozen=True, slots=True)
class ConsultationView:
    """One round of consultation."""

    id: int
    round: int
    edition: int | None
    meeting_date: dt.date | None
    held_on: dt.date | None
    place: str
    channel: str
    summary: str
    closed_at: dt.datetime | None
    sectors: tuple[SectorCount, ...]
    opinions: tuple[OpinionView, ...]


@dataclass(frozen=True, slots=True)
class OwedView:
    """An agency that was asked for data, and whether it answered."""

    unit: str
    name: str
    returned_at: dt.datetime | None
    summary: str


@dataclass(frozen=True, slots=True)
class InputView:
    """A member province's input to a cluster plan; `received_at` is empty for one that is missing."""

    province: str
    name: str
    received_at: dt.datetime | None
    late: bool
    state: str
    projects: str
    comment: str


def editions_of(session: Session, document: Document) -> tuple[EditionView, ...]:
    """Return the editions, newest first."""
    found = session.scalars(
        select(Edition).where(Edition.document_id == document.id).order_by(Edition.number.desc())
    ).all()
    files = session.scalars(select(PlanFile).where(PlanFile.document_id == document.id).order_by(PlanFile.id)).all()
    numbers = {edition.id: edition.number for edition in found}
    return tuple(
        EditionView(
            number=edition.number,
            state=edition.state,
            hash=edition.hash,
            note=edition.note,
            created_at=edition.created_at,
            created_by=edition.created_by,
            capacity=edition.capacity,
            files=tuple(_file(file, numbers) for file in files if file.edition_id == edition.id),
            missing=package_of(session, document, edition).missing,
        )
        for edition in found
    )


def files_of_plan(session: Session, document: Document) -> tuple[FileView, ...]:
    """Return the files that hang on the plan as a whole."""
    found = session.scalars(
        select(PlanFile).where(PlanFile.document_id == document.id, PlanFile.edition_id.is_(None)).order_by(PlanFile.id)
    )
    return tuple(_file(file, {}) for file in found)


def decisions_of(session: Session, document: Document) -> tuple[DecisionView, ...]:
    """Return the decisions on a plan, oldest first."""
    found = session.scalars(select(Decision).where(Decision.document_id == document.id).order_by(Decision.id))
    return tuple(
        DecisionView(
            row.body, row.subject, row.outcome, row.edition_number, row.edition_hash, row.comment, row.meeting_no,
            row.meeting_date, row.actor, row.capacity, row.at,
        )
        for row in found
    )  # fmt: skip


def observations(session: Session, unit: str, *, only_open: bool = False) -> tuple[ObservationView, ...]:
    """Return the remarks on a unit's plans over the years; open ones are what the next edition must answer."""
    wanted = select(Observation).where(Observation.unit == unit)
    if only_open:
        wanted = wanted.where(Observation.state == ObservationState.OPEN)
    found = session.scalars(wanted.order_by(Observation.state.desc(), Observation.due_fiscal_year, Observation.id))
    return tuple(
        ObservationView(
            row.id, row.unit, row.body, row.text, row.owner, row.raised_on, row.raised_at, row.due_fiscal_year,
            row.state, row.proof, row.closed_in, row.closed_at, row.closed_by,
        )
        for row in found
    )  # fmt: skip


def consultations_of(session: Session, document: Document) -> tuple[ConsultationView, ...]:
    """Return the rounds of consultation on a plan with their registers."""
    found = session.scalars(
        select(Consultation).where(Consultation.document_id == document.id).order_by(Consultation.round)
    )
    return tuple(_consultation(session, row) for row in found)


def owed_to(session: Session, document: Document) -> tuple[OwedView, ...]:
    """Return who was asked for data; who has not answered comes first."""
    found = session.scalars(
        select(DataReturn).where(DataReturn.document_id == document.id).order_by(DataReturn.unit)
    ).all()
    views = [OwedView(row.unit, row.name, row.returned_at, row.summary) for row in found]
    return tuple(sorted(views, key=lambda view: view.returned_at is not None))


def inputs_to(session: Session, document: Document) -> tuple[InputView, ...]:
    """Return the inputs to a cluster plan; member provinces that sent nothing are named with an empty moment."""
    members = session.scalars(
        select(CycleUnit)
        .where(CycleUnit.cycle_id == document.cycle_id, CycleUnit.cluster == document.unit)
        .order_by(CycleUnit.unit)
    ).all()
    rows: dict[str, list[ClusterInput]] = {}
    for row in session.scalars(
        select(ClusterInput).where(ClusterInput.document_id == document.id).order_by(ClusterInput.id)
    ):
        rows.setdefault(row.province, []).append(row)
    views: list[InputView] = []
    for member in members:
        came: Sequence[ClusterInput] = rows.get(member.unit, ())
        views += [
            InputView(member.unit, member.name, row.received_at, row.late, row.state, row.projects, row.comment)
            for row in came
        ]
        if not came:
            views.append(InputView(member.unit, member.name, None, late=False, state="", projects="", comment=""))
    return tuple(views)


def _file(file: PlanFile, numbers: dict[int, int]) -> FileView:
    number = numbers.get(file.edition_id) if file.edition_id is not None else None
    return FileView(
        file.id, file.role, file.name, file.media_type, file.size, file.sha256, file.uploaded_at, file.uploaded_by,
        number,
    )  # fmt: skip


def _consultation(session: Session, row: Consultation) -> ConsultationView:
    invited = Counter(session.scalars(select(Invitation.sector).where(Invitation.consultation_id == row.id)))
    came = Counter(
        session.scalars(
            select(Attendance.sector).where(
                Attendance.consultation_id == row.id, Attendance.presence != Presence.ABSENT
            )
        )
    )
    opinions = session.scalars(select(Opinion).where(Opinion.consultation_id == row.id).order_by(Opinion.id))
    return ConsultationView(
        id=row.id,
        round=row.round,
        edition=row.edition_number,
        meeting_date=row.meeting_date,
        held_on=row.held_on,
        place=row.place,
        channel=row.channel,
        summary=row.summary,
        closed_at=row.closed_at,
        sectors=tuple(
            SectorCount(sector, invited[sector], came[sector]) for sector in Sector if invited[sector] or came[sector]
        ),
        opinions=tuple(
            OpinionView(
                one.id, one.sector, one.speaker, one.on_what, one.text, one.channel, one.given_at, one.disposition,
                one.reason,
            )
            for one in opinions
        ),
    )  # fmt: skip
