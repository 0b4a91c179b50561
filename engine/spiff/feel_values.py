"""FEEL's own values in storage: durations of months, and ranges, which JSON has no word for."""

from __future__ import annotations

from typing import Any

from engine.codec import from_json, register, to_json
from engine.feel import Range, YearsMonthsDuration
from engine.feel.far import FarDate, FarMoment
from engine.feel.moments import read_date, read_date_time, show


def _encode_months(value: YearsMonthsDuration) -> int:
    return value.months


def _encode_range(value: Range) -> list[object]:
    return [to_json(value.start), to_json(value.end), value.start_included, value.end_included, value.sign]


def _decode_range(stored: Any) -> Range:
    start, end, start_included, end_included, sign = stored
    return Range(from_json(start), from_json(end), start_included, end_included, sign)


register(YearsMonthsDuration, "$months", _encode_months, YearsMonthsDuration)
register(Range, "$range", _encode_range, _decode_range)
register(FarDate, "$fardate", show, read_date)
register(FarMoment, "$farmoment", show, read_date_time)
