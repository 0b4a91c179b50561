"""The pages of cycles: the list, the board, the overview by cluster, the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from web.access import signed_in
from web.areas import cluster_name, region_name
from web.composition import Reading, directory, reading
from web.cycles.board import Wish, arrange, by_cluster
from web.cycles.words import CHIPS, STANDING_ICONS, CellWords
from web.sight import sight
from workflows.plans.commands import CYCLE_PROCESS
from workflows.plans.errors import PlanNotFound
from workflows.plans.queries import (
    ACTIVE,
    Board,
    CyclePage,
    CycleSummary,
    NextDue,
    Standing,
    StepView,
    board,
    cycle_page,
    cycles,
    next_dues,
    tally,
)
from workflows.plans.states import CycleState, Level
from workflows.plans.visibility import runs_cycles

blueprint = Blueprint("cycles", __name__, url_prefix="/cycles")
MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """A cycle in the list."""

    cycle: CycleSummary
    counts: Mapping[Standing, int] | None  # while it is under way
    next: NextDue | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step of the nation that is waited for; the same step for many plans is one."""

    name: str
    group: str
    count: int
    due: dt.datetime | None
    working_days: int


@blueprint.get("")
@signed_in
def index() -> str:
    """List the cycles, newest first, with how their units stand."""
    with reading() as read:
        found = cycles(read.session, sight=sight(), limit=MOST_LISTED)
        running = [cycle.code for cycle in found if cycle.state == CycleState.ISSUED]
        dues = next_dues(read.session, running, now=read.now)
        counts = {code: tally(read_board(read, code).rows) for code in running}
        listed = [Listed(cycle, counts.get(cycle.code), dues.get(cycle.code)) for cycle in found]
        return render_template(
            "cycles/index.html",
            listed=listed,
            late=sum(count[Standing.LATE] for count in counts.values()),
            running=len(running),
            may_run=may_run(),
            now=read.now,
            standing_icons=STANDING_ICONS,
            chips=CHIPS,
            until=directory().day_counter(read.session, read.now),
        )


@blueprint.get("/<code>", endpoint="cycle")
@signed_in
def show(code: str) -> str:
    """Show the board of a cycle: who is late."""
    wish = Wish.from_query(request.args)
    with reading() as read:
        found = read_board(read, code)
        view = arrange(found, wish, region_name=region_name, cluster_name=cluster_name)
        return render_template(
            "cycles/board.html",
            **frame_of(read, code),
            view=view,
            say=CellWords(),
            active=ACTIVE,
            standings=list(Standing),
            standing_icons=STANDING_ICONS,
            chips=CHIPS,
            plan_url=lambda row: url_for("plans.plan", cycle=code, unit=row.unit) if row.plan_key else "",
            province=Level.PROVINCE,
            no_stage=_("The unit has no such step."),
            stage_names={stage.code: stage.name for stage in found.stages},
        )


@blueprint.get("/<code>/clusters")
@signed_in
def overview(code: str) -> str:
    """Compare the clusters."""
    with reading() as read:
        found = read_board(read, code)
        groups = by_cluster(found, cluster_name)
        return render_template(
            "cycles/overview.html",
            **frame_of(read, code),
            groups=groups,
            most=max(len(group.rows) for group in groups),
            units=len(found.rows),
            whole=tally(found.rows),
            standings=list(Standing),
            standing_icons=STANDING_ICONS,
        )


@blueprint.get("/<code>/calendar")
@signed_in
def calendar(code: str) -> str:
    """Show the calendar: every date, the first one and the present one, and each re-issue with its reason."""
    with reading() as read:
        seen = {row.unit for row in read_board(read, code).rows}
        frame = frame_of(read, code)
        page = frame["page"]
        assert isinstance(page, CyclePage)
        dues = [due for due in page.calendar if not due.unit or due.unit in seen]
        actors = {reissue.actor for due in dues for reissue in due.reissues}
        return render_template(
            "cycles/calendar.html",
            **frame,
            dues=dues,
            reissues=sum(len(due.reissues) for due in dues),
            may_reissue=may_run() and page.summary.state == CycleState.ISSUED,
            titles={unit.unit: unit.title for unit in page.units},
            names=directory().names_of(read.session, actors),
            capacity_title=cache(lambda capacity: directory().capacity_title(read.session, capacity)),
            until=directory().day_counter(read.session, read.now),
        )


def read_board(read: Reading, code: str) -> Board:
    """Return the board of a cycle as far as the signed-in person sees.

    Raises:
        PlanNotFound: There is no such cycle, or nothing of it may be seen; both are told alike.
    """
    found = board(read.session, code, now=read.now, working_days=directory().working_days, sight=sight())
    if not found.rows:
        raise PlanNotFound
    return found


def may_run() -> bool:
    """Tell whether the signed-in person may open cycles and re-issue dates."""
    return runs_cycles(current_user.actor.groups)


def frame_of(read: Reading, code: str) -> dict[str, object]:
    """Return what every page of a cycle shows above its own part."""
    page = cycle_page(read.session, code, now=read.now, working_days=directory().working_days)
    return {
        "page": page,
        "cycle": page.summary,
        "now": read.now,
        "may_run": may_run(),
        "waiting": _waiting(page.waiting if sight().is_national else _of_all(page.waiting)),
        "group_title": cache(lambda group: directory().group_title(read.session, group)),
    }


def _of_all(steps: Sequence[StepView]) -> list[StepView]:
    """Return the steps that are about all units alike; how many plans are in review is the nation's to know."""
    return [step for step in steps if step.process_id == CYCLE_PROCESS]


def _waiting(steps: Sequence[StepView]) -> list[Waiting]:
    """Return what is waited for in the nation, the most pressing first."""
    together: dict[tuple[str, str], list[StepView]] = {}
    for step in steps:
        together.setdefault((step.name, step.groups[0] if step.groups else ""), []).append(step)
    latest = dt.datetime.max.replace(tzinfo=dt.UTC)
    found = []
    for (name, group), same in together.items():
        first = min(same, key=lambda step: step.due or latest)
        found.append(Waiting(name, group, len(same), first.due, first.working_days_late or first.working_days_left))
    return sorted(found, key=lambda waiting: waiting.due or latest)
