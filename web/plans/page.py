"""Assembles the page of a plan: what is known of it, in the words of the person who looks at it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from flask import render_template
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from engine import TaskFilter
from web.composition import Reading, composition, directory
from web.identity import SignedIn
from web.plans.history import history_of
from web.plans.runs import chosen_run, runs_of
from web.plans.standing import Onlooker, Wait, input_wait, pressing_first, review_wait, sentence_of, waits_of
from web.plans.uploads import UploadProblem, Wanted
from web.sight import sight_of
from workflows.plans.documents import drafters_of, get_document
from workflows.plans.errors import PlanNotFound
from workflows.plans.models import Document
from workflows.plans.queries import DueView, ObservationView, PlanPage, plan_page
from workflows.plans.queries.cycle import calendar_of
from workflows.plans.queries.path import StageState
from workflows.plans.states import FINAL_STATES, EditionState, Level, ObservationState
from workflows.plans.visibility import sees_plan

ALL = "all"
"""The tab that shows every part one below the other, for printing."""

HEADS = ("governor", "province_office_head", "cluster_head")
WATCHERS = frozenset({"system_admin", "auditor"})
MOST_TASKS = 200
MOST_HAPPENINGS = 200


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of the page that has an address of its own."""

    code: str
    name: LazyString
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """What was typed to close a remark; kept when it is refused."""

    observation: int
    edition: str = ""
    proof: str = ""


@dataclass(slots=True)
class PlanView:
    """Everything that the templates of a plan show."""

    page: PlanPage
    now: dt.datetime
    sentence: str
    waits: list[Wait]
    dates: tuple[DueView, ...]  # of the cycle's calendar, as they hold for this unit
    tabs: list[Tab]
    may_draft: bool
    may_see_readers: bool
    is_closed: bool
    names: dict[str, str]
    title_of: Callable[[str], str]
    capacity_of: Callable[[str], str]

    @property
    def open_observations(self) -> list[ObservationView]:
        """The remarks that the next edition must answer."""
        return [remark for remark in self.page.observations if remark.state == ObservationState.OPEN]

    @property
    def closed_observations(self) -> list[ObservationView]:
        """The remarks that were answered."""
        return [remark for remark in self.page.observations if remark.state != ObservationState.OPEN]

    @property
    def next_edition(self) -> int:
        """The number of the edition that the next file goes to."""
        newest = self.page.editions[0] if self.page.editions else None
        if newest is None:
            return 1
        return newest.number if newest.state == EditionState.DRAFT else newest.number + 1

    @property
    def current_stage(self) -> str:
        """The code of the stage that is shown large; empty before the first and after the last."""
        current = [stage.code for stage in self.page.stages if stage.state is StageState.CURRENT]
        pressing = self.waits[0].stage if self.waits else ""
        return pressing if pressing in current else (current[-1] if current else "")


def visible_document(read: Reading, user: SignedIn, plan_key: str) -> Document:
    """Return a plan that this person may see in the present capacity.

    Raises:
        PlanNotFound: There is none, or it belongs to others; both are told alike.
    """
    document = get_document(read.session, plan_key)
    if not sees_plan(read.session, sight_of(user), document.cycle_id, document.unit):
        raise PlanNotFound(f"Expected a plan {plan_key!r} that this person sees, but it is another's.", plan=plan_key)
    return document


def may_draft(user: SignedIn, document: Document) -> bool:
    """Tell whether this person keeps the files and answers the remarks of a plan."""
    return drafters_of(document) in user.actor.groups


def may_see_readers(user: SignedIn, document: Document) -> bool:
    """Tell whether somebody answers for who reads the files of a plan."""
    heads = {f"{role}@{document.unit}" for role in HEADS}
    return may_draft(user, document) or bool(heads & user.actor.groups) or bool(WATCHERS & user.roles)


