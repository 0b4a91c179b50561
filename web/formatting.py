"""How dates, times, numbers and lateness are written: in the Buddhist era, in Bangkok's time, late in working days."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlsplit

from babel.dates import format_date as babel_date
from flask import Flask
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from web import labels
from workflows import calendar
from workflows.calendar import BANGKOK, buddhist_year

_ONE_WORD = re.compile(r"[^\s\x00-\x1f\x7f\\]+")
_BARE_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?:/[^\s\\]*)?")
THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


class Urgency(StrEnum):
    """The groups of the inbox, most pressing first."""

    OVERDUE = "overdue"
    TODAY = "today"
    THIS_WEEK = "this_week"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class DueChip:
    """A due date in words, with the icon and colour that repeat them."""

    text: str
    kind: str  # late, due, plain
    icon: str
    title: str


def bangkok_date(moment: dt.datetime | dt.date) -> dt.date:
    """Return the calendar day in Bangkok."""
    return calendar.day_of(moment) if isinstance(moment, dt.datetime) else moment


def short_date(value: dt.datetime | dt.date | None) -> str:
    """Return "22 พ.ย. 69", for lists."""
    if value is None:
        return "–"
    day = bangkok_date(value)
    return f"{babel_date(day, 'd MMM', locale=_locale())} {buddhist_year(day) % 100:02}"


def long_date(value: dt.datetime | dt.date | None) -> str:
    """Return "22 พฤศจิกายน 2569"."""
    if value is None:
        return "–"
    day = bangkok_date(value)
    return f"{babel_date(day, 'd MMMM', locale=_locale())} {buddhist_year(day)}"


def weekday_date(value: dt.datetime | dt.date | None) -> str:
    """Return "วันอาทิตย์ที่ 22 พฤศจิกายน 2569"."""
    if value is None:
        return "–"
    day = bangkok_date(value)
    pattern = "EEEE'ที่' d MMMM" if _locale() == "th" else "EEEE d MMMM"
    return f"{babel_date(day, pattern, locale=_locale())} {buddhist_year(day)}"


def date_time(value: dt.datetime | None) -> str:
    """Return "22 พ.ย. 69 13:30 น."."""
    if value is None:
        return "–"
    return f"{short_date(value)} {clock_time(value)}"


def clock_time(value: dt.datetime) -> str:
    """Return "13:30 น."."""
    text = f"{value.astimezone(BANGKOK):%H:%M}"
    return f"{text} น." if _locale() == "th" else text


def number(value: Decimal | float | None, places: int | None = None) -> str:
    """Return a number with thousands separators; decimals as stored unless `places` is given."""
    if value is None:
        return "–"
    return f"{value:,}" if places is None else f"{value:,.{places}f}"


def file_size(size: int) -> str:
    """Return "350 kB" or "12.4 MB", in steps of 1,024 as the file manager shows it."""
    if size < MEGABYTE:
        return f"{max(1, round(size / 1024)):,} kB"
    return f"{size / MEGABYTE:,.1f}".removesuffix(".0") + " MB"


MEGABYTE = 1024 * 1024


def thai_digits(value: object) -> str:
    """Return text with Thai digits, for documents that ask for them."""
    return str(value).translate(THAI_DIGITS)


def fiscal_year(value: dt.datetime | dt.date) -> int:
    """Return the fiscal year in the Buddhist era; it begins on 1 October."""
    return calendar.fiscal_year(bangkok_date(value))


def urgency(due: dt.datetime | None, now: dt.datetime) -> Urgency:
    """Return the inbox group of a due moment."""
    if due is None:
        return Urgency.LATER
    if due <= now:
        return Urgency.OVERDUE
    days = (bangkok_date(due) - bangkok_date(now)).days
    if days == 0:
        return Urgency.TODAY
    return Urgency.THIS_WEEK if bangkok_date(due) <= end_of_week(now) else Urgency.LATER


def end_of_week(now: dt.datetime) -> dt.date:
    """Return the Sunday of this week."""
    today = bangkok_date(now)
    return today + dt.timedelta(days=6 - today.weekday())


def due_chip(due: dt.datetime | None, now: dt.datetime, working_days: int | None = None) -> DueChip:
    """Return the chip of a due date; `working_days` is the count between today and the due day, both ways positive."""
    if due is None:
        return DueChip(_("no due date"), "plain", "calendar-event", "")
    # A list shows few due moments many times.
    return _due_chip(due, (bangkok_date(due) - bangkok_date(now)).days, working_days, _locale(), late=due <= now)


@lru_cache(maxsize=10_000)
def _due_chip(due: dt.datetime, days: int, working_days: int | None, _language: str, *, late: bool) -> DueChip:
    title = _("due %(date)s", date=f"{weekday_date(due)} {clock_time(due)}")
    count = abs(days) if working_days is None else working_days
    if late:
        if days == 0 or count == 0:
            return DueChip(_("late since %(time)s", time=clock_time(due)), "late", "exclamation-circle-fill", title)
        text = (
            ngettext("%(num)d day late", "%(num)d days late", count)
            if working_days is None
            else ngettext("%(num)d working day late", "%(num)d working days late", count)
        )
        return DueChip(text, "late", "exclamation-circle-fill", title)
    if days == 0:
        return DueChip(_("today"), "due", "clock", title)
    if days == 1:
        return DueChip(_("tomorrow"), "due", "clock", title)
    text = (
        ngettext("in %(num)d day", "in %(num)d days", count)
        if working_days is None
        else ngettext("in %(num)d working day", "in %(num)d working days", count)
    )
    near = days <= DUE_SOON
    return DueChip(text, "due" if near else "plain", "clock" if near else "calendar-event", title)


DUE_SOON = 3


def ago(value: dt.datetime | None, now: dt.datetime) -> str:
    """Return how long something has waited, in the words of a list."""
    if value is None:
        return "–"
    days = (bangkok_date(now) - bangkok_date(value)).days
    if days <= 0:
        return str(_("today %(time)s", time=clock_time(value)))
    return str(_("yesterday")) if days == 1 else str(ngettext("%(num)d day ago", "%(num)d days ago", days))


def waited(value: dt.datetime, now: dt.datetime) -> str:
    """Return for how long something has waited."""
    days = (bangkok_date(now) - bangkok_date(value)).days
    if days <= 0:
        return str(_("came today %(time)s", time=clock_time(value)))
    return str(ngettext("has waited %(num)d day", "has waited %(num)d days", days))


def web_address(text: str) -> str:
    """Return where a link may lead: an address of the web, a bare host made one; empty for anything else."""
    address = text.strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme in {"http", "https"}:
        return address if parts.hostname and _ONE_WORD.fullmatch(address) else ""
    return f"https://{address}" if _BARE_HOST.fullmatch(address) else ""


def month_names() -> list[str]:
    """Return the twelve months by name, for date fields."""
    return [babel_date(dt.date(2000, month, 1), "LLLL", locale=_locale()) for month in range(1, 13)]


def install_formatting(app: Flask) -> None:
    """Offer all of this to templates."""
    app.jinja_env.filters.update(
        short_date=short_date,
        long_date=long_date,
        weekday_date=weekday_date,
        date_time=date_time,
        clock_time=clock_time,
        number=number,
        file_size=file_size,
        thai_digits=thai_digits,
        fiscal_year=fiscal_year,
        ago=ago,
        waited=waited,
        web_address=web_address,
    )
    app.jinja_env.globals.update(month_names=month_names, due_chip=due_chip, label=labels.label, labels=labels)


def _locale() -> str:
    return str(get_locale() or "th")
