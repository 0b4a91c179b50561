"""What the organisation refuses, and why."""

from __future__ import annotations

from workflows.errors import DomainError


class UnknownUnit(DomainError):
    """Expected the code of a unit, but there is none with it."""

    code = "unknown_unit"


class UnknownRole(DomainError):
    """Expected a role of the table of roles, but found another."""

    code = "unknown_role"


class UnknownPerson(DomainError):
    """Expected a person of the register, but there is none with this id."""

    code = "unknown_person"


class UnknownRecord(DomainError):
    """Expected a holding or an acting order that exists, but there is none with this number."""

    code = "unknown_record"


class PeriodRefused(DomainError):
    """Expected a period that ends after it begins, but it does not."""

    code = "period_refused"


class PositionTaken(DomainError):
    """Expected a position that is free in this period, but somebody holds it."""

    code = "position_taken"


class OrderRefused(DomainError):
    """Expected an acting order that can take effect, but it does not fit."""

    code = "order_refused"
