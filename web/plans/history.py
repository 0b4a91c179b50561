"""What has happened to a plan, the latest first: steps done, decisions with edition and hash, editions, moved dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from web import labels
from web.formatting import long_date, short_date
from workflows.plans.queries import DueView, PlanPage
from workflows.plans.states import StepState, Subject


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened; what does not apply is empty."""

    at: dt.datetime
    icon: str
    text: str
    actor: str = ""
    capacity: str = ""
    outcome: str = ""
    comment: str = ""
    edition: int | None = None
    hash: str = ""
    late_days: int = 0
    weighty: bool = False  # a decision, a submission, a publication


def history_of(page: PlanPage, calendar: Sequence[DueView]) -> list[Happening]:
    """Return what has happened, the latest first."""
    found = [*_decisions(page), *_steps(page), *_editions(page), *_ends(page), *_moved_dates(calendar)]
    return sorted(found, key=lambda happening: happening.at, reverse=True)


def _decisions(page: PlanPage) -> Iterator[Happening]:
    for decision in page.decisions:
        body = labels.label(labels.BODIES, decision.body)
        text = _("%(body)s: whether to revise", body=body) if decision.subject == Subject.REVIEW else body
        if decision.meeting_no or decision.meeting_date:
            day = f" {short_date(decision.meeting_date)}" if decision.meeting_date else ""
            text = _("%(body)s, meeting %(number)s", body=text, number=f"{decision.meeting_no}{day}".strip())
        yield Happening(
            at=decision.at,
            icon="check-circle-fill",
            text=str(text),
            actor=decision.actor,
            capacity=decision.capacity,
            outcome=decision.outcome,
            comment=decision.comment,
            edition=decision.edition,
            hash=decision.hash or "",
            weighty=True,
        )


def _steps(page: PlanPage) -> Iterator[Happening]:
    # Deciding is a step too: it was done in the transaction that recorded the decision, and is told once.
    told = {(decision.at, decision.actor) for decision in page.decisions}
    for step in page.steps:
        if step.state != StepState.DONE or step.done_at is None or (step.done_at, step.actor) in told:
            continue
        yield Happening(
            at=step.done_at,
            icon="check-lg",
            text=step.name,
            actor=step.actor or "",
            capacity=step.capacity or "",
            outcome=step.outcome or "",
            late_days=step.working_days_late,
        )


def _editions(page: PlanPage) -> Iterator[Happening]:
    for edition in page.editions:
        yield Happening(
            at=edition.created_at,
            icon="file-earmark-text",
            text=str(_("Edition %(number)s begun", number=edition.number)),
            actor=edition.created_by,
            capacity=edition.capacity,
        )


def _ends(page: PlanPage) -> Iterator[Happening]:
    if page.submitted_at is not None:
        number = page.submission_number
        text = _("Handed in, letter %(number)s", number=number) if number else _("Handed in")
        yield Happening(at=page.submitted_at, icon="send", text=str(text), weighty=True)


def _moved_dates(calendar: Iterable[DueView]) -> Iterator[Happening]:
    for due in calendar:
        for moved in due.reissues:
            text = _(
                "“%(step)s” is due on %(new)s instead of %(old)s",
                step=due.name, new=long_date(moved.new_due), old=long_date(moved.old_due),
            )  # fmt: skip
            yield Happening(
                at=moved.at,
                icon="calendar-event",
                text=str(text),
                actor=moved.actor,
                capacity=moved.capacity,
                comment=f"{moved.reason} ({moved.order_ref})",
            )
