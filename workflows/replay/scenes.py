"""The acts of a plan's path with the words that people enter, so that a script only says who, when and how."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from workflows.plans.states import FileRole
from workflows.replay.script import Scene, at

PACKAGE = (FileRole.PLAN, FileRole.FORMS, FileRole.MINUTES, FileRole.SURVEY)
EVERYONE_CAME = {"*": {"status": "attended"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """When a consultation went through its steps, and what was said."""

    planned: str
    signed: str
    meeting: str  # the day that the invitation names
    held: str
    answered: str
    amended: str | None = None  # None: no opinion was accepted
    written: tuple[tuple[str, str], ...] = ()  # office and day of opinions before the meeting


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """When the plan of a province or cluster went through its steps; days in ISO."""

    key: str
    review: str
    draft: str
    committee: str
    sign: str
    announce: str
    hearing: Hearing | None
    letter: str  # beginning of the unit's document numbers
    work_plan: str | None = None  # of a province
    returns: tuple[tuple[str, str], ...] = ()  # office and day
    closes_returns: str | None = None
    analysis: str | None = None
    survey: str | None = None
    cluster_input: str | None = None
    consolidate: str | None = None  # of a cluster


def scenes_of(year: Year) -> Iterator[Scene]:
    """Return the scenes of a plan from the review decision to its announcement."""
    key = year.key
    yield Scene(
        at=at(year.review), key=key, element="decide_review", outcome="revise",
        variables=meeting("1/2568", year.review),
    )  # fmt: skip
    yield from _preparation(year)
    changed = year.hearing is not None
    yield Scene(at=at(year.draft), key=key, element="draft", upload=PACKAGE, variables={"substance_changed": changed})
    if year.hearing is not None:
        yield from _hearing(key, year.hearing, year.letter)
    yield Scene(
        at=at(year.committee), key=key, element="committee_resolution", outcome="approve",
        variables=meeting("2/2568", year.committee),
    )  # fmt: skip
    yield Scene(
        at=at(year.sign, "15:30"), key=key, element="sign_submission", outcome="sign",
        variables={"document_number": f"{year.letter}/1570", "document_date": day(year.sign)},
    )  # fmt: skip
    yield Scene(
        at=at(year.announce), key=key, element="announce",
        variables={
            "announced_on": day(year.announce),
            "url": f"https://example.go.th/{key.rpartition('/')[2].lower()}/plan",
            "emenscr_code": "",
            "notified": True,
        },
    )  # fmt: skip


def meeting(number: str, held: str) -> dict[str, object]:
    """Return the number and day of a committee's meeting."""
    return {"meeting_no": number, "meeting_date": day(held)}


def day(text: str) -> dt.date:
    """Return a day from ISO."""
    return dt.date.fromisoformat(text)


def outcomes(usual: str, besides: Mapping[str, Mapping[str, object]] | None = None) -> dict[str, object]:
    """Return an outcome for every plan, with exceptions by unit."""
    return {"*": {"decision": usual}, **(besides or {})}


