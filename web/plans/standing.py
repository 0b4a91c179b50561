"""Where a plan stands, in one sentence: what is waited for, from whom, since when, until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from web import labels
from web.formatting import bangkok_date, clock_time, long_date, weekday_date
from workflows.plans.queries import DueView, PlanPage, StepView
from workflows.plans.queries.path import StageState
from workflows.plans.states import Body, DocumentState, ReviewStage

DaysBetween = Callable[[dt.datetime, dt.datetime], int]
"""Working days after the day of one moment up to that of a later one."""

TitleOf = Callable[[str], str]
"""A candidate group in words."""

INTAKE = "cluster_inputs"
NATIONAL = frozenset({Body.CENTRAL_TEAM, Body.REGIONAL_SUBCOMMITTEE, Body.POLICY_COMMITTEE, Body.CABINET})
_REVIEWS: Mapping[str, tuple[LazyString, str, str]] = {
    ReviewStage.AWAITED: (_l("screening"), "central_team@TH", "central_screening"),
    ReviewStage.ARRIVED: (_l("screening"), "central_team@TH", "central_screening"),
    ReviewStage.SCREENED: (_l("review of the region"), "regional_subcommittee@{region}", "regional_review"),
    ReviewStage.REGIONAL: (_l("resolution of ก.น.บ."), "policy_committee@TH", "policy_committee"),
    ReviewStage.POLICY: (_l("resolution of cabinet"), "cabinet@TH", "cabinet"),
}
"""Whom a plan that was handed in waits for, and until which step of the calendar; the tasks are the cycle's."""


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing that is waited for; the same step of several offices is one."""

    stage: str
    name: str
    groups: tuple[str, ...]
    whom: tuple[str, ...]
    holder: str  # who has taken it; empty while nobody has, or several hold it
    since: dt.datetime
    due: dt.datetime | None
    waited_days: int
    late_days: int
    left_days: int
    task_id: str  # the task, when the person may do it; else empty


@dataclass(frozen=True, slots=True)
class Onlooker:
    """What is known of the person who looks: the time, names, working days, and the groups they are in."""

    now: dt.datetime
    title_of: TitleOf
    days: DaysBetween
    holders: Mapping[str, str]  # name by task
    groups: Collection[str]


def waits_of(steps: Sequence[StepView], onlooker: Onlooker) -> list[Wait]:
    """Return what is waited for, the most pressing first."""
    together: dict[tuple[str, str], list[StepView]] = {}
    for step in steps:
        together.setdefault((step.process_id, step.element_id), []).append(step)
    return pressing_first(_wait(same, onlooker) for same in together.values())


def review_wait(page: PlanPage, review_stage: str, dates: Sequence[DueView], onlooker: Onlooker) -> Wait | None:
    """Return which body a plan in the national review waits for; None for a plan that is not there."""
    found = _REVIEWS.get(review_stage) if page.summary.state == DocumentState.SUBMITTED else None
    if found is None or page.submitted_at is None:
        return None
    name, group, step = found
    group = group.format(region=page.summary.region)
    due = next((date.due for date in dates if date.step == step), None)
    since = max([page.submitted_at, *(decision.at for decision in page.decisions if decision.body in NATIONAL)])
    return Wait(
        stage="review",
        name=str(name),
        groups=(group,),
        whom=(onlooker.title_of(group),),
        holder="",
        since=since,
        due=due,
        waited_days=onlooker.days(since, onlooker.now),
        late_days=onlooker.days(due, onlooker.now) if due else 0,
        left_days=onlooker.days(onlooker.now, due) if due else 0,
        task_id="",
    )


def input_wait(page: PlanPage, dates: Sequence[DueView], onlooker: Onlooker) -> Wait | None:
    """Return which member provinces still owe a cluster their input, while it is taken; it comes by their own tasks."""
    intake = next((stage for stage in page.stages if stage.code == INTAKE), None)
    groups = tuple(f"province_strategy@{row.province}" for row in page.inputs if row.received_at is None)
    if intake is None or intake.state is not StageState.CURRENT or intake.started_at is None or not groups:
        return None
    due = next((date.due for date in dates if date.step == INTAKE), None)
    return Wait(
        stage=INTAKE,
        name=str(_("input of the provinces")),
        groups=groups,
        whom=tuple(onlooker.title_of(group) for group in groups),
        holder="",
        since=intake.started_at,
        due=due,
        waited_days=onlooker.days(intake.started_at, onlooker.now),
        late_days=onlooker.days(due, onlooker.now) if due else 0,
        left_days=onlooker.days(onlooker.now, due) if due else 0,
        task_id="",
    )


def pressing_first(waits: Iterable[Wait]) -> list[Wait]:
    """Return waits by their due dates."""
    return sorted(waits, key=lambda wait: (wait.due is None, wait.due or wait.since, wait.since))


def sentence_of(page: PlanPage, waits: Sequence[Wait], *, now: dt.datetime) -> str:
    """Return the sentence that answers where the plan stands."""
    if waits:
        return sentence_of_wait(waits[0], now=now)
    state, handed_in = page.summary.state, long_date(page.submitted_at)
    ends: dict[str, str] = {
        DocumentState.PLANNED: _("Not begun yet."),
        DocumentState.SUBMITTED: _("Handed in on %(date)s; waiting for the national review.", date=handed_in),
        DocumentState.ANNOUNCED: _("In force: published on %(date)s.", date=long_date(page.announced_on)),
        DocumentState.UNCHANGED: _(
            "The plan in force stays as it is in this cycle; this was reported on %(date)s.", date=handed_in
        ),
        DocumentState.REJECTED: _("Not approved; the reasons are in the history."),
    }
    return ends.get(state) or _("The plan is %(state)s.", state=labels.label(labels.PLAN_STATES, state))


def sentence_of_wait(wait: Wait, *, now: dt.datetime) -> str:
    """Return “waiting for x by y, for n working days, due tomorrow”."""
    if len(wait.whom) > 1:
        what = ngettext(
            "Waiting for “%(step)s” by %(num)d office", "Waiting for “%(step)s” by %(num)d offices", len(wait.whom),
            step=wait.name,
        )  # fmt: skip
    elif wait.whom:
        what = _("Waiting for “%(step)s” by %(whom)s", step=wait.name, whom=wait.whom[0])
    else:
        what = _("Waiting for “%(step)s”", step=wait.name)
    return str(_("%(what)s, %(since)s, %(due)s.", what=what, since=_since(wait, now), due=due_words(wait, now=now)))


def due_words(wait: Wait, *, now: dt.datetime) -> str:
    """Return the due date of a wait as the end of a sentence."""
    if wait.due is None:
        return str(_("without a due date"))
    days = (bangkok_date(wait.due) - bangkok_date(now)).days
    if wait.due <= now and wait.late_days:
        return str(ngettext("%(num)d working day late", "%(num)d working days late", wait.late_days))
    if wait.due <= now:
        return str(_("due since %(time)s", time=clock_time(wait.due) if days == 0 else weekday_date(wait.due)))
    if days <= 1:
        return str(_("due tomorrow") if days else _("due today"))
    return str(_("due on %(date)s", date=weekday_date(wait.due)))


def _since(wait: Wait, now: dt.datetime) -> str:
    if bangkok_date(wait.since) == bangkok_date(now):
        return str(_("since today"))
    if wait.waited_days == 0:
        return str(_("since %(date)s", date=weekday_date(wait.since)))
    return str(ngettext("for %(num)d working day", "for %(num)d working days", wait.waited_days))


def _wait(same: Sequence[StepView], onlooker: Onlooker) -> Wait:
    first = min(same, key=lambda step: (step.due is None, step.due or step.opened_at))
    since = min(step.opened_at for step in same)
    groups = tuple(dict.fromkeys(group for step in same for group in step.groups))
    doable = [step.task_id for step in same if set(step.groups) & set(onlooker.groups)]
    return Wait(
        stage=first.stage,
        name=first.name,
        groups=groups,
        whom=tuple(onlooker.title_of(group) for group in groups),
        holder=onlooker.holders.get(first.task_id, "") if len(same) == 1 else "",
        since=since,
        due=first.due,
        waited_days=onlooker.days(since, onlooker.now),
        late_days=first.working_days_late,
        left_days=first.working_days_left,
        task_id=doable[0] if doable else "",
    )
