"""Consultations: invitations by sector, attendance, opinions, and an answer to every one of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import Actor
from workflows.plans.errors import PlanNotFound, ReasonRequired
from workflows.plans.models import Attendance, Consultation, Document, Invitation, Opinion
from workflows.plans.states import Disposition, Presence, Sector
from workflows.plans.values import code, day, mapping, rows, text

SECTOR_NAMES = {
    Sector.CENTRAL: "ราชการส่วนกลาง",
    Sector.REGIONAL: "ราชการส่วนภูมิภาค",
    Sector.LOCAL: "องค์กรปกครองส่วนท้องถิ่น",
    Sector.STATE: "หน่วยงานอื่นของรัฐ",
    Sector.CIVIL: "ภาคประชาสังคม",
    Sector.BUSINESS: "ภาคธุรกิจเอกชน",
    Sector.CITIZEN: "ประชาชน",
}


def open_consultation(
    session: Session, document: Document, *, edition: int | None, instance_id: str, now: dt.datetime
) -> Consultation:
    """Open the next round of consultation on a plan."""
    last = session.scalar(select(func.max(Consultation.round)).where(Consultation.document_id == document.id)) or 0
    consultation = Consultation(
        document_id=document.id,
        round=last + 1,
        edition_number=edition,
        process_instance_id=int(instance_id),
        place="",
        channel="",
        letter_number="",
        summary="",
        opened_at=now,
    )
    session.add(consultation)
    session.flush()
    return consultation


def get_consultation(session: Session, consultation_id: int) -> Consultation:
    """Return a consultation.

    Raises:
        PlanNotFound: There is none with this id.
    """
    found = session.get(Consultation, consultation_id)
    if found is None:
        raise PlanNotFound(f"Expected a consultation {consultation_id}, but there is none.")
    return found


def invite(
    session: Session,
    consultation: Consultation,
    meeting: object,
    letter: object,
    *,
    known: Sequence[Mapping[str, str]],
    now: dt.datetime,
) -> Sequence[Invitation]:
    """Write the invitations by sector; `known` are those who have an inbox here (name, unit, role)."""
    values = mapping(meeting)
    consultation.meeting_date = day(values, "date")
    consultation.place = text(values, "place")
    consultation.channel = text(values, "channel")
    consultation.letter_number = text(mapping(letter), "document_number")
    inboxes = {party["name"]: party for party in known}
    already = {row.name for row in invitations_of(session, consultation)}
    for row in rows(values.get("invitations")):
        name = text(row, "name")
        if not name or name in already:
            continue
        already.add(name)
        party = inboxes.get(name, {})
        session.add(
            Invitation(
                consultation_id=consultation.id,
                sector=code(Sector, row.get("sector")),
                name=name,
                unit=party.get("unit"),
                role=party.get("role"),
                invited_at=now,
            )
        )
    session.flush()
    return invitations_of(session, consultation)


def keep_opinions(
    session: Session,
    consultation: Consultation,
    opinions: object,
    *,
    channel: str,
    now: dt.datetime,
    speaker: str = "",
    sector: Sector | None = None,
) -> None:
    """Keep opinions; the sector and the speaker come from each row, or are the same for all."""
    for row in rows(opinions):
        if not text(row, "text"):
            continue
        session.add(
            Opinion(
                consultation_id=consultation.id,
                sector=sector or code(Sector, row.get("sector")),
                speaker=speaker or text(row, "speaker"),
                on_what=text(row, "on_what"),
                text=text(row, "text"),
                channel=channel,
                given_at=now,
                reason="",
            )
        )
    session.flush()


def keep_minutes(session: Session, consultation: Consultation, minutes: object, *, now: dt.datetime) -> None:
    """Keep who came and what was said in the meeting."""
    values = mapping(minutes)
    consultation.held_on = day(values, "held_on")
    consultation.summary = text(values, "summary")
    invited = {row.id: row for row in invitations_of(session, consultation)}
    for row in rows(values.get("attendance")):
        invitation = invited.get(int(text(row, "id") or 0))
        if invitation is None:
            continue
        session.add(
            Attendance(
                consultation_id=consultation.id,
                invitation_id=invitation.id,
                sector=invitation.sector,
                name=invitation.name,
                presence=code(Presence, row.get("status")),
            )
        )
    keep_opinions(session, consultation, values.get("opinions"), channel="meeting", now=now)


def keep_answers(
    session: Session, consultation: Consultation, answers: object, *, actor: Actor, now: dt.datetime
) -> bool:
    """Keep the answer to every opinion; tells whether the draft must be amended.

    Raises:
        ReasonRequired: An opinion has no reason to its answer.
    """
    by_id = {int(text(row, "id") or 0): row for row in rows(answers)}
    for opinion in opinions_of(session, consultation):
        row = by_id.get(opinion.id)
        if row is None or not text(row, "reason"):
            raise ReasonRequired("Expected an answer with a reason to every opinion, but one has none.")
        opinion.disposition = code(Disposition, row.get("disposition"))
        opinion.reason = text(row, "reason")
        opinion.answered_at = now
        opinion.answered_by = actor.id
    session.flush()
    taken = (Disposition.ACCEPTED, Disposition.PARTLY)
    return any(opinion.disposition in taken for opinion in opinions_of(session, consultation))


def close(session: Session, consultation: Consultation, *, edition: int | None, now: dt.datetime) -> None:
    """Close the register of a round with the edition that came out of it."""
    consultation.edition_number = edition
    consultation.closed_at = now
    session.flush()


def invitations_of(session: Session, consultation: Consultation) -> Sequence[Invitation]:
    """Return the invitations of a round."""
    return session.scalars(
        select(Invitation).where(Invitation.consultation_id == consultation.id).order_by(Invitation.id)
    ).all()


def opinions_of(session: Session, consultation: Consultation) -> Sequence[Opinion]:
    """Return the opinions of a round."""
    return session.scalars(select(Opinion).where(Opinion.consultation_id == consultation.id).order_by(Opinion.id)).all()
