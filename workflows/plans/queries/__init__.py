"""What pages read of plans: one plan, the board of a cycle, registers, and names for lists."""

from __future__ import annotations

from workflows.plans.queries.board import ACTIVE, Board, BoardCell, BoardRow, CellState, Standing, board, tally
from workflows.plans.queries.cycle import (
    CyclePage,
    CycleSummary,
    DueView,
    NextDue,
    ReissueView,
    UnitOfPage,
    cycle_page,
    cycles,
    next_dues,
)
from workflows.plans.queries.listing import Choices, PlanFilter, PlanList, PlanRow, WaitedFor, choices, list_plans
from workflows.plans.queries.names import SubjectName, edition_choices, file_choices, subjects
from workflows.plans.queries.path import StageView, StepView
from workflows.plans.queries.plan import PlanPage, PlanSummary, plan_page, plan_summaries
from workflows.plans.queries.registers import (
    ConsultationView,
    DecisionView,
    EditionView,
    FileView,
    InputView,
    ObservationView,
    OpinionView,
    OwedView,
    SectorCount,
    observations,
)

__all__ = [
    "ACTIVE",
    "Board",
    "BoardCell",
    "BoardRow",
    "CellState",
    "Choices",
    "ConsultationView",
    "CyclePage",
    "CycleSummary",
    "DecisionView",
    "DueView",
    "EditionView",
    "FileView",
    "InputView",
    "NextDue",
    "ObservationView",
    "OpinionView",
    "OwedView",
    "PlanFilter",
    "PlanList",
    "PlanPage",
    "PlanRow",
    "PlanSummary",
    "ReissueView",
    "SectorCount",
    "StageView",
    "Standing",
    "StepView",
    "SubjectName",
    "UnitOfPage",
    "WaitedFor",
    "board",
    "choices",
    "cycle_page",
    "cycles",
    "edition_choices",
    "file_choices",
    "list_plans",
    "next_dues",
    "observations",
    "plan_page",
    "plan_summaries",
    "subjects",
    "tally",
]
