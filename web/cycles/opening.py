"""Opening a cycle: describe it, look at what will happen, open it; nothing typed is lost on the way."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine import TaskFilter, UnitOfWork
from web import labels
from web.access import signed_in
from web.composition import Reading, directory, reading, transact
from web.cycles.choosing import Country, read_country
from web.cycles.forms import add_error, opening_form
from web.cycles.views import blueprint, may_run
from web.formatting import fiscal_year
from web.task_forms import BoundForm, FormError
from workflows.install import units_for_cycle
from workflows.plans import commands
from workflows.plans.cycles import NewCycle, find_cycle
from workflows.plans.errors import CycleRefused
from workflows.plans.models import Cycle, CycleUnit
from workflows.plans.queries import CycleSummary, cycles
from workflows.plans.states import CycleKind, Level, Outcome

PLAN_YEARS = 5
NOTICE_DAYS = 3
UNITS_ID = "units"
NOTHING = "nothing"
"""As a starting point: none of the earlier cycles."""


@dataclass(frozen=True, slots=True)
class Start:
    """What the form shows before anything is typed."""

    values: Mapping[str, object]
    units: frozenset[str]
    last: CycleSummary | None


@blueprint.get("/new")
@signed_in
def new() -> str:
    """Ask for a new cycle, with the last one as the starting point."""
    _only_those_who_may()
    with reading() as read:
        country = read_country(read.session, read.now)
        start = _start(read, request.args.get("from", ""))
        bound = opening_form(read).open(start.values)
        return _page(country, bound, chosen=start.units, start=start)


@blueprint.post("/new")
@signed_in
def create() -> str | tuple[str, int] | Response:
    """Check what was typed and show what will happen, or open the cycle."""
    _only_those_who_may()
    typed = request.form.to_dict(flat=False)
    with reading() as read:
        country = read_country(read.session, read.now)
        chosen = country.chosen(typed.get("unit", ()), typed.get("area", ()))
        form = opening_form(read)
        if request.form.get("act") == "edit":
            return _page(country, form.open({}, typed), chosen=frozenset(chosen))
        bound = form.submit({}, typed)
        described = _described(read.session, bound, chosen)
        if described is None:
            return _page(country, bound, chosen=frozenset(chosen)), 422
        wanted = _new_cycle(read, described, chosen)
        if request.form.get("act") != "open":
            return _review(country, wanted, form.keep_declared(typed))
    return _open(country, wanted, chosen, typed)


def _open(
    country: Country, wanted: NewCycle, chosen: Sequence[str], typed: Mapping[str, list[str]]
) -> tuple[str, int] | Response:
    def act(uow: UnitOfWork) -> str:
        return commands.open_cycle(uow, wanted)

    try:
        code = transact(act)
    except CycleRefused:
        with reading() as read:  # somebody else has opened it meanwhile
            bound = opening_form(read).submit({}, typed)
            _described(read.session, bound, chosen)
            return _page(country, bound, chosen=frozenset(chosen)), 409
    flash(_opened(code, wanted), "done")
    return redirect(url_for("cycles.cycle", code=code), code=303)


def _opened(code: str, wanted: NewCycle) -> str:
    with reading() as read:
        tasks = read.tasks.find(TaskFilter(business_key=code), limit=3)
        steps = ", ".join(
            _(
                "%(step)s (with %(whom)s)",
                step=task.name,
                whom=directory().group_title(read.session, task.candidate_groups[0]),
            )
            for task in tasks
            if task.candidate_groups
        )
    return str(
        _(
            "The cycle %(name)s is open under the code %(code)s. Next: %(steps)s.",
            name=wanted.name,
            code=code,
            steps=steps,
        )
    )


def _only_those_who_may() -> None:
    if not may_run():
        abort(403)


def _start(read: Reading, asked: str) -> Start:
    """Return what the last cycle, or the one that is asked for, makes likely."""
    known = cycles(read.session)
    last = next((cycle for cycle in known if cycle.code == asked), known[0] if known else None)
    if last is None or asked == NOTHING:
        year = fiscal_year(read.now) + 1
        return Start(_likely(year, CycleKind.NEW_PLAN, year, year + PLAN_YEARS - 1), frozenset(), None)
    row = read.session.scalars(select(Cycle).where(Cycle.code == last.code)).one()
    year = last.fiscal_year + 1
    if year <= last.plan_to:
        values = _likely(year, CycleKind.REVISION, last.plan_from, last.plan_to)
    else:
        values = _likely(year, CycleKind.NEW_PLAN, last.plan_to + 1, last.plan_to + PLAN_YEARS)
    values |= {"cabinet_verb": row.cabinet_verb, "notice_days": row.notice_days}
    units = read.session.scalars(select(CycleUnit.unit).where(CycleUnit.cycle_id == row.id))
    return Start(values, frozenset(units), last)


def _likely(year: int, kind: CycleKind, first: int, last: int) -> dict[str, object]:
    return {
        "fiscal_year": str(year),
        "kind": kind.value,
        "plan_from": str(first),
        "plan_to": str(last),
        "cabinet_verb": Outcome.APPROVE_WITH_OBSERVATIONS.value,
        "notice_days": str(NOTICE_DAYS),
    }


def _described(session: Session, bound: BoundForm, chosen: Sequence[str]) -> dict[str, object] | None:
    """Return the checked values; None when something is wrong, which then stands in the form."""
    values = dict(bound.values)
    if values:
        first, last = int(str(values["plan_from"])), int(str(values["plan_to"]))
        if last < first:
            add_error(bound, "plan_to", _("The last year of the plan must not be before the first one."))
        draft = NewCycle(
            fiscal_year=int(str(values["fiscal_year"])), kind=CycleKind(str(values["kind"])), plan_from=first,
            plan_to=last, units=(),
        )  # fmt: skip
        exists = find_cycle(session, draft.code)
        if exists is not None:
            add_error(
                bound,
                "fiscal_year",
                _(
                    "There is already a cycle of this kind for this fiscal year: %(name)s (%(code)s).",
                    name=exists.name,
                    code=exists.code,
                ),
            )
    if not chosen:
        bound.errors = (*bound.errors, FormError(UNITS_ID, _("Choose at least one province or cluster.")))
    return values if values and not bound.errors else None


def _new_cycle(read: Reading, values: Mapping[str, object], chosen: Sequence[str]) -> NewCycle:
    return NewCycle(
        fiscal_year=int(str(values["fiscal_year"])),
        kind=CycleKind(str(values["kind"])),
        plan_from=int(str(values["plan_from"])),
        plan_to=int(str(values["plan_to"])),
        units=units_for_cycle(read.session, chosen, read.now),
        cabinet_verb=Outcome(str(values["cabinet_verb"])),
        notice_days=int(str(values["notice_days"])),
    )


def _page(country: Country, bound: BoundForm, *, chosen: Collection[str], start: Start | None = None) -> str:
    return render_template(
        "cycles/new.html", country=country, form=bound, chosen=chosen, start=start, units_id=UNITS_ID, nothing=NOTHING
    )


def _review(country: Country, wanted: NewCycle, kept: Mapping[str, Sequence[str]]) -> str:
    """Show what will happen."""
    chosen = {unit.unit for unit in wanted.units}
    provinces = sum(unit.level is Level.PROVINCE for unit in wanted.units)
    return render_template(
        "cycles/new_review.html",
        wanted=wanted,
        kind=labels.label(labels.CYCLE_KINDS, wanted.kind),
        verb=labels.label(labels.OUTCOMES, wanted.cabinet_verb),
        regions=[
            (region, [cluster for cluster in region.clusters if cluster.codes & chosen])
            for region in country.regions
            if region.codes & chosen
        ],
        chosen=chosen,
        provinces=ngettext("%(num)d province", "%(num)d provinces", provinces),
        clusters=ngettext("%(num)d cluster", "%(num)d clusters", len(wanted.units) - provinces),
        kept=kept,
    )
