"""The world behind the walls: everybody who could ask, one of everything that could be asked for, in two far ends."""

from __future__ import annotations

import datetime as dt
import io
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from engine import SYSTEM, Actor, Task
from tests.support.bpmn import process
from tests.support.product import Product
from web.accounts import service
from web.accounts.models import WebSession
from web.cookies import NAME, SECURE_NAME
from workflows.notifications import MessageKind, Notice, notify
from workflows.notifications.models import Notification
from workflows.organization.acting import ActingKind, make_order
from workflows.organization.appointments import appoint, end_holding, register_person
from workflows.organization.models import Holding
from workflows.organization.roles import ROLES, UnitKind, group
from workflows.organization.units import add_unit
from workflows.plans import documents, files
from workflows.plans.models import Document, Observation
from workflows.plans.states import Body, DocumentState, EditionState, FileRole, ObservationState

HOME: Final = {
    UnitKind.NATION: "TH",
    UnitKind.REGION: "NORTH",
    UnitKind.CLUSTER: "NU1",
    UnitKind.PROVINCE: "TH-52",
    UnitKind.AGENCY: "TH-52-AGRI",
    UnitKind.LOCAL: "TH-52-PAO",
    UnitKind.CIVIL: "TH-52-BASIN",
    UnitKind.BUSINESS: "TH-52-CHAMBER",
}
FAR: Final = {
    UnitKind.REGION: "SOUTH",
    UnitKind.CLUSTER: "SA",
    UnitKind.PROVINCE: "TH-81",
    UnitKind.AGENCY: "TH-81-AGRI",
    UnitKind.LOCAL: "TH-81-PAO",
    UnitKind.CIVIL: "TH-81-BASIN",
    UnitKind.BUSINESS: "TH-81-CHAMBER",
}
"""As far away as can be: another province, cluster and region."""

BY_ORDER: Final = ("governor", "province_strategy", "nesdc", "system_admin")
"""Roles in which somebody acts by order, and somebody else did until the order expired."""

