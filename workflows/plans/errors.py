"""What the room of plans refuses, and why."""

from __future__ import annotations

from workflows.errors import DomainError


class PlanNotFound(DomainError):
    """Expected a plan, cycle, edition or file that exists, but there is none."""

    code = "plan_not_found"


class CycleRefused(DomainError):
    """Expected a cycle that can be opened, but its settings do not fit."""

    code = "cycle_refused"


class CalendarRefused(DomainError):
    """Expected a due date for every step of the calendar, but some are missing or wrong."""

    code = "calendar_refused"


class EditionFrozen(DomainError):
    """Expected a draft, but the edition was submitted or decided and does not change any more; make a new one."""

    code = "edition_frozen"


class PlanClosed(DomainError):
    """Expected a plan that is being worked on, but it was published, kept unchanged or rejected."""

    code = "plan_closed"


class ReasonRequired(DomainError):
    """Expected a reason for this outcome, but there is none."""

    code = "reason_required"


class ProofRequired(DomainError):
    """Expected the proof that an observation was answered, but there is none."""

    code = "proof_required"


class ObservationClosed(DomainError):
    """Expected an open remark, but somebody has closed it; the first proof stands."""

    code = "observation_closed"


class ValueRefused(DomainError):
    """Expected a value of the planning domain, but got something else."""

    code = "value_refused"


class NoticeTooShort(DomainError):
    """Expected the meeting to be announced in time, but the notice is shorter than the setting asks."""

    code = "notice_too_short"
