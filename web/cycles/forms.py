"""The forms of cycles, in the same schema as task forms: opening a cycle, giving a step another date."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache

from flask_babel import gettext as _

from web import labels
from web.composition import Reading, evaluate
from web.formatting import bangkok_date
from web.preferences import select_locale
from web.task_forms import BoundForm, FormError, TaskForm, parse_form
from web.task_forms.schema import FormSchema
from workflows.plans.cycles import CABINET_VERBS
from workflows.plans.states import CycleKind

EVERYONE = "*"
"""The choice of all units; an empty one would be none."""
EARLIEST, LATEST = 2500, 2699  # fiscal years in the Buddhist era
LONGEST_NOTICE = 90


def opening_form(read: Reading) -> TaskForm:
    """Return the form in which a cycle is described; its units are chosen beside it."""
    return _form(read, _opening(select_locale()))


def reissue_form(read: Reading) -> TaskForm:
    """Return the form in which a step gets another date; steps and units are variables of the form."""
    return _form(read, _reissue(select_locale()))


def add_error(bound: BoundForm, key: str, message: str) -> None:
    """Say beside a field, and in the summary, what only the domain could tell."""
    control = next(control for control in bound.walk() if control.field.key == key)
    control.error = message
    bound.errors = (*bound.errors, FormError(control.first_input_id, message))


def choices(pairs: Sequence[tuple[str, str]]) -> list[Mapping[str, str]]:
    """Return options of a field: value and words."""
    return [{"value": value, "label": words} for value, words in pairs]


def _form(read: Reading, schema: FormSchema) -> TaskForm:
    return TaskForm(schema, evaluate=evaluate, today=bangkok_date(read.now))


@cache
def _opening(_locale: str) -> FormSchema:
    return _schema(
        "cycle-opening",
        _year("fiscal_year", _("Fiscal year (B.E.)")),
        {
            "type": "radio",
            "key": "kind",
            "label": _("What the cycle makes"),
            "values": choices([(kind.value, str(labels.CYCLE_KINDS[kind])) for kind in CycleKind]),
            "validate": {"required": True},
        },
        _year("plan_from", _("First year of the plan (B.E.)")),
        _year("plan_to", _("Last year of the plan (B.E.)")),
        {
            "type": "select",
            "key": "cabinet_verb",
            "label": _("Usual resolution of cabinet"),
            "description": _("Proposed when cabinet's resolution is recorded; it can be changed there for each plan."),
            "values": choices([(verb.value, str(labels.OUTCOMES[verb])) for verb in CABINET_VERBS]),
            "validate": {"required": True},
        },
        {
            "type": "number",
            "key": "notice_days",
            "label": _("Notice of the consultative meeting, at least"),
            "validate": {"required": True, "min": 0, "max": LONGEST_NOTICE},
            "decimalDigits": 0,
            "appearance": {"suffixAdorner": _("days")},
        },
    )


@cache
def _reissue(_locale: str) -> FormSchema:
    return _schema(
        "cycle-reissue",
        {"type": "select", "key": "step", "label": _("Step"), "valuesKey": "steps", "validate": {"required": True}},
        {"type": "select", "key": "unit", "label": _("For whom"), "valuesKey": "units", "validate": {"required": True}},
        {
            "type": "datetime",
            "subtype": "date",
            "key": "due",
            "dateLabel": _("New date"),
            "validate": {"required": True},
        },
        {
            "type": "textarea",
            "key": "reason",
            "label": _("Reason"),
            "description": _("It is kept for good and shown with the date."),
            "validate": {"required": True, "maxLength": 2000},
        },
        {
            "type": "textfield",
            "key": "order_ref",
            "label": _("Order or resolution behind it"),
            "description": _("For example: cabinet resolution of 19 August 2568, or the number of a circular."),
            "validate": {"required": True, "maxLength": 300},
        },
    )


def _schema(name: str, *components: Mapping[str, object]) -> FormSchema:
    return parse_form(json.dumps({"type": "default", "id": name, "components": list(components)}, ensure_ascii=False))


def _year(key: str, label: str) -> Mapping[str, object]:
    limits = {"required": True, "min": EARLIEST, "max": LATEST}
    return {"type": "number", "key": key, "label": label, "validate": limits, "decimalDigits": 0}
