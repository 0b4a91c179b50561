"""The path of a provincial plan: straight through, sent back, kept unchanged."""

from __future__ import annotations

from tests.acceptance.story import LETTER, MEETING, Story
from workflows.plans.states import DocumentState, FileRole


def test_a_revised_edition_goes_from_the_circular_to_its_announcement(story: Story) -> None:
    story.open_cycle("TH-52")
    story.to_draft("TH-52")
    story.do("draft", {"edition": story.upload("TH-52"), "substance_changed": True}, unit="TH-52")
    story.consult("TH-52", disposition="accepted")
    story.do("committee_resolution", MEETING, "approve", unit="TH-52")
    story.do("sign_submission", LETTER, "sign", unit="TH-52")

    story.do("screen", {}, "approve", plan="TH-52")
    story.body("regional_review", "agree")
    story.body("policy_resolution", "agree")
    story.body("cabinet_resolution", "approve")
    story.do("circulate", LETTER)
    assert story.document("TH-52").state == DocumentState.APPROVED
    story.do("announce", {"announced_on": "2026-09-01", "url": "https://example.go.th", "notified": True}, unit="TH-52")

    assert story.document("TH-52").state == DocumentState.ANNOUNCED
    assert {str(instance.state) for instance in story.engine.instances(limit=100)} == {"completed"}
    assert story.engine.verify_audit().verified


def test_no_change_is_a_valid_decision_that_ends_at_the_national_office(story: Story) -> None:
    story.open_cycle("TH-52")

    story.do("decide_review", MEETING, "no_change", unit="TH-52", comment="ไม่มีเหตุกระทบการบรรลุเป้าหมาย")
    story.do("sign_unchanged", LETTER, unit="TH-52")

    assert story.document("TH-52").state == DocumentState.UNCHANGED
    assert story.document("TH-52").review_stage == "final"
    assert {str(instance.state) for instance in story.engine.instances(limit=100)} == {"completed"}


def test_the_committee_sends_a_draft_back_and_defers_before_it_approves(story: Story) -> None:
    story.open_cycle("TH-52")
    story.to_committee("TH-52")

    story.do("committee_resolution", MEETING, "defer", unit="TH-52", comment="ไม่ครบองค์ประชุม")
    story.do("committee_resolution", MEETING, "return", unit="TH-52", comment="ตัวชี้วัดไม่มีข้อมูลฐาน")
    story.do("amend", {"edition": story.upload("TH-52"), "substance_changed": False}, unit="TH-52")
    story.do("committee_resolution", MEETING, "approve", unit="TH-52")

    assert story.open("TH-52") == ["sign_submission"]


def test_an_amendment_that_changes_the_substance_is_consulted_again(story: Story) -> None:
    story.open_cycle("TH-52")
    story.to_committee("TH-52")
    story.do("committee_resolution", MEETING, "return", unit="TH-52", comment="ปรับเป้าหมาย")

    story.do("amend", {"edition": story.upload("TH-52"), "substance_changed": True}, unit="TH-52")

    assert story.open("TH-52") == ["plan_meeting"]
    story.consult("TH-52")
    assert story.open("TH-52") == ["committee_resolution"]


def test_the_governor_may_return_what_the_committee_approved(story: Story) -> None:
    story.open_cycle("TH-52")
    story.to_committee("TH-52")
    story.do("committee_resolution", MEETING, "approve", unit="TH-52")

    story.do("sign_submission", {}, "return", unit="TH-52", comment="แก้บทนำ")

    assert story.open("TH-52") == ["amend"]


def test_a_package_without_the_plan_itself_goes_back_to_the_drafters(story: Story) -> None:
    story.open_cycle("TH-52")
    story.to_draft("TH-52")
    story.do("draft", {"edition": story.upload("TH-52", FileRole.FORMS), "substance_changed": False}, unit="TH-52")
    story.do("committee_resolution", MEETING, "approve", unit="TH-52")

    story.do("sign_submission", LETTER, "sign", unit="TH-52")

    assert story.open("TH-52") == ["amend"]
    assert story.document("TH-52").submitted_at is None


def test_what_the_central_team_sends_back_is_corrected_signed_and_screened_again(story: Story) -> None:
    story.open_cycle("TH-52")
    story.to_review("TH-52")

    story.do("screen", {}, "return", plan="TH-52", comment="ขาดข้อมูลเปรียบเทียบ")
    assert story.document("TH-52").state == DocumentState.RETURNED
    story.do("correct", {"edition": story.upload("TH-52"), "substance_changed": False}, unit="TH-52")
    story.do("sign_submission", LETTER, "sign", unit="TH-52")

    arrival = story.task("screen", plan="TH-52").variables["arrival"]
    assert isinstance(arrival, dict)
    assert arrival["edition"] == 2
