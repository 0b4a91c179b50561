"""Answers that the domain cannot take are refused: the task stays open, nothing is stuck."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.acceptance.story import MEETING, Story
from workflows.errors import DomainError
from workflows.plans.errors import CalendarRefused, NoticeTooShort, PlanNotFound, ReasonRequired, ValueRefused
from workflows.plans.steps import usual_calendar


def refused(story: Story, error: type[DomainError], element: str, variables: dict[str, object], **options: str) -> None:
    with pytest.raises(error):
        story.do(element, variables, **options)
    assert element in story.open(options.get("unit"))
    assert story.engine.incidents() == []


def test_an_outcome_without_its_reason_is_refused(story: Story) -> None:
    story.open_cycle("TH-52")

    refused(story, ReasonRequired, "decide_review", MEETING, outcome="no_change", unit="TH-52")


def test_a_draft_must_name_an_edition_of_this_plan(story: Story) -> None:
    story.open_cycle("TH-52")
    story.to_draft("TH-52")

    refused(story, PlanNotFound, "draft", {"edition": 7, "substance_changed": False}, unit="TH-52")


def test_a_meeting_is_announced_in_time(story: Story) -> None:
    story.open_cycle("TH-52")
    story.to_draft("TH-52")
    story.do("draft", {"edition": story.upload("TH-52"), "substance_changed": True}, unit="TH-52")
    tomorrow = story.clock.now().date() + dt.timedelta(days=1)

    meeting = {"meeting_date": tomorrow, "place": "หอประชุม", "channel": "onsite", "invitations": []}
    refused(story, NoticeTooShort, "plan_meeting", meeting, unit="TH-52")


def test_each_plan_that_is_held_up_gets_its_reason(story: Story) -> None:
    story.open_cycle("TH-52")
    story.to_review("TH-52")
    story.do("screen", {}, "approve", plan="TH-52")

    for decision, error in (("return", ReasonRequired), ("perhaps", ValueRefused)):
        outcomes = [{"plan_key": story.key("TH-52"), "decision": decision}]
        refused(story, error, "regional_review", MEETING | {"outcomes": outcomes})


def test_a_calendar_needs_every_date(story: Story) -> None:
    story.cycle = story.begin_cycle(2570, "TH-52")
    first = usual_calendar(story.clock.now().date())[:-1]

    refused(story, CalendarRefused, "draft_criteria", {"basis": "มติ", "calendar": first})


def test_the_criteria_go_back_to_the_desk_that_drafted_them(story: Story) -> None:
    story.cycle = story.begin_cycle(2570, "TH-52")
    calendar = usual_calendar(story.clock.now().date())
    story.do("draft_criteria", {"basis": "มติ", "calendar": calendar})

    story.do("criteria_resolution", MEETING, "return", comment="ขยายเวลาเก็บข้อมูล")

    assert story.open() == ["draft_criteria"]
    story.do("draft_criteria", {"basis": "มติ", "calendar": calendar})
    story.do("criteria_resolution", MEETING, "approve")
    story.do("cabinet_criteria", MEETING, "return", comment="ปรับปฏิทิน")
    assert story.open() == ["draft_criteria"]
