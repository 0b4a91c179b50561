"""Markup in every text that people, diagrams and forms bring: pages show it as text, nothing runs, nothing is even refused.

A year at half-time with all its words replaced by attacks is looked at in real Chromium, by everybody who would see it.
"""

from __future__ import annotations

import gzip
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import text

from engine import HandlerContext, Ports, ProcessEngine, open_database, upgrade
from tests.support.bpmn import process
from tests.support.browser import served
from tests.support.clock import ManualClock
from tests.support.poison import ATTACKS, Poison
from tests.support.web import Browser as Client
from tests.upgrades import planning
from tests.upgrades.build import RELEASES
from web import create_app
from web.config import Settings
from web.demo_accounts import create_demo_accounts
from web.directory import OrganizationDirectory
from workflows import install
from workflows.cast import office_holder
from workflows.notifications import MessageKind, Notice, notify
from workflows.replay import fy2570

pytestmark = pytest.mark.browser

SCENES = 66  # dates were re-issued, hearings held, remarks answered
CYCLE = fy2570.CYCLE
PLANNER = "province_strategy@TH-52"
MORE_PAGES = 6  # found by links, beside those that are named
PLAN = f"/plans/{CYCLE}/TH-52"
TABS = ("documents", "history", "observations", "consultations", "data", "diagram", "dates")
NAMED = {
    "province_strategy@TH-52": ("/tasks", "/notifications", "/sessions", "/my-data", *(f"{PLAN}?tab={tab}" for tab in TABS)),
    "nesdc@TH": ("/tasks", "/plans", "/cycles", f"/cycles/{CYCLE}", f"/cycles/{CYCLE}/clusters", f"/cycles/{CYCLE}/calendar",
                 "/cycles/new", f"/plans/{CYCLE}/NU1"),
    "system_admin@TH": ("/processes", "/processes/deploy", "/operations", "/users", "/rights", "/privacy"),
    "governor@TH-52": ("/tasks", "/notifications", "/plans"),
}  # fmt: skip
# Runs before any script of a page: notes what an attack would do and what the browser refused.
WATCH = r"""
window.hits = []; window.refused = [];
window.hit = (tag) => window.hits.push(tag);
for (const name of ["alert", "confirm", "prompt"]) window[name] = () => window.hits.push(name);
document.addEventListener("securitypolicyviolation", (event) =>
  window.refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
LOOK = r"""() => ({
  hits: window.hits, refused: window.refused,
  live: [...document.querySelectorAll("[data-hit], [onerror], [onload], [srcdoc], base, iframe, object, embed")]
    .map((found) => found.outerHTML.slice(0, 200)),
  links: [...document.querySelectorAll("a[href], form[action], [src]")]
    .flatMap((found) => [found.href, found.action, found.src].filter((value) => typeof value === "string"))
    .filter((address) => !address.startsWith(location.origin) && !/^https?:..bpmn\.io.$/.test(address)),
  text: document.documentElement.textContent + [...document.querySelectorAll("input, textarea, option, [title], [aria-label]")]
    .map((found) => `${found.value ?? ""} ${found.title} ${found.ariaLabel ?? ""} ${found.placeholder ?? ""}`).join(" "),
})"""


_REMARKS = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :number)
INSERT INTO plan_observation (document_id, unit, body, text, owner, due_fiscal_year, state, raised_at, proof)
SELECT d.id, d.unit, 'cabinet', 'ข้อสังเกต', 'province_strategy@TH-52', 2570, 'open', c.started, ''
FROM n, plan_document d, (SELECT min(started_at) AS started FROM bpm_process_instance) c WHERE d.unit = 'TH-52'"""


@pytest.fixture(scope="module")
def poison() -> Poison:
    """What was put where."""
    return Poison()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, poison: Poison) -> Iterator[Flask]:
    """The product on a year whose words are all attacks."""
    folder = tmp_path_factory.mktemp("poisoned")
    path = folder / "year.db"
    path.write_bytes(gzip.decompress((RELEASES / "0.1.0" / "planning.db.gz").read_bytes()))
    url = f"sqlite:///{path}"
    database = open_database(url)
    upgrade(database)
    planning.go_on(url, planning.HALF, SCENES)
    clock = ManualClock(fy2570.script()[SCENES - 1].at)
    _break_things(url, clock)
    engine = install.open_engine(url, clock=clock)
    create_demo_accounts(engine)
    _tell_people(engine)
    settings = Settings(database_url=url, data_dir=folder, secret_key="k" * 40, demo=True)
    app = create_app(settings, engine=engine, people=OrganizationDirectory())
    _sign_in_from_odd_browsers(app, engine, poison)
    with database.begin() as connection:
        connection.execute(text(_REMARKS), {"number": len(ATTACKS)})
        poison.tables(connection)
        poison.files(connection)
        connection.execute(text("UPDATE plan_document SET url = :url"), {"url": "javascript:hit('address')"})
    database.dispose()
    yield app
    engine.close()


