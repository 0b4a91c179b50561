"""Cron: the next moment that matches, on the clocks of the zone; against a search that tries every second or minute."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.spiff.cron import UnreadableCron, read_cron
from tests.support.bpmn import process
from tests.unit.spiff.driver import NOW, Driver

BANGKOK = ZoneInfo("Asia/Bangkok")
BERLIN = ZoneInfo("Europe/Berlin")
MOMENT = dt.datetime(2026, 1, 31, 9, 0, tzinfo=dt.UTC)  # a Saturday, 16:00 in Bangkok


def firings(text: str, count: int, zone: dt.tzinfo = BANGKOK, moment: dt.datetime = MOMENT) -> list[str]:
    found = []
    for _ in range(count):
        moment = read_cron(text).after(moment, zone)
        found.append(moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 0 9 * * MON-FRI", ["2026-02-02 09:00:00", "2026-02-03 09:00:00"]),
        ("0 0/30 16-17 * * *", ["2026-01-31 16:30:00", "2026-01-31 17:00:00"]),
        ("*/20 * * * * ?", ["2026-01-31 16:00:20", "2026-01-31 16:00:40"]),
        ("0 0 16 * * *", ["2026-02-01 16:00:00", "2026-02-02 16:00:00"]),
        ("0 0 0 L * *", ["2026-02-28 00:00:00", "2026-03-31 00:00:00"]),
        ("0 0 0 L-3 * *", ["2026-02-25 00:00:00", "2026-03-28 00:00:00"]),
        ("0 0 0 LW * *", ["2026-02-27 00:00:00", "2026-03-31 00:00:00"]),
        ("0 0 0 1W * *", ["2026-02-02 00:00:00", "2026-03-02 00:00:00"]),
        ("0 0 0 15W * *", ["2026-02-16 00:00:00", "2026-03-16 00:00:00"]),
        ("0 0 0 ? * FRIL", ["2026-02-27 00:00:00", "2026-03-27 00:00:00"]),
        ("0 0 0 ? * fri#2", ["2026-02-13 00:00:00", "2026-03-13 00:00:00"]),
        ("0 0 0 ? * 5#5", ["2026-05-29 00:00:00", "2026-07-31 00:00:00"]),
        ("0 0 0 13 * FRI", ["2026-02-13 00:00:00", "2026-03-13 00:00:00"]),
        ("0 0 0 29 2 *", ["2028-02-29 00:00:00", "2032-02-29 00:00:00"]),
        ("0 0 0 1 OCT-DEC/2 0,7", ["2028-10-01 00:00:00", "2030-12-01 00:00:00"]),
        ("@weekly", ["2026-02-01 00:00:00", "2026-02-08 00:00:00"]),
        ("@Yearly", ["2027-01-01 00:00:00", "2028-01-01 00:00:00"]),
    ],
)
def test_the_next_ones(text: str, expected: list[str]) -> None:
    assert firings(text, 2) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "@never", "* * * * *", "0 0 0 1 1 * 2026", "60 * * * * *", "0 0 24 * * *", "0 0 0 0 * *", "0 0 0 * 13 *",
        "0 0 0 * * 8", "0 0 0 * * FRI#6", "0 5-1 * * * *", "*/0 * * * * *", "0 0 0 32W * *", "? * * * * *", "a b c d e f",
    ],
)  # fmt: skip
def test_what_is_none(text: str) -> None:
    with pytest.raises(UnreadableCron):
        read_cron(text)


def test_a_day_that_never_comes() -> None:
    with pytest.raises(UnreadableCron, match="none ever comes"):
        read_cron("0 0 0 30 2 *").after(MOMENT, BANGKOK)


def test_clocks_that_are_put_forward_and_back() -> None:
    spring = dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC)
    assert firings("0 30 2 * * *", 2, BERLIN, spring) == ["2026-03-29 03:30:00", "2026-03-30 02:30:00"]
    autumn = dt.datetime(2026, 10, 24, 12, tzinfo=dt.UTC)
    assert firings("0 30 2 * * *", 2, BERLIN, autumn) == ["2026-10-25 02:30:00", "2026-10-26 02:30:00"]


FIELD = {
    "minute": st.sampled_from(["*", "0", "*/7", "5-50/15", "3,59"]),
    "hour": st.sampled_from(["*", "0", "8-17", "*/5", "23"]),
    "day": st.sampled_from(["*", "?", "1", "31", "10-20", "*/9", "29,30"]),
    "month": st.sampled_from(["*", "2", "JAN,JUL", "4-6", "*/5"]),
    "weekday": st.sampled_from(["*", "?", "MON-FRI", "0", "7", "SAT,2", "1-5/2"]),
}


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries(FIELD),
    st.integers(0, 3 * 366 * 86_400).map(lambda seconds: MOMENT + dt.timedelta(seconds=seconds)),
)
def test_nothing_that_matches_is_passed_over(fields: dict[str, str], moment: dt.datetime) -> None:
    """Compare with going on hour by hour, over the minutes of those that match, up to 400 days."""
    text = f"0 {fields['minute']} {fields['hour']} {fields['day']} {fields['month']} {fields['weekday']}"
    try:
        found = read_cron(text).after(moment, BANGKOK).astimezone(BANGKOK)
    except UnreadableCron:
        found = None
    sets = [_values(fields[name], *span) for name, span in SPANS.items()]
    hour = moment.astimezone(BANGKOK).replace(minute=0, second=0, microsecond=0)
    for _ in range(400 * 24):
        if (
            hour.hour in sets[1]
            and hour.day in sets[2]
            and hour.month in sets[3]
            and hour.isoweekday() % 7 in {day % 7 for day in sets[4]}
        ):
            later = [minute for minute in sorted(sets[0]) if hour.replace(minute=minute) > moment]
            if later:
                assert found == hour.replace(minute=later[0])
                return
        hour += dt.timedelta(hours=1)
    assert found is None or found >= hour


SPANS = {"minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "weekday": (0, 6)}
NAMES = {"JAN": "1", "JUL": "7", "MON": "1", "FRI": "5", "SAT": "6"}


def _values(field: str, lowest: int, highest: int) -> set[int]:
    for name, number in NAMES.items():
        field = field.replace(name, number)
    found: set[int] = set()
    for part in field.replace("?", "*").split(","):
        span, _, step = part.partition("/")
        first, _, last = (f"{lowest}-{highest}" if span == "*" else span).partition("-")
        found.update(range(int(first), int(last or first) + 1, int(step or 1)))
    return found


def test_a_timer_by_cron_fires_again_and_again_and_passes_over_the_missed() -> None:
    builder = process("p").start().user_task("host").end()
    builder.boundary("host", "nag", interrupting=False, cycle="0 0 9 * * MON-FRI").user_task("h").end("e2")
    run = Driver(builder)
    monday = dt.datetime(2026, 2, 2, 2, 0, tzinfo=dt.UTC)
    assert run.wait("nag").due_at == monday
    run.now = monday
    run.fire("nag")
    assert run.wait("nag").due_at == monday + dt.timedelta(days=1)
    run.now = monday + dt.timedelta(days=5)
    run.fire("nag")

    assert run.wait("nag").due_at == monday + dt.timedelta(days=7)
    assert run.waits.count("h") == 2
    assert monday > NOW
