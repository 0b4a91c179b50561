"""What a completed task must bring: checked before the commit, so that a bad answer is refused and not a stuck plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

import engine
from workflows.files.errors import FileRefused
from workflows.plans.cycles import find_cycle
from workflows.plans.documents import files_of, find_document, get_edition
from workflows.plans.errors import CalendarRefused, NoticeTooShort, ReasonRequired
from workflows.plans.models import Cycle, Document
from workflows.plans.states import NEEDS_REASON, Disposition, Outcome
from workflows.plans.steps import CALENDAR
from workflows.plans.values import as_day, code, day, number, rows, text

Values = Mapping[str, object]


def check_submission(session: Session, event: object, now: dt.datetime) -> None:
    """Refuse a completed task whose answers the domain cannot take.

    Raises:
        DomainError: An answer is missing or does not fit; nothing was changed.
    """
    if not isinstance(event, engine.events.TaskCompleted):
        return
    values = event.variables
    outcome = event.outcome or text(values, "outcome")
    if outcome in NEEDS_REASON and not text(values, "comment") and not (event.comment or "").strip():
        raise ReasonRequired(f"Expected a reason for {outcome}, but there is none.", outcome=outcome)
    for row in rows(values.get("outcomes")):
        decided = code(Outcome, row.get("decision"))
        if decided in NEEDS_REASON and not text(row, "comment"):
            raise ReasonRequired(f"Expected a reason for {decided}, but there is none.", outcome=decided)
    check = _CHECKS.get((event.process_id, event.element_id))
    if check is not None:
        check(session, event, now)


def _calendar(_session: Session, event: engine.events.TaskCompleted, _now: dt.datetime) -> None:
    given = {text(row, "step"): day(row, "due") for row in rows(event.variables.get("calendar"))}
    missing = [step.name for step in CALENDAR if given.get(step.code) is None]
    if missing:
        raise CalendarRefused(f"Expected a date for every step, but not so for: {', '.join(missing)}.")


def _edition(session: Session, event: engine.events.TaskCompleted, _now: dt.datetime) -> None:
    document = _document(session, event)
    if document is None:
        return
    edition = get_edition(session, document, number(event.variables, "edition") or 0)
    if not files_of(session, edition):
        raise FileRefused(f"Expected files in edition {edition.number}, but it has none.", edition=edition.number)


def _notice(session: Session, event: engine.events.TaskCompleted, now: dt.datetime) -> None:
    document = _document(session, event)
    cycle = session.get(Cycle, document.cycle_id) if document is not None else None
    held = day(event.variables, "meeting_date")
    if cycle is not None and held is not None and (held - as_day(now)).days < cycle.notice_days:
        raise NoticeTooShort(
            f"Expected at least {cycle.notice_days} days before the meeting, but it is on {held.isoformat()}.",
            days=cycle.notice_days,
        )


def _answers(_session: Session, event: engine.events.TaskCompleted, _now: dt.datetime) -> None:
    for row in rows(event.variables.get("answers")):
        code(Disposition, row.get("disposition"))
        if not text(row, "reason"):
            raise ReasonRequired("Expected an answer with a reason to every opinion, but one has none.")


def _document(session: Session, event: engine.events.TaskCompleted) -> Document | None:
    key = event.business_key or ""
    return find_document(session, key) if find_cycle(session, key) is None else None


_CHECKS: Mapping[tuple[str, str], Callable[[Session, engine.events.TaskCompleted, dt.datetime], None]] = {
    ("planning-cycle", "draft_criteria"): _calendar,
    ("consultation", "plan_meeting"): _notice,
    ("consultation", "answer"): _answers,
    ("consultation", "amend_draft"): _edition,
    **{
        (process, element): _edition
        for process in ("provincial-plan", "cluster-plan")
        for element in ("draft", "amend", "correct")
    },
}