def build_view(read: Reading, user: SignedIn, document: Document) -> PlanView:
    """Return what the page of a plan shows to somebody who may see it."""
    session, people = read.session, directory()
    page = plan_page(session, document.plan_key, now=read.now, working_days=people.working_days)

    def days(start: dt.datetime, end: dt.datetime) -> int:
        return people.working_days(session, start, end, document.unit)

    title_of = cache(lambda group: people.group_title(session, group))
    holders = _holders(read, document.plan_key)
    onlooker = Onlooker(read.now, title_of, days, holders, user.actor.groups)
    dates = calendar_of(session, document.cycle_id, document.unit)
    others = (review_wait(page, document.review_stage, dates, onlooker), input_wait(page, dates, onlooker))
    waits = pressing_first([*waits_of(page.waiting, onlooker), *(wait for wait in others if wait is not None)])
    return PlanView(
        page=page,
        now=read.now,
        sentence=sentence_of(page, waits, now=read.now),
        waits=waits,
        dates=dates,
        tabs=tabs_of(page),
        may_draft=may_draft(user, document),
        may_see_readers=may_see_readers(user, document),
        is_closed=document.state in FINAL_STATES,
        names=people.names_of(session, _people(page)),
        title_of=title_of,
        capacity_of=cache(lambda capacity: people.capacity_title(session, capacity)),
    )


def render_page(
    read: Reading,
    document: Document,
    view: PlanView,
    *,
    tab: str,
    run: str = "",
    wanted: Wanted | None = None,
    closing: Closing | None = None,
    problems: Sequence[UploadProblem] = (),
) -> str:
    """Return the page with one of its parts, or with all; what was refused is shown with what is wrong."""
    shown = [entry for entry in view.tabs if tab in (ALL, entry.code)]
    codes = {entry.code for entry in shown}
    runs = runs_of(read, document) if "diagram" in codes else []
    return render_template(
        "plans/plan.html",
        view=view,
        plan=view.page.summary,
        open_tab=tab,
        shown=shown,
        happenings=history_of(view.page, view.dates) if "history" in codes else [],
        most=MOST_HAPPENINGS,
        runs=runs,
        run=chosen_run(runs, run),
        limit=composition().settings.upload_limit,
        wanted=wanted or Wanted(),
        closing=closing or Closing(0),
        problems=problems,
        told="",
        beside=False,
        back="",
    )


def tabs_of(page: PlanPage) -> list[Tab]:
    """Return the tabs with what stands in them counted."""
    files = sum(len(edition.files) for edition in page.editions) + len(page.files)
    remarks = sum(1 for remark in page.observations if remark.state == ObservationState.OPEN)
    opinions = sum(len(consultation.opinions) for consultation in page.consultations)
    is_cluster = page.summary.level == Level.CLUSTER
    owed = [row.province for row in page.inputs if row.received_at is None]
    if not is_cluster:
        owed = [row.unit for row in page.owed if row.returned_at is None]
    return [
        Tab("documents", _l("Documents"), files),
        Tab("history", _l("History")),
        Tab("observations", _l("Remarks"), remarks),
        Tab("consultations", _l("Consultation"), opinions),
        Tab("data", _l("Input of the provinces") if is_cluster else _l("Data asked for"), len(owed)),
        Tab("diagram", _l("Diagram")),
        Tab("dates", _l("Due dates")),
    ]


def _holders(read: Reading, plan_key: str) -> dict[str, str]:
    tasks = read.tasks.find(TaskFilter(business_key=plan_key), limit=MOST_TASKS)
    held = {task.id: task.assignee for task in tasks if task.assignee}
    names = directory().names_of(read.session, sorted(set(held.values())))
    return {task: names[person] for task, person in held.items() if person in names}


def _people(page: PlanPage) -> Collection[str]:
    files = [*page.files, *(file for edition in page.editions for file in edition.files)]
    named: Iterable[str | None] = (
        *(step.actor for step in page.steps),
        *(edition.created_by for edition in page.editions),
        *(file.uploaded_by for file in files),
        *(decision.actor for decision in page.decisions),
        *(remark.closed_by for remark in page.observations),
    )
    return sorted({person for person in named if person})
