"""The national review: bundles, an outcome per plan at each body, each plan told its own."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from tests.acceptance.story import LETTER, NESDC, Story
from workflows.plans import commands
from workflows.plans.models import Decision
from workflows.plans.queries import board, observations
from workflows.plans.queries.board import CellState
from workflows.plans.states import DocumentState


def decisions(story: Story, unit: str) -> list[tuple[str, str, int | None]]:
    with story.engine.reading() as read:
        found = read.session.scalars(
            select(Decision).where(Decision.document_id == story.document(unit).id).order_by(Decision.id)
        )
        return [(row.body, row.outcome, row.edition_number) for row in found]


def test_each_plan_is_told_its_own_outcome(story: Story) -> None:
    story.open_cycle("TH-50", "TH-52")
    for unit in ("TH-50", "TH-52"):
        story.to_review(unit)
        story.do("screen", {}, "approve", plan=unit)
    story.body("regional_review", "agree", TH_52={"decision": "return", "comment": "ปรับเป้าหมาย"})

    assert story.open("TH-52") == ["correct"]
    assert story.open("TH-50") == []
    assert story.document("TH-52").state == DocumentState.RETURNED
    story.body("policy_resolution", "agree")
    story.body("cabinet_resolution", "approve_with_observations", TH_50={"observations": "ระบุข้อมูลฐาน"})
    story.do("circulate", LETTER)

    assert story.open("TH-50") == ["announce"]
    with story.engine.reading() as read:
        assert [row.text for row in observations(read.session, "TH-50", only_open=True)] == ["ระบุข้อมูลฐาน"]
    assert decisions(story, "TH-50")[-1] == ("cabinet", "approve_with_observations", 1)


def test_a_returned_plan_comes_again_in_a_further_bundle(story: Story) -> None:
    story.open_cycle("TH-50", "TH-52")
    for unit in ("TH-50", "TH-52"):
        story.to_review(unit)
        story.do("screen", {}, "approve", plan=unit)
    story.body("regional_review", "agree", TH_52={"decision": "return", "comment": "ปรับเป้าหมาย"})
    story.body("policy_resolution", "agree")
    story.body("cabinet_resolution", "approve")
    story.do("circulate", LETTER)

    story.do("correct", {"edition": story.upload("TH-52"), "substance_changed": False}, unit="TH-52")
    story.do("sign_submission", LETTER, "sign", unit="TH-52")
    story.do("screen", {}, "approve", plan="TH-52")
    story.body("regional_review", "agree")
    story.body("policy_resolution", "agree")
    story.body("cabinet_resolution", "note")
    story.do("circulate", LETTER)

    assert story.open("TH-52") == ["announce"]
    assert decisions(story, "TH-52")[-1] == ("cabinet", "note", 2)


def test_a_plan_that_is_late_does_not_hold_up_the_bundle_and_is_named(story: Story) -> None:
    story.open_cycle("TH-50", "TH-52")
    story.to_review("TH-50")
    story.do("screen", {}, "approve", plan="TH-50")

    story.do("close_intake", {}, "close")

    region = story.task("regional_review").variables["region"]
    assert isinstance(region, dict)
    assert [str(name).split(" ")[0] for name in region["missing"]] == ["แผนพัฒนาจังหวัดลำปาง"]
    assert [row["unit"] for row in region["plans"]] == ["TH-50"]


def test_a_deferred_plan_comes_before_the_same_body_again(story: Story) -> None:
    story.open_cycle("TH-52")
    story.to_review("TH-52")
    story.do("screen", {}, "approve", plan="TH-52")

    story.body("regional_review", "defer", TH_52={"comment": "รอข้อมูล"})

    assert story.open("TH-52") == []
    assert "regional_review" in story.open()
    story.body("regional_review", "agree")
    assert "policy_resolution" in story.open()


def test_a_rejected_plan_ends(story: Story) -> None:
    story.open_cycle("TH-52")
    story.to_review("TH-52")
    story.do("screen", {}, "approve", plan="TH-52")

    story.body("regional_review", "reject", TH_52={"comment": "ไม่สอดคล้องกับเป้าหมายภาค"})

    assert story.document("TH-52").state == DocumentState.REJECTED
    plan = next(one for one in story.engine.instances(limit=100) if one.process_id == "provincial-plan")
    assert str(plan.state) == "completed"


def test_a_date_re_issued_after_it_has_passed_moves_open_tasks_and_keeps_the_original(story: Story) -> None:
    story.open_cycle("TH-52")
    story.to_committee("TH-52")
    story.do("committee_resolution", {"meeting_no": "1", "meeting_date": "2026-01-05"}, "approve", unit="TH-52")
    story.clock.advance(days=90)
    before = story.task("sign_submission", "TH-52").due_at
    assert before is not None
    assert before < story.clock.now()
    later = story.clock.now().date() + dt.timedelta(days=30)

    with story.engine.unit_of_work(NESDC) as uow:
        commands.reissue_due(uow, story.cycle, step="submission", due=later, reason="อุทกภัย", order_ref="มติ ครม.")

    after = story.task("sign_submission", "TH-52").due_at
    assert after is not None
    assert after > story.clock.now()
    with story.engine.reading() as read:
        cells = board(read.session, story.cycle, now=story.clock.now(), working_days=lambda *_: 5).rows[0].cells
    assert {cell.stage: cell.state for cell in cells}["committee"] is CellState.DONE