def _preparation(year: Year) -> Iterable[Scene]:
    key = year.key
    if year.work_plan is not None:
        yield Scene(
            at=at(year.work_plan), key=key, element="work_plan",
            variables={
                "note": "ประชุมคณะทำงานทุกสัปดาห์ รวบรวมข้อมูลภายในสิ้นเดือนมิถุนายน",
                "questions": "ผลการดำเนินงานที่ผ่านมา ปัญหาและความต้องการของพื้นที่ โครงการที่พร้อมดำเนินการ",
            },
        )  # fmt: skip
    for office, returned in year.returns:
        yield Scene(
            at=at(returned, "14:00"), key=key, element="return_data", office=office,
            variables={
                "summary": "ผลการดำเนินงานเป็นไปตามเป้าหมายร้อยละ 82",
                "needs": "แหล่งน้ำเพื่อการเกษตร ถนนเชื่อมแหล่งผลิต",
                "source": "ทะเบียนของหน่วยงาน ณ 31 พ.ค. 2568",
            },
        )  # fmt: skip
    if year.closes_returns is not None:
        yield Scene(
            at=at(year.closes_returns, "16:00"), key=key, element="close_collection",
            comment="ปิดรับตามกำหนด หน่วยที่ค้างให้ส่งเป็นเอกสารเพิ่มเติม",
        )  # fmt: skip
    if year.analysis is not None:
        yield Scene(
            at=at(year.analysis), key=key, element="analysis",
            variables={"summary": "รายได้ครัวเรือนเพิ่มขึ้น แต่ฝุ่นละอองและน้ำท่วมยังเป็นปัญหาหลัก"},
        )  # fmt: skip
    if year.survey is not None:
        yield Scene(
            at=at(year.survey), key=key, element="survey",
            variables={"respondents": 412, "summary": "ประชาชนให้ความสำคัญกับน้ำ รายได้ และคุณภาพอากาศ"},
        )  # fmt: skip
    if year.cluster_input is not None:
        yield Scene(
            at=at(year.cluster_input, "09:30"), key=key, element="cluster_input",
            variables={
                "projects": "เส้นทางท่องเที่ยวเชื่อมโยงสี่จังหวัด\nป้องกันไฟป่าแนวเขตต่อเนื่อง",
                "summary": "ทุกโครงการมีพื้นที่ดำเนินการมากกว่าหนึ่งจังหวัด",
            },
        )  # fmt: skip
    if year.consolidate is not None:
        yield Scene(
            at=at(year.consolidate), key=key, element="consolidate",
            variables={
                "duplicates": "โครงการป้องกันไฟป่าของสองจังหวัดรวมเป็นโครงการเดียว",
                "note": "รวมรายการตามประเด็นการพัฒนาแล้ว",
            },
        )  # fmt: skip


def _hearing(key: str, hearing: Hearing, letter: str) -> Iterable[Scene]:
    yield Scene(
        at=at(hearing.planned, "14:00"), key=key, element="plan_meeting",
        variables={
            "meeting_date": day(hearing.meeting),
            "place": "หอประชุมศาลากลาง",
            "channel": "hybrid",
            "invitations": _INVITED,
        },
    )  # fmt: skip
    yield Scene(
        at=at(hearing.signed), key=key, element="sign_invitation", outcome="sign",
        variables={"document_number": f"{letter}/ว 812", "document_date": day(hearing.signed)},
    )  # fmt: skip
    for office, given in hearing.written:
        yield Scene(
            at=at(given, "15:00"), key=key, element="give_opinion", office=office,
            variables={"opinions": [{"on_what": "ตัวชี้วัดรายได้เกษตรกร", "text": "ขอให้ใช้ข้อมูลฐานปีล่าสุด"}]},
        )  # fmt: skip
    yield Scene(
        at=at(hearing.held, "16:00"), key=key, element="hold_meeting",
        variables={
            "held_on": day(hearing.held),
            "attendance": EVERYONE_CAME,
            "opinions": [
                {
                    "sector": "civil",
                    "speaker": "กลุ่มผู้ใช้น้ำ (สมมติ)",
                    "on_what": "โครงการแหล่งน้ำ",
                    "text": "ขอให้ลำดับพื้นที่แล้งซ้ำซากก่อน",
                }
            ],
            "summary": "ที่ประชุมเห็นพ้องกับประเด็นการพัฒนา",
        },
    )  # fmt: skip
    taken = hearing.amended is not None
    answer = {"disposition": "accepted" if taken else "declined"}
    answer["reason"] = "ปรับในบทที่ 3 แล้ว" if taken else "มีอยู่แล้วในแผนงานของกระทรวง"
    yield Scene(at=at(hearing.answered), key=key, element="answer", variables={"answers": {"*": answer}})
    if hearing.amended is not None:
        yield Scene(at=at(hearing.amended, "15:00"), key=key, element="amend_draft", upload=PACKAGE)


_INVITED = [
    {"sector": "regional", "name": "สำนักงานพาณิชย์จังหวัด (สมมติ)"},
    {"sector": "civil", "name": "กลุ่มผู้ใช้น้ำ (สมมติ)"},
    {"sector": "business", "name": "สภาอุตสาหกรรมจังหวัด (สมมติ)"},
]
