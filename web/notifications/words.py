"""Messages in words, made from their kind and facts in the language of the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from web.formatting import weekday_date
from workflows.notifications import Message, MessageKind

OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Said:
    """One message in words."""

    id: int
    text: str
    about: str  # the plan and its unit
    kind: str  # late, due: what colours the icon
    icon: str
    at: dt.datetime
    unread: bool


TitleOf = Callable[[str], str]
"""A candidate group in words."""


def say(message: Message, *, about: str, title_of: TitleOf) -> Said:
    """Return a message in words."""
    facts = message.facts
    text = _TEXTS[message.kind](facts, title_of)
    late = message.kind in {MessageKind.OVERDUE, MessageKind.OVERDUE_BELOW}
    return Said(
        id=message.id,
        text=text,
        about=about,
        kind="late" if late else "due",
        icon="exclamation-circle-fill" if late else "clock",
        at=message.created_at,
        unread=message.read_at is None,
    )


def is_owner(message: Message) -> bool:
    """Tell whether the message is for somebody who may do the task, not for a superior."""
    return message.facts.get("as", OWNER) == OWNER


def _due_soon(facts: Mapping[str, object], _title_of: TitleOf) -> str:
    days = abs(_number(facts, "rung"))
    return str(
        ngettext(
            "“%(task)s” is due in %(num)d working day, on %(date)s.",
            "“%(task)s” is due in %(num)d working days, on %(date)s.",
            days,
            task=_text(facts, "name"),
            date=_date(facts),
        )
    )


def _due_today(facts: Mapping[str, object], _title_of: TitleOf) -> str:
    return str(_("“%(task)s” is due today, %(date)s.", task=_text(facts, "name"), date=_date(facts)))


def _overdue(facts: Mapping[str, object], _title_of: TitleOf) -> str:
    days = _number(facts, "working_days_late")
    if days == 0:
        return str(_("“%(task)s” is late; it was due on %(date)s.", task=_text(facts, "name"), date=_date(facts)))
    return str(
        ngettext(
            "“%(task)s” is %(num)d working day late; it was due on %(date)s.",
            "“%(task)s” is %(num)d working days late; it was due on %(date)s.",
            days,
            task=_text(facts, "name"),
            date=_date(facts),
        )
    )


def _overdue_below(facts: Mapping[str, object], title_of: TitleOf) -> str:
    days = _number(facts, "working_days_late")
    return str(
        ngettext(
            "“%(task)s” of %(whom)s is %(num)d working day late; it was due on %(date)s.",
            "“%(task)s” of %(whom)s is %(num)d working days late; it was due on %(date)s.",
            max(days, 1),
            task=_text(facts, "name"),
            whom=title_of(_text(facts, "group")),
            date=_date(facts),
        )
    )


_TEXTS: dict[MessageKind, Callable[[Mapping[str, object], TitleOf], str]] = {
    MessageKind.DUE_SOON: _due_soon,
    MessageKind.DUE_TODAY: _due_today,
    MessageKind.OVERDUE: _overdue,
    MessageKind.OVERDUE_BELOW: _overdue_below,
}


def _text(facts: Mapping[str, object], name: str) -> str:
    value = facts.get(name)
    return "" if value is None else str(value)


def _number(facts: Mapping[str, object], name: str) -> int:
    value = facts.get(name)
    return value if isinstance(value, int) else 0


def _date(facts: Mapping[str, object]) -> str:
    due = facts.get("due")
    return weekday_date(dt.datetime.fromisoformat(due)) if isinstance(due, str) else "–"
