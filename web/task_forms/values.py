"""From what was typed to a typed value, or to a sentence about what is wrong; and back, for showing it again."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _

from web.task_forms.schema import Field, FieldType, Option
from workflows.calendar import BANGKOK, BUDDHIST_ERA

Raw = Mapping[str, Sequence[str]]

MAX_TEXTFIELD = 2_000
MAX_TEXTAREA = 50_000
MAX_DIGITS = 34
_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]{1,63}(\.[^@\s.]{1,63}){1,5}")
_PHONE = re.compile(r"\+?[0-9 ()-]{6,20}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Ask:
    """One field with what was typed, its choices, and the day on which it is asked."""

    field: Field
    raw: Raw
    options: Sequence[Option]
    today: dt.date


class Wrong(Exception):
    """What was typed cannot be used; the message is for the person who typed it."""


def clean_text(text: str) -> str:
    """Return text as it is stored: one kind of line end, no control characters, ำ as one character, no outer blanks."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", text).replace("\u0e4d\u0e32", "\u0e33").strip()


def read_value(field: Field, raw: Raw, options: Sequence[Option], today: dt.date) -> object:
    """Return the typed value of a field, None when it was left empty.

    Raises:
        Wrong: Something was typed that cannot be used.
    """
    return _READERS[field.type](Ask(field, raw, options, today))


def show_value(field: Field, value: object) -> dict[str, list[str]]:
    """Return what the inputs of a field show for a stored value."""
    if value is None:
        return {}
    if field.type is FieldType.DATETIME:
        return _show_moment(field, value)
    if field.type is FieldType.CHECKLIST:
        items = value if isinstance(value, (list, tuple)) else [value]
        return {field.name: [Option("", item).code for item in items]}
    if field.type is FieldType.CHECKBOX:
        text = "1" if value is True else ""
    elif isinstance(value, Decimal):
        text = format(value, "f")
    else:
        text = "" if isinstance(value, (dict, list)) else Option("", value).code
    return {field.name: [text]} if text else {}


def plain_digits(text: str) -> str:
    """Return text with Thai digits as ASCII; inputs arrive mixed, even within one number."""
    return text.translate(_DIGITS)


def _one(raw: Raw, name: str) -> str:
    values = raw.get(name, ())
    return values[0] if values else ""


def _text(ask: Ask) -> str | None:
    field = ask.field
    text = clean_text(_one(ask.raw, ask.field.name))
    if not text:
        return None
    limit = field.max_length or (MAX_TEXTAREA if field.type is FieldType.TEXTAREA else MAX_TEXTFIELD)
    if len(text) > limit:
        raise Wrong(
            _(
                "%(label)s must have at most %(limit)s characters; it has %(length)s.",
                label=field.label,
                limit=f"{limit:,}",
                length=f"{len(text):,}",
            )
        )
    if field.min_length and len(text) < field.min_length:
        raise Wrong(_("%(label)s must have at least %(limit)s characters.", label=field.label, limit=field.min_length))
    if field.text_kind == "email" and not _EMAIL.fullmatch(text):
        raise Wrong(_("Enter an e-mail address like name@example.go.th."))
    if field.text_kind == "phone" and not _PHONE.fullmatch(plain_digits(text)):
        raise Wrong(_("Enter a telephone number, like 054 265 014."))
    if field.pattern and not field.pattern.matches(text):
        raise Wrong(
            field.pattern_message or _("%(label)s does not have the form that is asked for.", label=field.label)
        )
    return text


def _number(ask: Ask) -> Decimal | None:
    field = ask.field
    typed = _one(ask.raw, ask.field.name).strip()
    if not typed:
        return None
    text = re.sub(r"[,\s\u00a0]", "", plain_digits(typed))
    if not _NUMBER.fullmatch(text) or len(text) > MAX_DIGITS:
        raise Wrong(_("%(label)s must be a number, like 1,250.50.", label=field.label))
    number = Decimal(text)
    places = -int(number.as_tuple().exponent)
    if field.decimal_digits is not None and places > field.decimal_digits:
        raise Wrong(
            _("%(label)s must have at most %(count)s decimal places.", label=field.label, count=field.decimal_digits)
            if field.decimal_digits
            else _("%(label)s must be a whole number.", label=field.label)
        )
    if field.minimum is not None and number < field.minimum:
        raise Wrong(_("%(label)s must be %(limit)s or more.", label=field.label, limit=f"{field.minimum:,}"))
    if field.maximum is not None and number > field.maximum:
        raise Wrong(_("%(label)s must be %(limit)s or less.", label=field.label, limit=f"{field.maximum:,}"))
    return number


