"""Due dates without a host's calendar: what ISO 8601 says, in the engine's zone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from engine.execution.calendar import IsoCalendar

BANGKOK = ZoneInfo("Asia/Bangkok")
NOW = dt.datetime(2026, 1, 31, 2, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("value", "due"),
    [
        ("2026-02-28", "2026-02-28T16:59:59+00:00"),
        (dt.date(2026, 2, 28), "2026-02-28T16:59:59+00:00"),
        ("2026-02-28T09:30:00", "2026-02-28T02:30:00+00:00"),
        ("2026-02-28T09:30:00+09:00", "2026-02-28T00:30:00+00:00"),
        (dt.datetime(2026, 2, 28, 9, 30, tzinfo=dt.UTC), "2026-02-28T09:30:00+00:00"),
        ("P5D", "2026-02-05T02:00:00+00:00"),
        (" PT90M ", "2026-01-31T03:30:00+00:00"),
        ("P1M", "2026-02-28T02:00:00+00:00"),
        (dt.timedelta(hours=1), "2026-01-31T03:00:00+00:00"),
    ],
    ids=str,
)
def test_a_due_date_is_a_moment(value: object, due: str) -> None:
    found = IsoCalendar(BANGKOK).resolve(None, value, now=NOW, variables={})

    assert found == dt.datetime.fromisoformat(due)


@pytest.mark.parametrize("value", ["tomorrow", "", "P", "2026-02-30", 5, ["P5D"], "P5X"], ids=repr)
def test_what_is_no_due_date_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        IsoCalendar(BANGKOK).resolve(None, value, now=NOW, variables={})
