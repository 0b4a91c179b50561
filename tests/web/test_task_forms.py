"""Task forms: what is read from the schema, what is shown, what is refused, and which typed values come out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask_babel import Babel

from web.task_forms import FormSchemaError, Option, TaskForm, parse_form

TODAY = dt.date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    app = Flask(__name__)
    Babel(app, default_locale="en")
    with app.test_request_context():
        yield


def evaluate(text: str, scope: Mapping[str, object]) -> object:
    """Enough of an expression language for these tests: `name = "text"` and a bare name."""
    left, _, right = text.partition("=")
    value = scope.get(left.strip())
    return value == json.loads(right) if right else value


def form(*components: Mapping[str, Any], **more: Any) -> TaskForm:
    schema = parse_form(json.dumps({"id": "f", "components": list(components), **more}))
    return TaskForm(schema, evaluate=evaluate, today=TODAY, references=lambda kind: (Option(f"{kind} 1", "r1"),))


def typed(**values: str | list[str]) -> dict[str, list[str]]:
    return {f"v:{quote(key, safe=':')}": [value] if isinstance(value, str) else value for key, value in values.items()}


TEXT = {"type": "textfield", "key": "title", "label": "Title"}
BUDGET = {"type": "number", "key": "budget", "label": "Budget", "decimalDigits": 2, "validate": {"min": 0}}
DATE = {"type": "datetime", "subtype": "date", "key": "meeting", "dateLabel": "Meeting"}


@pytest.mark.parametrize("key", ["len", "typename", "ลำดับ", "a b", "a:day", "class", "v:x", "__class__"])
def test_any_key_is_allowed_and_comes_back_as_it_is(key: str) -> None:
    bound = form({**TEXT, "key": key}).submit({}, {f"v:{quote(key, safe='')}": ["ค่า"]})

    assert bound.values == {key: "ค่า"}


def test_only_declared_fields_are_handed_over() -> None:
    bound = form(TEXT).submit({}, {**typed(title="a", approved="true"), "actor": ["x"]})

    assert bound.values == {"title": "a"}


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", "0"), ("1,250.50", "1250.50"), ("๑,๒๕๐.5", "1250.5"), (" 2 000 ", "2000"), ("4.90", "4.90")],
)
def test_numbers_are_exact_decimals_in_either_digits(text: str, number: str) -> None:
    bound = form(BUDGET).submit({}, typed(budget=text))

    assert bound.values["budget"] == Decimal(number)
    assert isinstance(bound.values["budget"], Decimal)


@pytest.mark.parametrize("text", ["abc", "1.2.3", "1e5", "--1", "1" * 40, "1.234", "-1", "NaN", "Infinity"])
def test_what_is_not_such_a_number_is_refused_and_shown_again_as_typed(text: str) -> None:
    bound = form(BUDGET).submit({}, typed(budget=text))

    assert [error.html_id for error in bound.errors] == ["field-1"]
    assert bound.controls[0].value() == text
    assert bound.values == {}


def test_a_date_is_day_month_and_buddhist_year() -> None:
    bound = form(DATE).submit({}, typed(**{"meeting:day": "๒๒", "meeting:month": "11", "meeting:year": "2569"}))

    assert bound.values == {"meeting": dt.date(2026, 11, 22)}


@pytest.mark.parametrize(
    ("day", "month", "year", "says"),
    [
        ("22", "11", "2026", "2026 is 2569"),
        ("31", "2", "2569", "does not exist"),
        ("22", "", "2569", "still needs: month"),
        ("22", "11", "69", "four digits"),
        ("x", "11", "2569", "must be a date"),
    ],
)
def test_a_wrong_date_is_explained(day: str, month: str, year: str, says: str) -> None:
    bound = form(DATE).submit({}, typed(**{"meeting:day": day, "meeting:month": month, "meeting:year": year}))

    assert says in bound.errors[0].message
    assert bound.errors[0].html_id == "field-1-day"
    assert bound.controls[0].value("day") == day


def test_a_leap_day_follows_the_gregorian_year() -> None:
    bound = form(DATE).submit({}, typed(**{"meeting:day": "29", "meeting:month": "2", "meeting:year": "2571"}))

    assert bound.values == {"meeting": dt.date(2028, 2, 29)}


def test_a_moment_is_in_bangkoks_time() -> None:
    moment = form({**DATE, "subtype": "datetime"})
    parts = {"meeting:day": "1", "meeting:month": "12", "meeting:year": "2569", "meeting:time": "9.30"}

    bound = moment.submit({}, typed(**parts))

    assert bound.values["meeting"] == dt.datetime(2026, 12, 1, 2, 30, tzinfo=dt.UTC)


def test_a_past_day_is_refused_where_the_form_says_so() -> None:
    strict = form({**DATE, "disallowPassedDates": True})

    bound = strict.submit({}, typed(**{"meeting:day": "23", "meeting:month": "11", "meeting:year": "2569"}))

    assert "today or later" in bound.errors[0].message


def test_a_stored_value_is_shown_and_survives_a_submission_unchanged() -> None:
    whole = form(TEXT, BUDGET, DATE, {"type": "checkbox", "key": "done", "label": "Done"})
    known = {"title": "แผน", "budget": Decimal("4.90"), "meeting": dt.date(2026, 11, 22), "done": True}
    opened = whole.open(known)

    again = whole.submit(known, {name: list(v) for control in opened.walk() for name, v in control.shown.items()})

    assert again.values == known


def test_required_says_what_is_missing_in_the_order_of_the_page() -> None:
    need = {"required": True}
    bound = form({**TEXT, "validate": need}, {**BUDGET, "validate": need}, {**DATE, "validate": need}).submit({}, {})

    assert [error.message for error in bound.errors] == ["Enter Title.", "Enter Budget.", "Enter Meeting."]


def test_zero_is_a_value_and_not_missing() -> None:
    bound = form({**BUDGET, "validate": {"required": True}}).submit({}, typed(budget="0"))

    assert bound.values == {"budget": Decimal(0)}


def test_an_emptied_field_hands_over_none() -> None:
    bound = form(TEXT).submit({"title": "old"}, typed(title="  "))

    assert bound.values == {"title": None}


SECTORS = [{"label": "รัฐ", "value": "gov"}, {"label": "เอกชน", "value": "private"}]


def test_a_choice_outside_the_list_is_refused() -> None:
    bound = form({"type": "select", "key": "sector", "label": "Sector", "values": SECTORS}).submit(
        {}, typed(sector="x")
    )

    assert bound.errors


def test_a_checklist_keeps_the_order_of_the_list() -> None:
    bound = form({"type": "checklist", "key": "s", "label": "S", "values": SECTORS}).submit(
        {}, typed(s=["private", "gov"])
    )

    assert bound.values == {"s": ["gov", "private"]}


def test_options_come_from_a_variable_and_keep_their_type() -> None:
    choice = form({"type": "radio", "key": "n", "label": "N", "valuesKey": "items"})

    bound = choice.submit({"items": [{"label": "one", "value": 1}, {"label": "zero", "value": 0}]}, typed(n="0"))

    assert bound.values == {"n": 0}


def test_references_come_from_the_room_that_knows_them() -> None:
    bound = form({**TEXT, "key": "edition", "saanphaen": {"reference": "edition"}}).submit({}, typed(edition="r1"))

    assert bound.values == {"edition": "r1"}


HIDDEN = {
    **TEXT,
    "key": "why",
    "label": "Why",
    "conditional": {"hide": '= title = "a"'},
    "validate": {"required": True},
}


def test_a_hidden_field_is_neither_asked_for_nor_handed_over() -> None:
    hides = form(TEXT, HIDDEN)

    assert hides.submit({}, typed(title="a", why="x")).values == {"title": "a"}
    assert hides.submit({}, typed(title="b")).errors
    assert hides.open({"title": "a"}).hidden_boxes == ["box-2"]


def test_a_hidden_group_hides_what_is_in_it() -> None:
    group = {
        "type": "group",
        "label": "G",
        "components": [HIDDEN | {"conditional": {}}],
        "conditional": {"hide": '=title="a"'},
    }

    bound = form(TEXT, group).submit({}, typed(title="a"))

    assert bound.values == {"title": "a"}
    assert bound.hidden_boxes == ["box-2", "box-3"]


OUTCOME = {
    "type": "radio",
    "key": "outcome",
    "label": "Decision",
    "values": [{"label": "เห็นชอบ", "value": "approve"}, {"label": "ส่งกลับแก้ไข", "value": "return"}],
    "saanphaen": {"role": "outcome", "reason": "comment", "reasonRequiredFor": ["return"]},
}
COMMENT = {"type": "textarea", "key": "comment", "label": "Reason"}


def test_an_outcome_is_needed_and_its_reason_where_the_form_says() -> None:
    decide = form(COMMENT, OUTCOME)

    assert [error.message for error in decide.submit({}, {}).errors] == ["Choose what you decide."]
    assert [error.message for error in decide.submit({}, typed(outcome="return")).errors] == ["Enter Reason."]
    approved = decide.submit({}, typed(outcome="approve"))
    assert approved.values == {"comment": None, "outcome": "approve"}
    assert approved.outcome is not None
    assert approved.outcome.value == "approve"


def test_text_is_stored_clean_but_otherwise_as_typed() -> None:
    bound = form({**TEXT, "type": "textarea"}).submit({}, typed(title="  ส\u0e4d\u0e32นักงาน\r\nบรรทัดสอง\x00 "))

    assert bound.values == {"title": "สำนักงาน\nบรรทัดสอง"}


def test_a_date_in_a_text_is_read_in_the_buddhist_era() -> None:
    bound = form({"type": "text", "text": "Meeting on {{meeting}}"}).open({"meeting": dt.date(2026, 12, 4)})

    assert bound.controls[0].text == "Meeting on 4 December 2569"


def test_a_record_made_beside_the_form_is_chosen_over_what_was_typed_and_nothing_else_changes() -> None:
    edition = {**TEXT, "key": "edition", "saanphaen": {"reference": "edition"}}

    bound = form(edition, TEXT).open({}, typed(edition="r0", title="a"), chosen={"edition": "r1"})

    assert [control.value() for control in bound.controls] == ["r1", "a"]


def test_lengths_and_patterns_are_checked() -> None:
    rules = {"minLength": 3, "maxLength": 5, "pattern": "[A-Z]+"}
    coded = form({**TEXT, "validate": rules})

    assert coded.submit({}, typed(title="AB")).errors
    assert coded.submit({}, typed(title="ABCDEF")).errors
    assert coded.submit({}, typed(title="abcd")).errors
    assert coded.submit({}, typed(title="ABCD")).values == {"title": "ABCD"}


@pytest.mark.parametrize("pattern", ["(a+)+", "(a|a)*b", r"(a)\1", "(?=a)a", "a*b*c*d*", "x" * 300, "["])
def test_a_pattern_that_could_run_away_is_refused_with_the_form(pattern: str) -> None:
    with pytest.raises(FormSchemaError):
        form({**TEXT, "validate": {"pattern": pattern}})


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b'{"components": 3}',
        json.dumps({"components": [{"type": "iframe", "key": "x"}]}),
        json.dumps({"components": [{"type": "textfield"}]}),
        json.dumps({"components": [TEXT, TEXT]}),
        json.dumps({"components": [OUTCOME, {**OUTCOME, "key": "second"}]}),
        json.dumps({"components": [TEXT] * 500}),
    ],
)
def test_what_the_subset_does_not_have_is_refused_by_name(content: bytes | str) -> None:
    with pytest.raises(FormSchemaError, match="Expected"):
        parse_form(content)


def test_a_draft_keeps_only_what_belongs_to_the_form_exactly_as_typed() -> None:
    kept = form(TEXT, BUDGET).keep_declared({**typed(title=" a ", budget="12,", other="x"), "csrf_token": ["t"]})

    assert kept == {"v:title": [" a "], "v:budget": ["12,"]}


OPINIONS = {
    "type": "dynamiclist",
    "path": "opinions",
    "label": "Opinions",
    "components": [{**TEXT, "key": "who", "validate": {"required": True}}, BUDGET, {**DATE, "key": "said"}],
}


def test_a_list_hands_over_its_rows_typed_and_drops_empty_ones() -> None:
    rows = {
        "opinions:row": ["n0", "n3", "n4"],
        "opinions:n0:who": "ก",
        "opinions:n0:budget": "5",
        "opinions:n4:who": "ข",
    }

    bound = form(OPINIONS).submit({}, typed(**rows))

    assert bound.values == {
        "opinions": [{"who": "ก", "budget": Decimal(5), "said": None}, {"who": "ข", "budget": None, "said": None}]
    }


def test_an_error_in_a_row_leads_to_the_field_of_that_row() -> None:
    rows = {"opinions:row": ["n0", "n3"], "opinions:n0:who": "ก", "opinions:n3:budget": "x"}

    bound = form(OPINIONS).submit({}, typed(**rows))

    assert [error.html_id for error in bound.errors] == ["field-2-n3", "field-3-n3"]


def test_rows_of_a_source_can_neither_be_added_nor_changed_where_they_are_only_shown() -> None:
    fixed = {
        "type": "dynamiclist",
        "path": "results",
        "components": [
            {**TEXT, "key": "unit", "saanphaen": {"shown": True}},
            {**OUTCOME, "key": "verdict", "saanphaen": {}},
        ],
        "saanphaen": {"source": "= plans", "fixedRows": True, "keep": ["id"]},
    }
    known = {"plans": [{"unit": "TH-52", "id": 7}, {"unit": "TH-51", "id": 8}]}
    sent = {
        "results:row": ["n0", "s0", "s9"],
        "results:s0:unit": "TH-10",
        "results:s0:verdict": "approve",
        "results:s1:verdict": "return",
        "results:s9:verdict": "approve",
    }

    bound = form(fixed).submit(known, typed(**sent))

    assert bound.values == {
        "results": [
            {"id": 7, "unit": "TH-52", "verdict": "approve"},
            {"id": 8, "unit": "TH-51", "verdict": "return"},
        ]
    }


def test_a_list_shows_again_the_rows_that_were_typed() -> None:
    opened = form(OPINIONS).open({"opinions": [{"who": "ก", "budget": Decimal("4.9"), "said": dt.date(2026, 11, 22)}]})

    rows = opened.controls[0].children

    assert [row.row for row in rows] == ["s0"]
    assert [rows[0].children[0].value(), rows[0].children[1].value(), rows[0].children[2].value("year")] == [
        "ก",
        "4.9",
        "2569",
    ]


def test_a_draft_keeps_the_rows_of_a_list() -> None:
    sent = typed(**{"opinions:row": ["n0"], "opinions:n0:who": "ก", "opinionsx:n0:who": "no"})

    assert set(form(OPINIONS).keep_declared(sent)) == {"v:opinions:row", "v:opinions:n0:who"}
