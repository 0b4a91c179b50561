"""The codes of the planning domain: kinds, states, outcomes, and what may follow what."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class CycleKind(StrEnum):
    """What a cycle makes."""

    NEW_PLAN = "new_plan"  # a new five-year plan
    REVISION = "revision"  # the yearly revised edition, ฉบับทบทวน


class CycleState(StrEnum):
    """Life of a cycle."""

    PREPARING = "preparing"
    ISSUED = "issued"
    CLOSED = "closed"


class Level(StrEnum):
    """Whose plan it is."""

    PROVINCE = "province"
    CLUSTER = "cluster"


class DocumentState(StrEnum):
    """Where a plan stands, in one word."""

    PLANNED = "planned"
    DRAFTING = "drafting"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    ANNOUNCED = "announced"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


FINAL_STATES: Final = frozenset({DocumentState.ANNOUNCED, DocumentState.UNCHANGED, DocumentState.REJECTED})


class EditionState(StrEnum):
    """Life of an edition: files may be added to a draft only; a decided edition never changes again."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    DECIDED = "decided"


class ReviewStage(StrEnum):
    """How far a plan came in the national review."""

    AWAITED = "awaited"
    ARRIVED = "arrived"
    SCREENED = "screened"
    REGIONAL = "regional"
    POLICY = "policy"
    FINAL = "final"


class Body(StrEnum):
    """Who decides."""

    PROVINCE_COMMITTEE = "province_committee"
    CLUSTER_COMMITTEE = "cluster_committee"
    GOVERNOR = "governor"
    CLUSTER_HEAD = "cluster_head"
    CENTRAL_TEAM = "central_team"
    REGIONAL_SUBCOMMITTEE = "regional_subcommittee"
    POLICY_COMMITTEE = "policy_committee"
    CABINET = "cabinet"


class Outcome(StrEnum):
    """The verbs of resolutions."""

    APPROVE = "approve"
    APPROVE_WITH_OBSERVATIONS = "approve_with_observations"
    AGREE = "agree"
    AGREE_IN_PRINCIPLE = "agree_in_principle"
    NOTE = "note"
    RETURN = "return"
    REJECT = "reject"
    DEFER = "defer"
    REVISE = "revise"
    NO_CHANGE = "no_change"
    SIGN = "sign"


FORWARD: Final = frozenset(
    {Outcome.APPROVE, Outcome.APPROVE_WITH_OBSERVATIONS, Outcome.AGREE, Outcome.AGREE_IN_PRINCIPLE, Outcome.NOTE}
)
NEEDS_REASON: Final = frozenset({Outcome.RETURN, Outcome.REJECT, Outcome.DEFER, Outcome.NO_CHANGE})


class Subject(StrEnum):
    """What a decision is about."""

    PLAN = "plan"
    REVIEW = "review"  # revise or no change
    CRITERIA = "criteria"


class Sector(StrEnum):
    """Who takes part in a consultation."""

    CENTRAL = "central"
    REGIONAL = "regional"
    LOCAL = "local"
    STATE = "state"
    CIVIL = "civil"
    BUSINESS = "business"
    CITIZEN = "citizen"


class Presence(StrEnum):
    """Whether an invited one came."""

    ATTENDED = "attended"
    REPRESENTED = "represented"
    ABSENT = "absent"


class Disposition(StrEnum):
    """What became of an opinion."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    DECLINED = "declined"


class ObservationState(StrEnum):
    """Life of a remark of a reviewing body."""

    OPEN = "open"
    CLOSED = "closed"


class InputState(StrEnum):
    """What became of a province's input to the cluster plan."""

    RECEIVED = "received"
    ADDENDUM = "addendum"  # after the cut-off, not yet considered
    ACCEPTED = "accepted"
    CARRIED_OVER = "carried_over"


class FileRole(StrEnum):
    """What a file is in the submission package."""

    PLAN = "plan"
    FORMS = "forms"
    MINUTES = "minutes"
    SURVEY = "survey"
    ATTACHMENT = "attachment"


class StepState(StrEnum):
    """Life of one task as the plan's path shows it."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"
