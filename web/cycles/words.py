"""What the cells of the board and the standings of units say: icon, words, and the kind that colours them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from web.assets import icon
from web.formatting import short_date
from workflows.plans.queries import BoardCell, CellState, Standing

ICONS = {
    CellState.LATE: "exclamation-circle-fill",
    CellState.DUE_SOON: "clock",
    CellState.ON_TIME: "hourglass-split",
    CellState.DONE: "check-lg",
    CellState.DONE_LATE: "check-lg",
}
STANDING_ICONS = {
    Standing.LATE: "exclamation-circle-fill",
    Standing.DUE_SOON: "clock",
    Standing.ON_TIME: "hourglass-split",
    Standing.WAITING: "three-dots",
    Standing.DONE: "check-lg",
}
CHIPS = {
    Standing.LATE: "chip-late",
    Standing.DUE_SOON: "chip-due",
    Standing.ON_TIME: "chip-brand",
    Standing.DONE: "chip-done",
    Standing.WAITING: "",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A cell in words."""

    kind: str
    icon: Markup
    head: str  # the state
    text: str  # the days, or the date


class CellWords:
    """Says the cells of one page; what is the same is said once."""

    def __init__(self) -> None:
        self._said: dict[tuple[CellState, int, dt.datetime | None], Said] = {}
        self._icons = {state: icon(name) for state, name in ICONS.items()}

    def __call__(self, cell: BoardCell) -> Said:
        """Return a cell in words."""
        key = (cell.state, cell.working_days, cell.due if cell.state is CellState.UPCOMING else None)
        found = self._said.get(key)
        if found is None:
            head, text = _say(cell)
            found = Said(cell.state.value.replace("_", "-"), self._icons.get(cell.state, Markup()), head, text)
            self._said[key] = found
        return found


def _say(cell: BoardCell) -> tuple[str, str]:
    days = cell.working_days
    said: dict[CellState, Callable[[], tuple[str, str]]] = {
        CellState.LATE: lambda: (_("Late"), _late(days)),
        CellState.DUE_SOON: lambda: (_("Due soon"), _left(days)),
        CellState.ON_TIME: lambda: (_("On time"), _left(days) if cell.due is not None else _("no due date")),
        CellState.DONE: lambda: (_("Complete"), ""),
        CellState.DONE_LATE: lambda: (
            _("Complete"),
            ngettext("%(num)d working day late", "%(num)d working days late", days),
        ),
        CellState.SKIPPED: lambda: (_("Not needed"), ""),
        CellState.UPCOMING: lambda: ("", short_date(cell.due) if cell.due is not None else ""),
        CellState.NONE: lambda: ("", ""),
    }
    return said[cell.state]()


def _late(days: int) -> str:
    if days == 0:
        return str(_("not yet a working day"))
    return str(ngettext("%(num)d working day", "%(num)d working days", days))


def _left(days: int) -> str:
    if days == 0:
        return str(_("today"))
    return str(ngettext("%(num)d working day left", "%(num)d working days left", days))
