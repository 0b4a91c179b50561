"""The national review: bundles of plans go from the central team to the regions, to ก.น.บ. and to cabinet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Actor
from workflows.plans.cycles import units_of
from workflows.plans.decisions import About, record
from workflows.plans.documents import get_edition
from workflows.plans.models import Cycle, Decision, Document, Edition
from workflows.plans.states import FORWARD, Body, DocumentState, Outcome, ReviewStage, Subject
from workflows.plans.values import code, mapping, number, rows, text

_STATUS_NAMES = {
    ReviewStage.AWAITED: "ยังไม่ส่ง",
    ReviewStage.ARRIVED: "ส่งแล้ว รอกลั่นกรอง",
    ReviewStage.SCREENED: "ผ่านการกลั่นกรอง",
    ReviewStage.REGIONAL: "ผ่าน อ.ก.น.บ. ภาค",
    ReviewStage.POLICY: "ผ่าน ก.น.บ.",
    ReviewStage.FINAL: "ถึงที่สุดแล้ว",
}
_AFTER = {
    Body.REGIONAL_SUBCOMMITTEE: ReviewStage.REGIONAL,
    Body.POLICY_COMMITTEE: ReviewStage.POLICY,
    Body.CABINET: ReviewStage.FINAL,
}
_WAITS_AT = {
    Body.REGIONAL_SUBCOMMITTEE: ReviewStage.SCREENED,
    Body.POLICY_COMMITTEE: ReviewStage.REGIONAL,
    Body.CABINET: ReviewStage.REGIONAL,  # what cabinet defers, ก.น.บ. presents again
}


def open_bundle(session: Session, cycle: Cycle) -> dict[str, object]:
    """Open the next bundle: which plans are still on their way, and which need no screening any more."""
    cycle.bundle += 1
    awaited = [
        {
            "plan_key": document.plan_key,
            "unit": document.unit,
            "name": document.title,
            "screened": document.review_stage not in (ReviewStage.AWAITED, ReviewStage.ARRIVED),
            "status": _STATUS_NAMES[ReviewStage(document.review_stage)],
        }
        for document in documents_of(session, cycle)
        if document.review_stage != ReviewStage.FINAL
    ]
    session.flush()
    return {"bundle": cycle.bundle, "awaited": awaited}


def log_arrival(
    session: Session, cycle: Cycle, document: Document, submission: object, *, actor: Actor, now: dt.datetime
) -> dict[str, object]:
    """Log a plan that came in; one that stays unchanged is noted and needs no further review."""
    values = mapping(submission)
    unchanged = values.get("unchanged") is True
    document.review_stage = ReviewStage.FINAL if unchanged else ReviewStage.ARRIVED
    document.bundle = cycle.bundle
    if unchanged:
        about = About(cycle=cycle, body=Body.CENTRAL_TEAM, subject=Subject.REVIEW, document=document)
        record(session, about, {"outcome": Outcome.NOTE}, actor=actor, now=now)
    session.flush()
    missing = values.get("missing")
    return {
        "edition": number(values, "edition"),
        "missing": list(missing) if isinstance(missing, Sequence) and not isinstance(missing, str) else [],
        "unchanged": unchanged,
    }


def record_screening(
    session: Session, cycle: Cycle, document: Document, arrival: object, decision: object, *, actor: Actor,
    now: dt.datetime,
) -> dict[str, object]:  # fmt: skip
    """Record the central team's result on one plan; what is returned to the plan's process is its message."""
    about = About(
        cycle=cycle,
        body=Body.CENTRAL_TEAM,
        document=document,
        edition=_edition(session, document, number(mapping(arrival), "edition")),
    )
    kept = record(session, about, decision, actor=actor, now=now)
    document.review_stage = ReviewStage.AWAITED if kept.outcome == Outcome.RETURN else ReviewStage.SCREENED
    session.flush()
    return _message(kept, final=False) | {"fix_by": mapping(decision).get("fix_by")}


def make_bundle(session: Session, cycle: Cycle) -> dict[str, object]:
    """Sort the screened plans by region; plans that are missing in a region are named there."""
    homes = {unit.unit: unit.region for unit in units_of(session, cycle)}
    regions: dict[str, dict[str, list[object]]] = {}
    for document in documents_of(session, cycle):
        region = regions.setdefault(homes[document.unit], {"plans": [], "missing": []})
        if document.review_stage == ReviewStage.SCREENED:
            region["plans"].append(_item(session, document, Outcome.APPROVE_WITH_OBSERVATIONS))
        elif document.review_stage in (ReviewStage.AWAITED, ReviewStage.ARRIVED):
            region["missing"].append(document.title)
    found = [{"unit": region, **parts} for region, parts in sorted(regions.items()) if parts["plans"]]
    return {"regions": found, "more": True}


def national_item(session: Session, cycle: Cycle) -> dict[str, object]:
    """Return all plans that passed their region, as the one item of ก.น.บ."""
    return {"plans": _items(session, cycle, ReviewStage.REGIONAL, Outcome.APPROVE_WITH_OBSERVATIONS)}


def record_outcomes(
    session: Session, cycle: Cycle, body: Body, decision: object, *, actor: Actor, now: dt.datetime
) -> dict[str, object]:
    """Record an outcome for each plan; returns what each plan is told, and what goes on to cabinet."""
    values = mapping(decision)
    told: list[dict[str, object]] = []
    documents = {document.plan_key: document for document in documents_of(session, cycle)}
    for row in rows(values.get("plans")):
        document = documents[text(row, "plan_key")]
        about = About(cycle=cycle, body=body, document=document, edition=_submitted_edition(session, document))
        kept = _record_one(session, about, row, values, actor=actor, now=now)
        final = body is Body.CABINET and kept.outcome in FORWARD
        told.append({"plan_key": document.plan_key, "unit": document.unit, "review": _message(kept, final=final)})
    session.flush()
    answer: dict[str, object] = {"told": told}
    if body is Body.POLICY_COMMITTEE:
        answer["forwarded"] = _items(session, cycle, ReviewStage.POLICY, code(Outcome, cycle.cabinet_verb))
    return answer


def count_rest(session: Session, cycle: Cycle, intake: object) -> dict[str, object]:
    """Tell whether a further bundle is needed: plans are left, and the intake was not finished for good."""
    left = [document for document in documents_of(session, cycle) if document.review_stage != ReviewStage.FINAL]
    finished = mapping(intake).get("outcome") == "finish"
    waiting = [document for document in left if document.review_stage != ReviewStage.AWAITED]
    return {"more": bool(left) and (not finished or bool(waiting))}


def documents_of(session: Session, cycle: Cycle) -> Sequence[Document]:
    """Return the plans of a cycle."""
    return session.scalars(select(Document).where(Document.cycle_id == cycle.id).order_by(Document.unit)).all()


def _record_one(
    session: Session,
    about: About,
    row: Mapping[str, object],
    meeting: Mapping[str, object],
    *,
    actor: Actor,
    now: dt.datetime,
) -> Decision:
    decision = {
        "outcome": row.get("decision"),
        "comment": row.get("comment"),
        "observations": row.get("observations"),
        "meeting_no": meeting.get("meeting_no"),
        "meeting_date": meeting.get("meeting_date"),
    }
    kept = record(session, about, decision, actor=actor, now=now)
    document = about.document
    assert document is not None
    if kept.outcome in FORWARD:
        document.review_stage = _AFTER[about.body]
    elif kept.outcome == Outcome.RETURN:
        document.review_stage = ReviewStage.AWAITED
    elif kept.outcome == Outcome.REJECT:
        document.review_stage = ReviewStage.FINAL
        document.state = DocumentState.REJECTED
    else:
        document.review_stage = _WAITS_AT[about.body]
    return kept


def _message(decision: Decision, *, final: bool) -> dict[str, object]:
    return {"body": decision.body, "outcome": decision.outcome, "comment": decision.comment or None, "final": final}


def _items(session: Session, cycle: Cycle, stage: ReviewStage, usual: Outcome) -> list[dict[str, object]]:
    return [
        _item(session, document, usual) for document in documents_of(session, cycle) if document.review_stage == stage
    ]


def _item(session: Session, document: Document, usual: Outcome) -> dict[str, object]:
    edition = _submitted_edition(session, document)
    return {
        "plan_key": document.plan_key,
        "unit": document.unit,
        "name": document.title,
        "edition": edition.number if edition is not None else None,
        "decision": usual,
        "observations": None,
        "comment": None,
    }


def _edition(session: Session, document: Document, edition: int | None) -> Edition | None:
    return get_edition(session, document, edition) if edition is not None else None


def _submitted_edition(session: Session, document: Document) -> Edition | None:
    """The edition that the central team screened last is the one the higher bodies decide on."""
    screened = session.scalar(
        select(Decision.edition_number)
        .where(Decision.document_id == document.id, Decision.body == Body.CENTRAL_TEAM)
        .order_by(Decision.id.desc())
        .limit(1)
    )
    return _edition(session, document, screened)
