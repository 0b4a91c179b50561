"""Decisions of the bodies, each on an edition and its hash, and the register of their observations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Actor
from workflows.plans.documents import drafters_of, files_of, freeze, hash_of, hold
from workflows.plans.errors import ProofRequired, ReasonRequired
from workflows.plans.models import Cycle, Decision, Document, Edition, Observation
from workflows.plans.states import (
    NEEDS_REASON,
    Body,
    DocumentState,
    EditionState,
    ObservationState,
    Outcome,
    Subject,
)
from workflows.plans.values import code, day, lines, mapping, text


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a decision is about: a plan with one of its editions, or (without a document) the cycle's criteria."""

    cycle: Cycle
    body: Body
    subject: Subject = Subject.PLAN
    document: Document | None = None
    edition: Edition | None = None


def record(session: Session, about: About, decision: object, *, actor: Actor, now: dt.datetime) -> Decision:
    """Record a decision; the edition it was taken on is decided from now on, and its observations are open.

    Raises:
        ReasonRequired: The outcome asks for a reason and there is none.
        ValueRefused: The outcome is unknown.
    """
    values = mapping(decision)
    outcome = code(Outcome, values.get("outcome"))
    comment = text(values, "comment")
    if outcome in NEEDS_REASON and not comment:
        raise ReasonRequired(f"Expected a reason for {outcome}, but there is none.", outcome=outcome)
    edition = about.edition
    if edition is not None:
        hold(session, edition)
    kept = Decision(
        cycle_id=about.cycle.id,
        document_id=about.document.id if about.document is not None else None,
        body=about.body,
        subject=about.subject,
        outcome=outcome,
        edition_number=edition.number if edition is not None else None,
        edition_hash=hash_of(files_of(session, edition)) if edition is not None else None,
        comment=comment,
        meeting_no=text(values, "meeting_no"),
        meeting_date=day(values, "meeting_date"),
        actor=actor.id,
        capacity=actor.capacity,
        at=now,
    )
    session.add(kept)
    if edition is not None:
        freeze(session, edition, EditionState.DECIDED)
    session.flush()
    if about.document is not None:
        for remark in lines(values.get("observations")):
            observe(session, about, remark, decision=kept, now=now)
        if outcome is Outcome.APPROVE_WITH_OBSERVATIONS and not lines(values.get("observations")) and comment:
            observe(session, about, comment, decision=kept, now=now)
    return kept


def observe(session: Session, about: About, remark: str, *, decision: Decision | None, now: dt.datetime) -> Observation:
    """Open an observation: owned by the drafters of the unit, due in the next revised edition."""
    document = about.document
    assert document is not None
    observation = Observation(
        document_id=document.id,
        decision_id=decision.id if decision is not None else None,
        unit=document.unit,
        body=about.body,
        text=remark,
        owner=drafters_of(document),
        raised_on=about.edition.number if about.edition is not None else None,
        due_fiscal_year=about.cycle.fiscal_year + 1,
        state=ObservationState.OPEN,
        raised_at=now,
        proof="",
    )
    session.add(observation)
    session.flush()
    return observation


def close_observation(
    session: Session,
    observation: Observation,
    *,
    proof: str,
    document: Document,
    edition: int,
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Close an observation with the proof of how an edition answers it.

    Raises:
        ProofRequired: There is no proof.
    """
    if not proof.strip():
        raise ProofRequired
    observation.state = ObservationState.CLOSED
    observation.proof = proof.strip()
    observation.closed_in = edition
    observation.closed_document_id = document.id
    observation.closed_at = now
    observation.closed_by = actor.id
    observation.closed_capacity = actor.capacity
    session.flush()


def open_observations(session: Session, unit: str) -> Sequence[Observation]:
    """Return what the drafter of a unit's next edition still has to answer, oldest first."""
    return session.scalars(
        select(Observation)
        .where(Observation.unit == unit, Observation.state == ObservationState.OPEN)
        .order_by(Observation.due_fiscal_year, Observation.id)
    ).all()


def latest(session: Session, document: Document, body: Body) -> Decision | None:
    """Return a body's last decision on a plan, None where it has not decided."""
    return session.scalar(
        select(Decision)
        .where(Decision.document_id == document.id, Decision.body == body, Decision.subject == Subject.PLAN)
        .order_by(Decision.id.desc())
        .limit(1)
    )


def note_outcome(session: Session, document: Document, review: object) -> None:
    """Take the state of a plan from what a national body let it know."""
    values = mapping(review)
    outcome = code(Outcome, values.get("outcome"))
    if outcome is Outcome.RETURN:
        document.state = DocumentState.RETURNED
    elif outcome is Outcome.REJECT:
        document.state = DocumentState.REJECTED
    elif values.get("final") is True:
        document.state = DocumentState.APPROVED
    session.flush()