def _break_things(url: str, clock: ManualClock) -> None:
    """Leave incidents whose words come from the failure, and a run that was stopped with a reason."""

    def broken(context: HandlerContext) -> dict[str, object]:
        raise RuntimeError(str(context.variables["words"]))

    engine = ProcessEngine.open(url, clock=clock, ports=Ports(handlers={"act": broken}))
    engine.deploy(process("broken", "พัง").start().service_task("act", "act", retries="1").end().file(), note="หมายเหตุ")
    logging.disable(logging.CRITICAL)
    for number in range(len(ATTACKS)):
        engine.start("broken", {"words": ATTACKS[number].replace("TAG", f"x{number}"), ATTACKS[number]: 1}, "case")
    logging.disable(logging.NOTSET)
    stopped = engine.start("broken", {"words": "x"})
    engine.suspend(stopped.id, reason=ATTACKS[0])
    engine.close()


def _tell_people(engine: ProcessEngine) -> None:
    """Tell everybody of a task that is due, so that each has a message of words."""
    tasks = engine.tasks(limit=40)
    with engine.unit_of_work() as uow:
        for office in NAMED:
            person = office_holder(engine, office, uow.now).actor.id
            notices = [
                Notice(
                    person_id=person,
                    kind=MessageKind.OVERDUE,
                    key=f"poison-{number}",
                    facts={
                        "clock": 1, "task_id": task.id, "name": task.name, "process_id": task.process_id,
                        "element_id": task.element_id, "business_key": task.business_key, "unit": "TH-52",
                        "due": uow.now.isoformat(), "rung": 1, "working_days_late": 1, "as": "owner",
                        "group": office, "assignee": None, "late_seconds": 0,
                    },
                )
                for number, task in enumerate(tasks)
            ]  # fmt: skip
            notify(uow.session, notices, now=uow.now)


def _sign_in_from_odd_browsers(app: Flask, engine: ProcessEngine, poison: Poison) -> None:
    person = office_holder(engine, PLANNER, engine.clock.now()).actor.id
    for _ in range(len(ATTACKS)):
        name = poison.for_source("User-Agent").replace("\x0b", " ")
        client = Client(app.test_client())
        client.client.environ_base["HTTP_USER_AGENT"] = name
        client.post("/demo/switch", {"person": person, "capacity": ""})


@pytest.fixture(scope="module")
def site(app: Flask) -> Iterator[str]:
    """Where it is served."""
    with served(app) as url:
        yield url


def _context(chromium: Browser, app: Flask, site: str, office: str) -> BrowserContext:
    """Return a browser that is signed in as who holds an office."""
    engine = app.extensions["saanphaen"].engine
    client = Client(app.test_client())
    person = office_holder(engine, office, engine.clock.now()).actor.id
    assert client.post("/demo/switch", {"person": person, "capacity": ""}).status_code == 303
    cookie = client.client.get_cookie("saanphaen")
    assert cookie is not None
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="th-TH")
    context.add_cookies([{"name": "saanphaen", "value": cookie.value, "url": site}])
    context.add_init_script(WATCH)
    return context


def _inside(app: Flask, office: str) -> Iterator[str]:
    """Yield pages whose addresses have numbers: tasks of an office, versions, runs and incidents for administrators."""
    engine = app.extensions["saanphaen"].engine
    for task in engine.tasks(candidate_groups=[office], limit=4):
        yield f"/tasks/{task.id}"
    if office == "system_admin@TH":
        for key in ("provincial-plan", "consultation", "planning-cycle"):
            (run, *_others) = engine.instances(process_id=key, limit=1)
            yield f"/processes/{run.definition_id}"
            yield f"/processes/runs/{run.id}"
        (incident, *_others) = engine.incidents(limit=1)
        yield f"/operations/{incident.id}"
        yield f"/processes/runs/{incident.instance_id}"


