"""What the pages read: where a plan stands, since when, with whom, what comes next; the board of a cycle."""

from __future__ import annotations

from engine import find_subjects
from tests.acceptance.conftest import days_between
from tests.acceptance.story import MEETING, Story
from workflows.plans.queries import (
    board,
    cycle_page,
    cycles,
    edition_choices,
    plan_page,
    plan_summaries,
    subjects,
)
from workflows.plans.queries.board import CellState
from workflows.plans.queries.path import StageState


def test_a_plan_page_says_where_it_stands_with_whom_and_what_comes_next(story: Story) -> None:
    story.open_cycle("TH-52")
    story.to_committee("TH-52")
    story.clock.advance(days=1)

    with story.engine.reading() as read:
        page = plan_page(read.session, story.key("TH-52"), now=story.clock.now(), working_days=days_between)

    (waiting,) = [step for step in page.waiting if step.stage == "committee"]
    assert waiting.groups == ("province_committee@TH-52",)
    assert waiting.working_days_left > 0
    states = {stage.code: stage.state for stage in page.stages}
    assert states["draft"] is StageState.DONE
    assert states["consultation"] is StageState.SKIPPED
    assert states["committee"] is StageState.CURRENT
    assert page.next_stage is not None
    assert page.next_stage.code == "submission"
    assert [(edition.number, edition.state) for edition in page.editions] == [(1, "draft")]


def test_the_board_tells_late_from_on_time_by_working_days(story: Story) -> None:
    story.open_cycle("TH-50", "TH-52")
    story.to_draft("TH-50")
    story.clock.advance(days=12)

    with story.engine.reading() as read:
        found = board(read.session, story.cycle, now=story.clock.now(), working_days=days_between)

    cells = {row.unit: {cell.stage: (cell.state, cell.working_days) for cell in row.cells} for row in found.rows}
    assert cells["TH-52"]["review_decision"] == (CellState.LATE, 5)
    assert cells["TH-50"]["review_decision"] == (CellState.DONE, 0)
    assert cells["TH-50"]["draft"][0] is CellState.ON_TIME
    assert cells["TH-50"]["consolidate"][0] is CellState.NONE
    assert {row.unit: row.worst for row in found.rows} == {"TH-50": 0, "TH-52": 5}


def test_the_board_can_be_cut_to_a_cluster(story: Story) -> None:
    story.open_cycle("NU1", "TH-50", "TH-52")

    with story.engine.reading() as read:
        of_cluster = board(read.session, story.cycle, now=story.clock.now(), working_days=days_between, cluster="NU1")
        elsewhere = board(read.session, story.cycle, now=story.clock.now(), working_days=days_between, region="SOUTH")

    assert [row.unit for row in of_cluster.rows] == ["NU1", "TH-50", "TH-52"]
    assert elsewhere.rows == ()


def test_lists_and_names_lead_to_the_plan(story: Story) -> None:
    story.open_cycle("TH-52")
    story.upload("TH-52")

    with story.engine.reading() as read:
        session = read.session
        assert [cycle.code for cycle in cycles(session)] == [story.cycle]
        assert [plan.plan_key for plan in plan_summaries(session, units=["TH-52"])] == [story.key("TH-52")]
        assert subjects(session, [story.key("TH-52"), "unknown"])[story.key("TH-52")].unit == "จังหวัดลำปาง"
        assert list(session.scalars(find_subjects(session.connection(), "ลำปาง"))) == [story.key("TH-52")]
        assert [number for number, _words in edition_choices(session, story.key("TH-52"))] == [1]
        page = cycle_page(session, story.cycle, now=story.clock.now(), working_days=days_between)
    assert [decision.body for decision in page.decisions] == ["policy_committee", "cabinet"]
    assert page.circular_number == "ว 1"


def test_a_review_that_changes_nothing_leaves_no_stage_half_done(story: Story) -> None:
    story.open_cycle("TH-52")
    story.do("decide_review", MEETING, "no_change", unit="TH-52", comment="ไม่มีเหตุ")

    with story.engine.reading() as read:
        page = plan_page(read.session, story.key("TH-52"), now=story.clock.now(), working_days=days_between)

    assert [step.element_id for step in page.waiting] == ["sign_unchanged"]
