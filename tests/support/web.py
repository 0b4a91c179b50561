"""A small office for the tests of the pages: an engine, five people, one process of two steps, and signed-in browsers."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from typing_extensions import override
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from engine import SYSTEM, ProcessEngine, Task
from tests.support.bpmn import process
from tests.support.clock import ManualClock
from web import create_app
from web.accounts import service
from web.accounts.passwords import hash_password
from web.config import Settings
from web.identity import Capacity
from web.people import Colleague, DayCounter, DemoPerson, DemoUnit, Directory

PASSWORD = "ดอกฝ้าย ลำปาง 2569"
_HASH = hash_password(PASSWORD)  # once: a hash is meant to be slow
MORNING = "2026-11-24T02:30:00+00:00"  # Tuesday 09:30 in Bangkok
PLANNERS, GOVERNOR, LAMPHUN = "province_strategy@TH-52", "governor@TH-52", "province_strategy@TH-51"
TITLES = {
    PLANNERS: "กลุ่มงานยุทธศาสตร์ฯ จังหวัดลำปาง",
    GOVERNOR: "ผู้ว่าราชการจังหวัดลำปาง",
    LAMPHUN: "กลุ่มงานยุทธศาสตร์ฯ จังหวัดลำพูน",
    "system_admin@TH": "ผู้ดูแลระบบ",
}
PEOPLE = {
    "somchai": ("สมชาย ใจดี", (PLANNERS,)),
    "pim": ("พิมพ์ใจ แสงทอง", (PLANNERS, GOVERNOR)),  # she also stands in for the governor
    "wichai": ("วิชัย คำปัน", (GOVERNOR,)),
    "lamphun": ("อรทัย วงศ์เรือน", (LAMPHUN,)),
    "admin": ("ผู้ดูแล ระบบ", ("system_admin@TH",)),
}
DRAFT_FORM = {
    "type": "default",
    "id": "draft",
    "components": [
        {"type": "text", "text": "ร่างแผนของ {{unit_name}}"},
        {"type": "textfield", "key": "title", "label": "ชื่อแผน", "validate": {"required": True}},
        {
            "type": "number",
            "key": "budget",
            "label": "งบประมาณ",
            "decimalDigits": 2,
            "appearance": {"suffixAdorner": "บาท"},
        },
        {"type": "datetime", "subtype": "date", "key": "meeting", "dateLabel": "วันประชุม"},
        {"type": "checkbox", "key": "changed", "label": "สาระสำคัญเปลี่ยน"},
        {
            "type": "textarea",
            "key": "why",
            "label": "เปลี่ยนเพราะอะไร",
            "validate": {"required": True},
            "conditional": {"hide": "=changed != true"},
        },
    ],
    "saanphaen": {"submitLabel": "ส่งร่าง"},
}
DECIDE_FORM = {
    "type": "default",
    "id": "decide",
    "components": [
        {"type": "textarea", "key": "comment", "label": "เหตุผล"},
        {
            "type": "radio",
            "key": "outcome",
            "label": "ผลการพิจารณา",
            "values": [
                {"label": "เห็นชอบ", "value": "approve"},
                {"label": "ส่งกลับแก้ไข", "value": "return", "reasonRequired": True},
            ],
        },
    ],
}


def _shape(element: str, x: int, width: int, height: int) -> str:
    bounds = f'<dc:Bounds x="{x}" y="{140 - height // 2}" width="{width}" height="{height}"/>'
    return f'<di:BPMNShape id="{element}_shape" bpmnElement="{element}">{bounds}</di:BPMNShape>'


# The builder draws nothing; the viewer needs a drawing.
_SHAPES = [("start", 100, 36, 36), ("draft", 180, 100, 80), ("decide", 320, 100, 80), ("end", 460, 36, 36)]
_DRAWN = (
    '<di:BPMNDiagram xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' id="diagram"><di:BPMNPlane id="plane" bpmnElement="plan">'
    f"{''.join(_shape(*place) for place in _SHAPES)}</di:BPMNPlane></di:BPMNDiagram>"
).encode()


@dataclass
class OfficeDirectory(Directory):
    """Who the people of the office are; a weekday is a working day."""

    people: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=lambda: dict(PEOPLE))

    @override
    def capacities_of(self, session: Session, person_id: str, at: dt.datetime) -> Sequence[Capacity]:
        groups = self.people.get(person_id, ("", ()))[1]
        return [self._capacity(group) for group in groups]

    @override
    def names_of(self, session: Session, person_ids: Collection[str]) -> dict[str, str]:
        return {person: self.people[person][0] for person in person_ids if person in self.people}

    @override
    def colleagues(
        self, session: Session, groups: Collection[str], at: dt.datetime, *, without: str
    ) -> Sequence[Colleague]:
        wanted = set(groups)
        return [
            Colleague(person, name, TITLES[held[0]])
            for person, (name, held) in self.people.items()
            if wanted & set(held) and person != without
        ]

    @override
    def group_title(self, session: Session, group: str) -> str:
        return TITLES.get(group, group)

    @override
    def group_titles(self, session: Session, groups: Collection[str]) -> dict[str, str]:
        return {group: TITLES.get(group, group) for group in groups}

    @override
    def capacity_title(self, session: Session, capacity: str) -> str:
        return TITLES.get(capacity, "")

    @override
    def day_counter(self, session: Session, now: dt.datetime) -> DayCounter:
        def count(due: dt.datetime | None) -> int | None:
            if due is None:
                return None
            first, last = sorted((now.date(), due.date()))
            days = (first + dt.timedelta(days=n) for n in range(1, (last - first).days + 1))
            return sum(day.weekday() < 5 for day in days)

        return count

    @override
    def working_days(self, session: Session, start: dt.datetime, end: dt.datetime, unit: str) -> int:
        days = (start.date() + dt.timedelta(days=n) for n in range(1, (end.date() - start.date()).days + 1))
        return sum(day.weekday() < 5 for day in days)

    @override
    def demo_people(self, session: Session, at: dt.datetime) -> Sequence[DemoUnit]:
        listed = tuple(
            DemoPerson(person, name, TITLES[groups[0]], groups[0]) for person, (name, groups) in self.people.items()
        )
        return [DemoUnit("จังหวัดลำปาง", listed)]

    @staticmethod
    def _capacity(group: str) -> Capacity:
        role, unit = group.split("@")
        return Capacity(id=group, role=role, unit=unit, title=TITLES[group], groups=frozenset({group}))


class Office:
    """The application with its people, and what tests do often."""

    def __init__(self, database_url: str, *, demo: bool = False, **settings: Any) -> None:
        self.clock = ManualClock(MORNING)
        self.directory = OfficeDirectory()
        self.engine = ProcessEngine.open(database_url, clock=self.clock)
        given = Settings(database_url=database_url, secret_key="k" * 40, demo=demo, **settings)
        self.app: Flask = create_app(given, engine=self.engine, people=self.directory)
        with self.engine.unit_of_work(SYSTEM) as uow:
            for person in PEOPLE:
                service.create_account(
                    uow.session, person_id=person, login=person, password_hash=_HASH, now=self.clock.now()
                )
        self._deploy()

    def close(self) -> None:
        """Give the database back."""
        self.engine.close()

    def hire(self, person: str, name: str, *groups: str) -> None:
        """Give somebody positions and an account."""
        self.directory.people[person] = (name, groups)
        with self.engine.unit_of_work(SYSTEM) as uow:
            service.create_account(
                uow.session, person_id=person, login=person, password_hash=_HASH, now=self.clock.now()
            )

    def start(self, key: str = "plan:TH-52", *, due: str | None = None, groups: str = PLANNERS) -> Task:
        """Start the process of a plan; returns its first task."""
        variables = {"unit_name": "จังหวัดลำปาง", "due": due, "who": groups}
        instance = self.engine.start("plan", variables, key)
        (task,) = self.engine.tasks(instance_id=instance.id)
        return task

    def taken(self, person: str = "somchai", **options: Any) -> Task:
        """Start the process; the first task is taken by a person."""
        return self.engine.claim(self.start(**options).id, person)

    def browser(self, person: str | None = None, *, capacity: str | None = None) -> Browser:
        """Open a browser, signed in as a person."""
        browser = Browser(self.app.test_client())
        if person is not None:
            answer = browser.post("/sign-in", {"login": person, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
        if capacity is not None:
            browser.post("/capacity", {"capacity": capacity})
        return browser

    def _deploy(self) -> None:
        plan = (
            process("plan", "จัดทำแผน")
            .start()
            .user_task("draft", name="ยกร่างแผน", groups="=who", due="=due", form="draft")
            .user_task("decide", name="พิจารณาแผน", groups=GOVERNOR, form="decide")
            .end()
        )
        drawn = plan.xml().replace(b"</bpmn:definitions>", _DRAWN + b"</bpmn:definitions>")
        forms = {f"{form['id']}.form": json.dumps(form).encode() for form in (DRAFT_FORM, DECIDE_FORM)}
        self.engine.deploy({"plan.bpmn": drawn, **forms})


@dataclass
class Browser:
    """A Flask client that sends the form token along, as a page does."""

    client: FlaskClient

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form."""
        page = self.client.get("/sign-in").text
        token = page.split('name="csrf-token" content="')[1].split('"')[0]
        return self.client.post(path, data={**(data or {}), "csrf_token": token}, **options)

    def deploy(self, *files: tuple[str, bytes], **fields: str) -> TestResponse:
        """Upload diagrams and forms as the page for administrators does."""
        token = self.client.get("/sign-in").text.split('name="csrf-token" content="')[1].split('"')[0]
        parts = MultiDict([*fields.items(), ("csrf_token", token)])
        for name, data in files:
            parts.add("files", FileStorage(io.BytesIO(data), name))
        boundary, body = encode_multipart(parts)
        kind = f"multipart/form-data; boundary={boundary}"
        return self.client.post("/processes/deploy", data=body, content_type=kind)
