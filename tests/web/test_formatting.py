"""Dates in the Buddhist era, lateness in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import Babel

from web import formatting
from web.formatting import Urgency

NOW = dt.datetime(2026, 11, 24, 2, 30, tzinfo=dt.UTC)  # Tuesday 09:30 in Bangkok
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    app = Flask(__name__)
    Babel(app, default_locale="th")
    with app.test_request_context():
        yield


def test_dates_are_in_the_buddhist_era() -> None:
    day = dt.date(2026, 11, 22)

    assert formatting.short_date(day) == "22 พ.ย. 69"
    assert formatting.long_date(day) == "22 พฤศจิกายน 2569"
    assert formatting.weekday_date(day) == "วันอาทิตย์ที่ 22 พฤศจิกายน 2569"
    assert formatting.fiscal_year(dt.date(2026, 9, 30)) == 2569
    assert formatting.fiscal_year(dt.date(2026, 10, 1)) == 2570


def test_a_moment_belongs_to_bangkoks_day() -> None:
    late_in_utc = dt.datetime(2026, 11, 22, 18, 0, tzinfo=dt.UTC)

    assert formatting.short_date(late_in_utc) == "23 พ.ย. 69"
    assert formatting.clock_time(late_in_utc) == "01:00 น."


@pytest.mark.parametrize(
    ("due", "group"),
    [
        (NOW - HOUR, Urgency.OVERDUE),
        (NOW, Urgency.OVERDUE),
        (NOW + HOUR, Urgency.TODAY),
        (NOW + 14 * HOUR, Urgency.TODAY),
        (NOW + 15 * HOUR, Urgency.THIS_WEEK),
        (NOW + 5 * DAY, Urgency.THIS_WEEK),
        (NOW + 6 * DAY, Urgency.LATER),
        (None, Urgency.LATER),
    ],
)
def test_urgency_changes_at_bangkoks_midnight_and_on_sunday_night(due: dt.datetime | None, group: Urgency) -> None:
    assert formatting.urgency(due, NOW) is group


@pytest.mark.parametrize(
    ("due", "days", "kind"),
    [
        (NOW - 4 * DAY, 2, "late"),
        (NOW + HOUR, 0, "due"),
        (NOW + DAY, 1, "due"),
        (NOW + 9 * DAY, 7, "plain"),
        (None, None, "plain"),
    ],
)
def test_a_chip_says_by_words_what_its_colour_says(due: dt.datetime | None, days: int | None, kind: str) -> None:
    chip = formatting.due_chip(due, NOW, days)

    assert chip.kind == kind
    assert chip.text
    assert chip.icon


def test_numbers_keep_their_decimals() -> None:
    assert formatting.number(Decimal("1250.50")) == "1,250.50"
    assert formatting.number(Decimal(0)) == "0"
    assert formatting.number(None) == "–"
    assert formatting.thai_digits("2569") == "๒๕๖๙"


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("https://lampang.go.th/แผน?ปี=2570#1", "https://lampang.go.th/แผน?ปี=2570#1"),
        (" http://lampang.go.th ", "http://lampang.go.th"),
        ("www.lampang.go.th/plan", "https://www.lampang.go.th/plan"),
        ("ลำปาง.ไทย", "https://ลำปาง.ไทย"),
        ("javascript:alert(1)", ""),
        ("JaVaScRiPt:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("data:text/html,<script>", ""),
        ("vbscript:x", ""),
        ("file:///etc/passwd", ""),
        ("//evil.example/x", ""),
        ("/tasks", ""),
        ("http://", ""),
        ("https://a b", ""),
        ("http://a\\b", ""),
        ("http://[bad", ""),
        ("ดูที่ห้องประชุม", ""),
        ("", ""),
    ],
)
def test_a_link_leads_to_the_web_or_nowhere(typed: str, address: str) -> None:
    assert formatting.web_address(typed) == address
