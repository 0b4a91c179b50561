"""What the room of clocks refuses, and why."""

from __future__ import annotations

from workflows.errors import DomainError


class UnitRefused(DomainError):
    """Expected a period in working or calendar days, but it is in neither."""

    code = "unit_refused"