def _kinds(page: Page, site: str) -> dict[str, str]:
    """Return the links of a page, one of each kind."""
    found: dict[str, str] = {}
    for address in page.eval_on_selector_all("a[href]", "found => found.map((one) => one.href)"):
        place = address.removeprefix(site).partition("#")[0]
        if address.startswith(site) and not re.match(r"/static|/sign|.*\.bpmn|.*/files/", place):
            found.setdefault(re.sub(r"\d+", "0", place.partition("?")[0]), place)
    return found


@dataclass
class Seen:
    """What the people of an office saw: attacks as text, and anything that an attack did, by page."""

    tags: set[str] = field(default_factory=set)
    done: list[str] = field(default_factory=list)
    pages: int = 0


def _look(page: Page, address: str, seen: Seen) -> None:
    """Use a page a little and note what there is of attacks."""
    for diagram in page.locator("[data-diagram]:visible").all():
        diagram.scroll_into_view_if_needed()
        expect(diagram).to_have_attribute("data-state", re.compile("ready|failed"))  # one has no drawing
    page.keyboard.press("Tab")
    for box in page.locator("main a:visible").all()[:3]:
        box.hover(force=True)
    told = page.evaluate(LOOK)
    seen.done += [f"{address}: {kind}: {told[kind]}" for kind in ("hits", "refused", "live", "links") if told[kind]]
    seen.tags |= set(re.findall(r"s\d+a\d+z", told["text"]))
    seen.pages += 1


def _walk(context: BrowserContext, app: Flask, site: str, office: str) -> Seen:
    page, seen = context.new_page(), Seen()
    page.on("dialog", lambda dialog: (seen.done.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: seen.done.append(f"error: {error}"))
    named = [*NAMED[office], *_inside(app, office)]
    todo, met = {address: address for address in named}, set(named)
    while todo and seen.pages < len(named) + MORE_PAGES:
        address = todo.pop(next(iter(todo)))
        answer = page.goto(f"{site}{address}")
        assert answer is not None
        assert answer.status < 500, address
        _look(page, address, seen)
        for kind, place in _kinds(page, site).items():
            if kind not in met:
                met.add(kind)
                todo[kind] = place
    return seen


@pytest.fixture(scope="module")
def walked(chromium: Browser, app: Flask, site: str) -> dict[str, Seen]:
    """What each office saw."""
    found = {}
    for office in NAMED:
        context = _context(chromium, app, site, office)
        found[office] = _walk(context, app, site, office)
        context.close()
    return found


def test_pages_show_attacks_as_text_and_run_nothing(walked: dict[str, Seen]) -> None:
    """The policy has nothing to refuse either: what it refuses was markup already."""
    assert [line for seen in walked.values() for line in seen.done] == []


def test_every_attack_and_every_kind_of_text_was_there_to_be_seen(walked: dict[str, Seen], poison: Poison) -> None:
    tags = set().union(*(seen.tags for seen in walked.values()))
    attacks = {int(tag.partition("a")[2][:-1]) for tag in tags}
    sources = {poison.sources[int(tag[1:].partition("a")[0])] for tag in tags}

    assert attacks == set(range(len(ATTACKS)))
    assert sources >= {
        "org_unit.name_th", "org_person.name", "bpm_process_definition.name", "bpm_process_definition.note", "diagram lane",
        "diagram userTask", "diagram sequenceFlow", "form label", "bpm_task.name", "bpm_history comment", "bpm_history reason",
        "bpm_incident.message", "bpm_job.error", "note_notification name", "plan_consultation.summary", "plan_cycle.name",
        "plan_cycle_reissue.reason", "plan_decision.comment", "plan_document.title", "plan_file.name", "plan_observation.text",
        "plan_opinion.text", "web_session.browser",
    }  # fmt: skip


def test_a_diagram_opened_by_itself_runs_nothing(chromium: Browser, app: Flask, site: str) -> None:
    context = _context(chromium, app, site, PLANNER)
    page = context.new_page()

    page.goto(f"{site}/plans/{CYCLE}/TH-52/diagram.bpmn")

    assert page.evaluate("window.hits") == []
    context.close()
