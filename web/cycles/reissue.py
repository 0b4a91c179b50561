"""Giving a step another date: describe it, look at what moves, confirm; possible after the date has passed too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from engine import UnitOfWork
from web.access import signed_in
from web.composition import Reading, directory, reading, transact
from web.cycles.forms import EVERYONE, add_error, choices, reissue_form
from web.cycles.views import blueprint, may_run
from web.formatting import long_date, short_date
from web.task_forms import BoundForm
from workflows.plans import commands
from workflows.plans.cycles import get_cycle
from workflows.plans.models import Cycle
from workflows.plans.queries import CyclePage, cycle_page
from workflows.plans.reissues import Preview, preview
from workflows.plans.states import CycleState
from workflows.plans.values import as_day

MOST_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """A re-issue as it was typed, checked."""

    values: Mapping[str, object]
    preview: Preview

    @property
    def unit(self) -> str:
        """The unit for which it holds; empty for all."""
        return _unit(self.values)


@blueprint.get("/<code>/calendar/reissue")
@signed_in
def reissue(code: str) -> str:
    """Ask for another date of a step."""
    with reading() as read:
        row, page = _open_cycle(read, code)
        begin = {"step": request.args.get("step", ""), "unit": request.args.get("unit") or EVERYONE}
        bound = reissue_form(read).open(_choices(page) | begin)
        return _page(row, page, bound)


@blueprint.post("/<code>/calendar/reissue")
@signed_in
def reissue_submit(code: str) -> str | tuple[str, int] | Response:
    """Show what would move, or move it."""
    typed = request.form.to_dict(flat=False)
    with reading() as read:
        row, page = _open_cycle(read, code)
        bound = reissue_form(read).submit(_choices(page), typed)
        wanted = _wanted(read, row, bound)
        if wanted is None:
            return _page(row, page, bound), 422
        if request.form.get("act") != "confirm":
            return _page(row, page, bound, wanted)
    moved = _carry_out(code, wanted, seen=request.form.get("seen", ""))
    if moved is None:
        return _look_again(code, typed)
    flash(_done(wanted.preview, moved), "done")
    place = f"due-{wanted.preview.step}-{wanted.unit}" if wanted.unit else f"due-{wanted.preview.step}"
    return redirect(url_for("cycles.calendar", code=code, _anchor=place), code=303)


def _carry_out(code: str, wanted: Wanted, *, seen: str) -> int | None:
    """Re-issue the date and return how many tasks moved; None when it is no longer what the person has looked at."""
    values, step, due = wanted.values, wanted.preview.step, as_day(wanted.values["due"])

    def act(uow: UnitOfWork) -> int | None:
        row = get_cycle(uow.session, code)
        before = preview(uow.session, row, step=step, due=due, now=uow.now, unit=wanted.unit)
        if row.state != CycleState.ISSUED or before.old_due.isoformat() != seen:
            return None
        reason, order = str(values["reason"]), str(values["order_ref"])
        commands.reissue_due(uow, code, step=step, due=due, reason=reason, order_ref=order, unit=wanted.unit)
        return len(before.moved)

    return transact(act)


def _look_again(code: str, typed: Mapping[str, list[str]]) -> tuple[str, int]:
    with reading() as read:
        row, page = _open_cycle(read, code)
        bound = reissue_form(read).submit(_choices(page), typed)
        return _page(row, page, bound, _wanted(read, row, bound), changed=True), 409


def _open_cycle(read: Reading, code: str) -> tuple[Cycle, CyclePage]:
    """Return a cycle whose dates this person may change now."""
    if not may_run():
        abort(403)
    row = get_cycle(read.session, code)
    if row.state != CycleState.ISSUED:
        abort(409)
    return row, cycle_page(read.session, code, now=read.now, working_days=directory().working_days)


def _choices(page: CyclePage) -> dict[str, object]:
    general = [due for due in page.calendar if not due.unit]
    return {
        "steps": choices(
            [(due.step, _("%(step)s, now %(date)s", step=due.name, date=short_date(due.due))) for due in general]
        ),
        "units": choices(
            [(EVERYONE, _("all units without a date of their own")), *((unit.unit, unit.title) for unit in page.units)]
        ),
    }


def _wanted(read: Reading, row: Cycle, bound: BoundForm) -> Wanted | None:
    """Return what was typed when it can be done; else the form says why not."""
    if bound.errors:
        return None
    values = bound.values
    found = preview(
        read.session, row, step=str(values["step"]), due=as_day(values["due"]), now=read.now, unit=_unit(values)
    )
    if found.new_due == found.old_due:
        add_error(bound, "due", _("The new date is the present one: %(date)s.", date=long_date(found.old_due)))
        return None
    return Wanted(values, found)


def _unit(values: Mapping[str, object]) -> str:
    return "" if values["unit"] == EVERYONE else str(values["unit"])


def _page(row: Cycle, page: CyclePage, bound: BoundForm, wanted: Wanted | None = None, *, changed: bool = False) -> str:
    titles = {unit.unit: unit.title for unit in page.units}
    shown: Sequence[object] = wanted.preview.moved[:MOST_SHOWN] if wanted is not None else ()
    return render_template(
        "cycles/reissue.html",
        cycle=page.summary,
        code=row.code,
        form=bound,
        wanted=wanted,
        seen=wanted.preview if wanted is not None else None,
        shown=shown,
        titles=titles,
        changed=changed,
    )


def _done(told: Preview, moved: int) -> str:
    return " ".join(
        (
            _(
                "%(step)s: the date is now %(new)s instead of %(old)s.",
                step=told.name,
                new=long_date(told.new_due),
                old=long_date(told.old_due),
            ),
            ngettext("%(num)d open task has moved.", "%(num)d open tasks have moved.", moved),
        )
    )