def _checkbox(ask: Ask) -> bool:
    return bool(_one(ask.raw, ask.field.name))


def _choice(ask: Ask) -> object:
    code = _one(ask.raw, ask.field.name)
    if not code:
        return None
    for option in ask.options:
        if option.code == code:
            return option.value
    raise Wrong(_("Choose one of the options for %(label)s.", label=ask.field.label))


def _choices(ask: Ask) -> list[object]:
    chosen = set(ask.raw.get(ask.field.name, ()))
    if chosen - {option.code for option in ask.options}:
        raise Wrong(_("Choose one of the options for %(label)s.", label=ask.field.label))
    return [option.value for option in ask.options if option.code in chosen]


def _moment(ask: Ask) -> object:
    field = ask.field
    if field.subtype == "time":
        time = _time(field, ask.raw)
        return None if time is None else f"{time:%H:%M}"
    date = _date(field, ask.raw)
    if field.subtype == "date":
        if date and field.no_past and date < ask.today:
            raise Wrong(_("%(label)s must be today or later.", label=field.label))
        return date
    time = _time(field, ask.raw)
    if date is None and time is None:
        return None
    if date is None or time is None:
        raise Wrong(_("%(label)s needs both date and time.", label=field.label))
    if field.no_past and date < ask.today:
        raise Wrong(_("%(label)s must be today or later.", label=field.label))
    return dt.datetime.combine(date, time, BANGKOK)


def _date(field: Field, raw: Raw) -> dt.date | None:
    day, month, year = (plain_digits(_one(raw, f"{field.name}:{part}").strip()) for part in ("day", "month", "year"))
    if not (day or month or year):
        return None
    missing = [name for text, name in ((day, _("day")), (month, _("month")), (year, _("year"))) if not text]
    if missing:
        raise Wrong(_("%(label)s still needs: %(parts)s.", label=field.label, parts=", ".join(missing)))
    if not (day.isdecimal() and month.isdecimal() and year.isdecimal()):
        raise Wrong(_("%(label)s must be a date, like 22 11 2569.", label=field.label))
    if EARLIEST <= int(year) + BUDDHIST_ERA <= LATEST:
        raise Wrong(
            _(
                "%(label)s needs the year in the Buddhist era: %(christian)s is %(buddhist)s.",
                label=field.label,
                christian=year,
                buddhist=int(year) + BUDDHIST_ERA,
            )
        )
    if not EARLIEST <= int(year) <= LATEST:
        raise Wrong(_("%(label)s needs a year of four digits, like 2569.", label=field.label))
    try:
        return dt.date(int(year) - BUDDHIST_ERA, int(month), int(day))
    except ValueError as error:
        raise Wrong(_("%(label)s: this day does not exist in that month.", label=field.label)) from error


EARLIEST, LATEST = 2400, 2700


def _time(field: Field, raw: Raw) -> dt.time | None:
    typed = plain_digits(_one(raw, f"{field.name}:time").strip().removesuffix("น.").strip())
    if not typed:
        return None
    match = _TIME.fullmatch(typed)
    if not match:
        raise Wrong(_("%(label)s must be a time, like 13:30.", label=field.label))
    return dt.time(int(match[1]), int(match[2]))


def _show_moment(field: Field, value: object) -> dict[str, list[str]]:
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(value) if field.subtype == "date" else _moment_of(value, field.subtype)
        except ValueError:
            return {}
    shown: dict[str, list[str]] = {}
    if isinstance(value, dt.datetime):
        value = value.astimezone(BANGKOK) if value.tzinfo else value
        shown[f"{field.name}:time"] = [f"{value:%H:%M}"]
    if isinstance(value, dt.time):
        shown[f"{field.name}:time"] = [f"{value:%H:%M}"]
    if isinstance(value, dt.date):
        shown |= {
            f"{field.name}:day": [str(value.day)],
            f"{field.name}:month": [str(value.month)],
            f"{field.name}:year": [str(value.year + BUDDHIST_ERA)],
        }
    return {name: texts for name, texts in shown.items() if name in field.names()}


def _moment_of(text: str, subtype: str) -> dt.datetime | dt.time:
    return dt.time.fromisoformat(text) if subtype == "time" else dt.datetime.fromisoformat(text)


_READERS: dict[FieldType, Callable[[Ask], object]] = {
    FieldType.TEXTFIELD: _text,
    FieldType.TEXTAREA: _text,
    FieldType.NUMBER: _number,
    FieldType.CHECKBOX: _checkbox,
    FieldType.RADIO: _choice,
    FieldType.SELECT: _choice,
    FieldType.REFERENCE: _choice,
    FieldType.CHECKLIST: _choices,
    FieldType.DATETIME: _moment,
}
