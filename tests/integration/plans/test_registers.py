"""Consultations and cluster inputs: everyone is named, every opinion answered, late ones block nobody."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from tests.integration.plans.conftest import NOW, PLANNER
from workflows.plans import consultations, inputs
from workflows.plans.errors import PlanNotFound, ReasonRequired
from workflows.plans.models import Consultation, Cycle, Document
from workflows.plans.queries.registers import consultations_of, inputs_to, owed_to

MEETING = {
    "date": dt.date(2025, 7, 22),
    "place": "หอประชุมจังหวัด",
    "channel": "onsite",
    "invitations": [
        {"sector": "regional", "name": "สำนักงานเกษตรจังหวัดลำปาง"},
        {"sector": "business", "name": "หอการค้าจังหวัดลำปาง"},
    ],
}


@pytest.fixture
def consultation(session: Session, lampang: Document) -> Consultation:
    opened = Consultation(
        document_id=lampang.id, round=1, place="", channel="", letter_number="", summary="", opened_at=NOW
    )
    session.add(opened)
    session.flush()
    consultations.invite(session, opened, MEETING, {"document_number": "ลป 1"}, known=[], now=NOW)
    return opened


def test_attendance_is_counted_by_sector(session: Session, lampang: Document, consultation: Consultation) -> None:
    invited = consultations.invitations_of(session, consultation)
    consultations.keep_minutes(
        session,
        consultation,
        {
            "held_on": "2025-07-22",
            "attendance": [{"id": invited[0].id, "status": "represented"}, {"id": invited[1].id, "status": "absent"}],
            "opinions": [],
        },
        now=NOW,
    )

    (view,) = consultations_of(session, lampang)

    assert [(row.sector, row.invited, row.came) for row in view.sectors] == [("regional", 1, 1), ("business", 1, 0)]


def test_every_opinion_gets_an_answer_with_a_reason(
    session: Session, lampang: Document, consultation: Consultation
) -> None:
    rows = [
        {"sector": "civil", "on_what": "ตัวชี้วัดที่ 2", "text": "ขอข้อมูลฐาน"},
        {"sector": "business", "on_what": "โครงการ 5", "text": "ขอเพิ่มพื้นที่"},
    ]
    consultations.keep_opinions(session, consultation, rows, channel="before", now=NOW)
    first, second = consultations.opinions_of(session, consultation)
    answers = [{"id": first.id, "disposition": "accepted", "reason": "เพิ่มแล้วในบทที่ 2"}]

    with pytest.raises(ReasonRequired):
        consultations.keep_answers(session, consultation, answers, actor=PLANNER, now=NOW)
    answers.append({"id": second.id, "disposition": "declined", "reason": "เกินกรอบวงเงิน"})
    must_amend = consultations.keep_answers(session, consultation, answers, actor=PLANNER, now=NOW)

    assert must_amend
    assert {row.disposition for row in consultations_of(session, lampang)[0].opinions} == {"accepted", "declined"}


def test_agencies_that_have_not_answered_are_named_first(session: Session, lampang: Document) -> None:
    asked = [
        {"unit": "A1", "role": "agency", "name": "สำนักงานเกษตรจังหวัดลำปาง"},
        {"unit": "A2", "role": "agency", "name": "สำนักงานสถิติจังหวัดลำปาง"},
    ]
    inputs.ask_for_data(session, lampang, asked)
    inputs.keep_return(session, lampang, "A1", {"summary": "ครบ", "source": "2568"}, actor=PLANNER, now=NOW)

    assert [(row.unit, row.returned_at) for row in owed_to(session, lampang)] == [("A2", None), ("A1", NOW)]
    with pytest.raises(PlanNotFound):
        inputs.keep_return(session, lampang, "A9", {}, actor=PLANNER, now=NOW)


def test_a_missing_member_is_named_and_its_late_input_becomes_an_addendum(
    session: Session, cycle: Cycle, plans: dict[str, Document]
) -> None:
    cluster = plans["NU1"]
    given = {"projects": "ถนนเชื่อมสองจังหวัด", "summary": "ประโยชน์ร่วม"}
    on_time = inputs.submit_input(session, cycle, plans["TH-50"], given, actor=PLANNER, now=NOW)

    closed = inputs.close_inputs(session, cycle, cluster, now=NOW)
    late = inputs.submit_input(session, cycle, plans["TH-52"], given, actor=PLANNER, now=NOW + dt.timedelta(days=90))

    assert (on_time["late"], late["late"]) == (False, True)
    assert closed["missing"] == [{"unit": "TH-52", "name": "ลำปาง"}]
    inputs.settle_addendum(session, cluster, {"province": "TH-52", "outcome": "accept", "comment": ""})
    assert {(row.province, row.state, row.late) for row in inputs_to(session, cluster)} == {
        ("TH-50", "received", False),
        ("TH-52", "accepted", True),
    }
