"""Messages in words, made from their kind and facts in the language of the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from web.formatting import weekday_date
from web.panels import Subject
from workflows.notifications import Message, MessageKind

OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Said:
    """One message in words."""

    id: int
    text: str
    about: str  # the plan
    kind: str  # late, due: what colours the icon
    icon: str
    at: dt.datetime
    unread: bool


Sentence = Callable[[Mapping[str, object], str], str]
"""Makes a sentence of the facts and the name of the unit."""


def say(message: Message, subject: Subject | None) -> Said:
    """Return a message in words; the subject is the plan or cycle that it is about."""
    text = _TEXTS[message.kind](message.facts, subject.unit if subject is not None else "")
    late = message.kind in {MessageKind.OVERDUE, MessageKind.OVERDUE_BELOW}
    return Said(
        id=message.id,
        text=text,
        about=subject.title if subject is not None else "",
        kind="late" if late else "due",
        icon="exclamation-circle-fill" if late else "clock",
        at=message.created_at,
        unread=message.read_at is None,
    )


def is_owner(message: Message) -> bool:
    """Tell whether the message is for somebody who may do the task, not for a superior."""
    return message.facts.get("as", OWNER) == OWNER


def _due_soon(facts: Mapping[str, object], _unit: str) -> str:
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


def _due_today(facts: Mapping[str, object], _unit: str) -> str:
    return str(_("“%(task)s” is due today, %(date)s.", task=_text(facts, "name"), date=_date(facts)))


def _overdue(facts: Mapping[str, object], _unit: str) -> str:
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


def _overdue_below(facts: Mapping[str, object], unit: str) -> str:
    days = _number(facts, "working_days_late")
    return str(
        ngettext(
            "“%(task)s” of %(unit)s is %(num)d working day late; it was due on %(date)s.",
            "“%(task)s” of %(unit)s is %(num)d working days late; it was due on %(date)s.",
            max(days, 1),
            task=_text(facts, "name"),
            unit=unit or _text(facts, "unit"),
            date=_date(facts),
        )
    )


_TEXTS: dict[MessageKind, Sentence] = {
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
