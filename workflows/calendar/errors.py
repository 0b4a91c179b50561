"""What the calendar refuses, and why."""

from __future__ import annotations

from workflows.errors import DomainError


class PeriodTooLong(DomainError):
    """Expected a period that a calendar reaches, but it is too long."""

    code = "period_too_long"


class HolidayNotFound(DomainError):
    """Expected a holiday that is in force, but there is none with this number."""

    code = "holiday_not_found"


class HolidayRefused(DomainError):
    """Expected a holiday with a name that is not in the calendar yet, but it does not fit."""

    code = "holiday_refused"