CYCLE: Final = "FY2571-NEW"
LAMPANG, LAMPHUN, KRABI = f"{CYCLE}/TH-52", f"{CYCLE}/TH-51", f"{CYCLE}/TH-81"
FINISHED: Final = "FY2566-NEW/TH-52"
FAR_CYCLE: Final = "FY2576-NEW"
ANONYMOUS, NO_POSITION, ELSEWHERE = "anonymous", "no_position", "elsewhere"
A_FORM: Final = b'{"type":"default","id":"note","components":[{"type":"textfield","key":"note","label":"Note"}]}'
A_PROCESS: Final = (
    process("wall", "งานทดสอบ").start().user_task("work", name="งาน", groups="=who", form="note")
    .user_task("after", name="งานต่อไป", groups="=next", form="note").end()
).xml()  # fmt: skip
PDF: Final = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who asks: `standing` is the word of the table, `role` what they are, were or would be."""

    name: str
    standing: str
    role: str
    far: bool = False


def identities() -> Iterator[Identity]:
    """Return everybody: each role at home and far away, by order and after it, without position, disabled, unknown."""
    yield Identity("anonymous", ANONYMOUS, "province_strategy")
    yield Identity("no-position", NO_POSITION, "province_strategy")
    for role in ("province_strategy", "system_admin"):
        yield Identity(f"disabled-{role}", ANONYMOUS, role)
    for role in ROLES:
        yield Identity(f"home-{role}", role, role)
        if ROLES[role].level in FAR:
            yield Identity(f"far-{role}", ELSEWHERE, role, far=True)
    for role in BY_ORDER:
        yield Identity(f"acting-{role}", role, role)
        yield Identity(f"expired-{role}", NO_POSITION, role)


@dataclass
class Walls:
    """The prepared product with a signed-in client for each identity; `restore` takes back what a request has changed."""

    product: Product
    path: Path
    cookies: dict[str, str] = field(default_factory=dict)  # as they were after signing in: no answer changes them
    tokens: dict[str, str] = field(default_factory=dict)
    old_tokens: dict[str, str] = field(default_factory=dict)  # from before signing in
    tasks: dict[tuple[str, str], str] = field(default_factory=dict)  # by identity or role, and kind
    messages: dict[str, int] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)  # the open session, by identity
    account: int = 0  # somebody's
    files: dict[str, int] = field(default_factory=dict)
    remarks: dict[str, int] = field(default_factory=dict)
    case: int = 0
    run: str = ""
    definition: int = 0

    def __post_init__(self) -> None:
        self._client = self.product.app.test_client(use_cookies=False)
        self._kept = sqlite3.connect(":memory:")
        self._live = sqlite3.connect(self.path)

    def close(self) -> None:
        """Give everything back."""
        self._kept.close()
        self._live.close()
        self.product.close()

    def keep(self) -> None:
        """Remember the database as it is: this is what `restore` brings back."""
        self._live.backup(self._kept)
        self._seen = self._version()

    @contextmanager
    def starting_here(self) -> Iterator[None]:
        """Let `restore` bring back the present state for a while."""
        before, self._kept = self._kept, sqlite3.connect(":memory:")
        self.keep()
        yield
        self._kept.close()
        self._kept = before
        self._seen = -1

    def has_changed(self) -> bool:
        """Tell whether anything was written since the last look, by whomever."""
        return self._version() != self._seen

    def restore(self) -> None:
        """Bring the kept database back."""
        self._kept.backup(self._live)
        self._seen = self._version()

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of every table."""
        tables = [row[0] for row in self._live.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY 1")]
        return {table: sorted(self._live.execute(f'SELECT * FROM "{table}"'), key=repr) for table in tables}

    def sign_in(self, who: str) -> None:
        """Sign somebody in, and keep the cookie and the form token of their pages."""
        client = self.product.app.test_client()
        self.old_tokens[who] = _token(client)
        if who != "anonymous":
            form = {"person": f"wall-{who}", "csrf_token": self.old_tokens[who]}
            answer = client.post("/demo/switch", data=form)
            assert answer.status_code == 303, (who, answer.status_code)
        else:
            client = self.product.app.test_client()
        self.tokens[who] = _token(client)
        cookie = client.get_cookie(NAME)
        assert cookie is not None
        self.cookies[who] = cookie.value

    def columns(self, table: str) -> list[str]:
        """Return the names of the columns of a table."""
        return [row[1] for row in self._live.execute(f'PRAGMA table_info("{table}")')]

    def ask(
        self, who: str, method: str, address: str, form: Mapping[str, Any] | None = None, **options: Any
    ) -> TestResponse:
        """Send a request as somebody, with the form token that their page would send."""
        data = {**(form or {}), "csrf_token": self.tokens[who]} if method == "POST" else None
        return self.send(who, method, address, data, **options)

    def send(
        self, who: str, method: str, address: str, data: Mapping[str, Any] | None = None, **options: Any
    ) -> TestResponse:
        """Send a request with somebody's cookie and exactly these entries; None is not sent."""
        sent: Any = data
        if data is not None and not isinstance(data, MultiDict):
            sent = {name: value for name, value in data.items() if value is not None}
        return self.send_raw(who, address, sent, method=method, **options)

    def send_raw(self, who: str, address: str, body: Any, *, method: str = "POST", **options: Any) -> TestResponse:
        """Send a request with somebody's cookie and this body."""
        name = SECURE_NAME if str(options.get("base_url", "")).startswith("https:") else NAME
        headers = {"Cookie": f"{name}={self.cookies[who]}", **options.pop("headers", {})}
        answer = self._client.open(address, method=method, data=body, buffered=True, headers=headers, **options)
        answer.close()
        return answer

    def _version(self) -> int:
        return int(self._live.execute("PRAGMA data_version").fetchone()[0])


def person_of(identity: Identity) -> str:
    """Return the id of the person behind an identity."""
    return f"wall-{identity.name}"


def office_of(identity: Identity) -> str:
    """Return the position that an identity is about."""
    level = ROLES[identity.role].level
    return group(identity.role, (FAR if identity.far else HOME)[level])


def build_walls(database_url: str, folder: Path) -> Walls:
    """Make the world; takes seconds."""
    product = Product(database_url, folder)
    world = Walls(product, Path(database_url.removeprefix("sqlite:///")))
    _people(product)
    _processes(world)
    _plans(world)
    _tasks(world)
    _messages(world)
    product.clock.advance(seconds=40)  # the orders of some expire
    _sign_in(world)
    world.keep()
    return world


def _people(product: Product) -> None:
    with product.engine.unit_of_work(SYSTEM) as uow:
        session, now = uow.session, uow.now
        for kind in (UnitKind.AGENCY, UnitKind.LOCAL, UnitKind.CIVIL, UnitKind.BUSINESS):
            code = FAR[kind]
            add_unit(session, code, kind=kind, parent="TH-81", name_th=f"หน่วย {code}", name_en=code, sector=kind)
        soles = [group(role.code, HOME[role.level]) for role in ROLES.values() if role.sole]
        for holding in session.scalars(select(Holding).where(Holding.position.in_(soles))).all():
            end_holding(session, holding.id, end=now, reason="succeeded", actor=SYSTEM)
        for identity in identities():
            person = person_of(identity)
            register_person(session, f"คน {identity.name}", person_id=person)
            service.create_account(session, person_id=person, login=person, password_hash=None, now=now)
            if identity.name.startswith(("home-", "far-", "disabled-")):
                appoint(session, person, office_of(identity), start=now, actor=SYSTEM, now=now)
            session.flush()
        for role in ROLES.values():
            person, office = _colleague(role.code), group(role.code, HOME[role.level])
            register_person(session, f"เพื่อนร่วมงาน {role.code}", person_id=person)
            if role.sole:
                _order(session, person, office, now)
            else:
                appoint(session, person, office, start=now, actor=SYSTEM, now=now)
        for identity in identities():
            if identity.name.startswith(("acting-", "expired-")):
                expires = now + dt.timedelta(seconds=30) if identity.standing == NO_POSITION else None
                _order(session, person_of(identity), office_of(identity), now, expires)


def _colleague(role: str) -> str:
    return f"wall-colleague-{role}"


def _order(session: Session, person: str, office: str, now: dt.datetime, end: dt.datetime | None = None) -> None:
    make_order(
        session, person, office, kind=ActingKind.ON_BEHALF, number=f"ที่ {person}", dated=now.date(), start=now, end=end,
        actor=SYSTEM, now=now,
    )  # fmt: skip


def _processes(world: Walls) -> None:
    engine = world.product.engine
    deployed = engine.deploy({"wall.bpmn": A_PROCESS, "note.form": A_FORM})
    world.definition = deployed.definitions[0].id
    undecided = (
        process("undecided").start().exclusive("which").flow_if("= budget > 10")
        .user_task("approve", groups="governor@TH-52", form="note").end()
        .at("which").flow_if("= budget <= 10").user_task("sign", groups="governor@TH-52", form="note").end("signed")
    )  # fmt: skip
    engine.deploy({"undecided.bpmn": undecided.xml(), "note.form": A_FORM})
    world.run = engine.start("undecided", {"budget": None}, "walls").id
    world.case = engine.incidents(instance_id=world.run)[0].id


def _plans(world: Walls) -> None:
    product = world.product
    product.open_cycle(["NU1", "TH-51", "TH-52", "TH-57", "TH-81"])
    product.open_cycle(["TH-81"], fiscal_year=2576)
    product.open_cycle(["TH-52"], fiscal_year=2566)
    with product.engine.unit_of_work(SYSTEM) as uow:
        session, store, now = uow.session, product.app.extensions["saanphaen"].files, uow.now
        finished = session.scalars(select(Document).where(Document.plan_key == FINISHED)).one()
        finished.state = DocumentState.ANNOUNCED
        kept = store.put(io.BytesIO(PDF))
        for name, key, frozen in (
            ("draft", LAMPANG, False), ("neighbour", LAMPHUN, False), ("far", KRABI, False), ("decided", FINISHED, True),
        ):  # fmt: skip
            document = session.scalars(select(Document).where(Document.plan_key == key)).one()
            edition = documents.working_edition(session, document, actor=SYSTEM, now=now)
            file = files.add_file(
                session, document, kept, name=f"{name}.pdf", role=FileRole.PLAN, edition=edition, actor=SYSTEM, now=now
            )
            world.files[name] = file.id
            if frozen:
                documents.freeze(session, edition, EditionState.DECIDED)
        for name, key in (("open", LAMPANG), ("neighbour", LAMPHUN), ("far", KRABI)):
            document = session.scalars(select(Document).where(Document.plan_key == key)).one()
            remark = Observation(
                document_id=document.id, decision_id=None, unit=document.unit, body=Body.CENTRAL_TEAM,
                text=f"ข้อสังเกต {name}", owner=f"province_strategy@{document.unit}", raised_on=1,
                due_fiscal_year=2572, state=ObservationState.OPEN, raised_at=now, proof="",
            )  # fmt: skip
            session.add(remark)
            session.flush()
            world.remarks[name] = remark.id


def _tasks(world: Walls) -> None:
    engine = world.product.engine
    for identity in identities():
        who, office, person = identity.name, office_of(identity), person_of(identity)
        other = "cabinet@TH" if identity.role != "cabinet" else "nesdc@TH"
        if who.startswith("far-"):
            world.tasks[identity.role, "far"] = _start(world, office, other).id
        if not who.startswith(("home-", "acting-", "expired-")):
            continue
        actor = Actor(person)
        world.tasks[who, "own"] = engine.claim(_start(world, office, other).id, actor).id
        finished = engine.claim(_start(world, office, other).id, actor)
        engine.complete(finished.id, {}, actor)
        world.tasks[who, "finished"] = finished.id
        world.tasks[who, "next"] = engine.tasks(instance_id=finished.instance_id)[0].id
        if who.startswith("home-"):
            world.tasks[identity.role, "open"] = _start(world, office, other).id
            taken = _start(world, office, other)
            world.tasks[identity.role, "colleague"] = engine.claim(taken.id, Actor(_colleague(identity.role))).id


def _start(world: Walls, office: str, then: str) -> Task:
    instance = world.product.engine.start("wall", {"who": office, "next": then}, f"wall:{len(world.tasks)}:{office}")
    return world.product.engine.tasks(instance_id=instance.id)[0]


def _messages(world: Walls) -> None:
    with world.product.engine.unit_of_work(SYSTEM) as uow:
        for identity in identities():
            facts = {"task_id": "1", "group": office_of(identity), "business_key": LAMPANG, "rung": 1, "task": "งาน"}
            facts |= {"due": uow.now.isoformat()}
            notice = Notice(person_id=person_of(identity), kind=MessageKind.OVERDUE, key="walls", facts=facts)
            notify(uow.session, [notice], now=uow.now)
        told = uow.session.execute(select(Notification.person_id, Notification.id).where(Notification.key == "walls"))
        by_person = {row[0]: row[1] for row in told}
    world.messages = {identity.name: by_person[person_of(identity)] for identity in identities()}


def _sign_in(world: Walls) -> None:
    for identity in identities():
        world.sign_in(identity.name)
    with world.product.engine.unit_of_work(SYSTEM) as uow:
        for identity in identities():
            account = service.any_account(uow.session, person_id=person_of(identity))
            assert account is not None
            opened = uow.session.scalar(select(WebSession.id).where(WebSession.account_id == account.id))
            world.sessions[identity.name] = str(opened)
            world.account = account.id
            if identity.name.startswith("disabled-"):
                service.disable_account(uow.session, account, now=uow.now)


def _token(client: FlaskClient) -> str:
    page = client.get("/sign-in").text
    return page.split('name="csrf-token" content="')[1].split('"')[0]
