"""S2: nobody learns anything of a province that is not theirs: no word, no count, no file, by no list, search or cursor."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import Final
from urllib.parse import quote

from sqlalchemy import select

from engine import SYSTEM, Actor, InboxFilter, TaskList
from tests.support.canaries import CANARIES, plant, send_to_review
from tests.support.wall_requests import UNKNOWN_ID
from tests.support.walls import CYCLE, FAR_CYCLE, KRABI, LAMPANG, LAMPHUN, Walls
from workflows.organization.appointments import appoint, end_holding
from workflows.organization.models import Holding
from workflows.plans.models import Observation, PlanFile

PROVINCE: Final = ("acting-governor", "home-province_strategy", "home-agency")
CLUSTER: Final = ("home-cluster_office",)
REGION: Final = ("home-regional_subcommittee",)
NONE: Final = ("expired-governor",)
HIDDEN: Final = {
    **dict.fromkeys(PROVINCE, ("TH-51", "TH-57", "TH-81")),
    **dict.fromkeys(CLUSTER, ("TH-57", "TH-81")),
    **dict.fromkeys(REGION, ("TH-81",)),
    **dict.fromkeys(NONE, ("TH-51", "TH-52", "TH-57", "TH-81")),
}
"""What each must learn nothing of."""

DOORS: Final = (
    "/tasks", "/tasks?tab=takeable", "/tasks?tab=waiting", "/tasks?tab=done", "/plans", "/plans?state=late",
    "/plans?state=drafting", "/cycles", "/notifications", f"/cycles/{CYCLE}", f"/cycles/{CYCLE}/clusters",
    f"/cycles/{CYCLE}/calendar", f"/cycles/{FAR_CYCLE}", f"/plans/{LAMPANG}?tab=all", f"/plans/{CYCLE}/NU1?tab=all",
)  # fmt: skip
_LINK = re.compile(r'(?:href|src|hx-get|data-diagram|data-url)="(/[^"#]*)')
_NEW = re.compile(r'(csrf[-_]token" (?:content|value)="|name="once" value=")[^"]+|\b[0-9a-f]{16}\b')
_LEFT_OUT = ("/static/", "/sessions", "/account", "/preferences", "/processes", "/operations", "/users", "/rights")
_LEAVES_A_TRACE = re.compile(r"/notifications/\d+$|/plans/.+/files/\d+")  # their own doing shows on their own pages
MOST_PAGES: Final = 40


def crawl(walls: Walls, who: str, doors: Iterable[str] = DOORS) -> dict[str, str]:
    """Return every page that somebody reaches by links, without what is new in each answer."""
    found: dict[str, str] = {}
    waiting = list(doors)
    while waiting and len(found) < MOST_PAGES:
        address = waiting.pop(0)
        if address in found or address.startswith(_LEFT_OUT) or _LEAVES_A_TRACE.match(address):
            continue
        answer = walls.ask(who, "GET", address)
        found[address] = f"{answer.status_code} {answer.location or ''}\n{_NEW.sub('*', answer.text)}"
        waiting += [unescape(link) for link in _LINK.findall(answer.text)]
    return found


def test_what_happens_beyond_a_wall_changes_no_page_before_it(walls: Walls) -> None:
    plant(walls, "TH-52")
    behind = {unit: [who for who, hidden in HIDDEN.items() if unit in hidden] for unit in ("TH-81", "TH-57", "TH-51")}
    pages = {who: crawl(walls, who) for who in HIDDEN}
    assert sum(len(found) for found in pages.values()) > 100, "too little was looked at"
    assert CANARIES["TH-52"] in "".join(pages["home-province_strategy"].values()), "what is their own is not found"

    for unit, people in behind.items():
        plant(walls, unit)
        send_to_review(walls, unit)
        for who in people:
            again = crawl(walls, who)
            changed = [address for address, page in again.items() if page != pages[who].get(address)]
            assert (changed, len(again)) == ([], len(pages[who])), f"{who} learns something of {unit}"

    pages |= {who: crawl(walls, who) for who in (*CLUSTER, *REGION)}  # some of it is theirs
    for who, hidden in HIDDEN.items():
        words = [CANARIES[unit] for unit in hidden]
        told = {word: address for address, page in pages[who].items() for word in words if word in page}
        assert told == {}, who
    assert CANARIES["TH-51"] in "".join(pages["home-cluster_office"].values())
    assert CANARIES["TH-57"] in "".join(pages["home-regional_subcommittee"].values())


def test_searches_and_filters_find_nothing_beyond_a_wall(walls: Walls) -> None:
    for unit in CANARIES:
        plant(walls, unit)

    for who, hidden in HIDDEN.items():
        for unit in hidden:
            word = quote(CANARIES[unit])
            unknown = quote("ไม่มีคำนี้ที่ใดเลย")
            for address in (
                "/tasks?tab=waiting&q={}", "/tasks?tab=takeable&q={}", "/tasks?tab=done&q={}", "/plans?q={}",
                "/tasks?process={}", "/plans?cycle={}", "/plans?region={}",
            ):  # fmt: skip
                asked, nothing = (walls.ask(who, "GET", address.format(text)) for text in (word, unknown))
                pages = [_NEW.sub("*", page.text).replace(text, "?").replace(quote(text), "?")
                         for page, text in ((asked, CANARIES[unit]), (nothing, "ไม่มีคำนี้ที่ใดเลย"))]  # fmt: skip
                assert pages[0] == pages[1], (who, address)
    south, nowhere = (walls.ask("home-governor", "GET", f"/plans?region={code}").text for code in ("SOUTH", "NOWHERE"))
    assert _NEW.sub("*", south).replace("SOUTH", "?") == _NEW.sub("*", nowhere).replace("NOWHERE", "?")


def test_parts_of_a_foreign_plan_are_nowhere_to_be_had(walls: Walls) -> None:
    plant(walls, "TH-81")
    with walls.product.engine.reading() as read:
        file = read.session.scalars(select(PlanFile).where(PlanFile.name == f"{CANARIES['TH-81']}.pdf")).one()
        remark = read.session.scalars(select(Observation).where(Observation.unit == "TH-81")).first()
        assert remark is not None
        etag = f'"{file.sha256}"'
        parts = (
            f"/plans/{KRABI}", f"/plans/{KRABI}?tab=all", f"/plans/{KRABI}/diagram.bpmn", f"/plans/{KRABI}/files/{file.id}",
            f"/plans/{LAMPANG}/files/{file.id}", f"/plans/{KRABI}/files/{file.id}?show=1", f"/cycles/{FAR_CYCLE}",
        )  # fmt: skip

    tasks = [task.id for task in walls.product.engine.tasks(business_key=KRABI)]
    assert tasks

    addresses = (*parts, *(f"/tasks/{task}" for task in tasks), *(f"/tasks/{task}/diagram.bpmn" for task in tasks))
    for who in HIDDEN:
        for address in addresses:
            for headers in ({}, {"If-None-Match": etag}, {"Range": "bytes=0-10"}):
                answer = walls.ask(who, "GET", address, headers=headers)
                assert answer.status_code == 404, (who, address, headers)
                assert not {"ETag", "Last-Modified", "Content-Range"} & set(answer.headers.keys())
                assert CANARIES["TH-81"] not in answer.text
        pane = walls.ask(who, "GET", f"/tasks?task={tasks[0]}")
        none = walls.ask(who, "GET", f"/tasks?task={UNKNOWN_ID}")
        assert _NEW.sub("*", pane.text).replace(tasks[0], "?") == _NEW.sub("*", none.text).replace(UNKNOWN_ID, "?")


def tasks_on(walls: Walls, address: str) -> set[str] | None:
    """Return the tasks that a page leads to; None where the continuation is refused."""
    answer = walls.ask("home-governor", "GET", address)
    assert answer.status_code in {200, 422}
    return set(re.findall(r"[?&;/]tasks?[=/](\d+)", answer.text)) if answer.status_code == 200 else None


def test_a_cursor_of_somebody_else_continues_only_the_own_list(walls: Walls) -> None:
    plant(walls, "TH-81")
    far = InboxFilter(person="wall-far-governor", groups=frozenset({"governor@TH-81"}))
    with walls.product.engine.reading() as read:
        theirs = read.inbox.page(TaskList.TAKEABLE, far, limit=1)
    assert theirs.next is not None
    tabs = ("mine", "takeable", "waiting", "done")
    own = {task for tab in tabs for task in tasks_on(walls, f"/tasks?tab={tab}") or ()}
    assert own
    assert theirs.items[0].id not in own

    assert tasks_on(walls, f"/tasks?tab=takeable&after={quote(theirs.next)}") is not None, "it is a cursor"
    for cursor in (theirs.next, f"~{theirs.items[0].id}", f"{walls.product.clock.now().isoformat()}~0", "~0"):
        for tab in tabs:
            assert (tasks_on(walls, f"/tasks?tab={tab}&after={quote(cursor)}") or set()) <= own
    for before in (walls.messages["home-cabinet"], walls.messages["far-governor"], 10**9):
        told = walls.ask("home-governor", "GET", f"/notifications?before={before}").text
        assert set(re.findall(r'href="/notifications/(\d+)"', told)) <= {str(walls.messages["home-governor"])}


def test_who_goes_to_another_province_leaves_its_work_behind(walls: Walls) -> None:
    plant(walls, "TH-52")
    planner, engine = "wall-home-province_strategy", walls.product.engine
    before, now = "province_strategy@TH-52", walls.product.clock.now()
    actor = Actor(planner, before, frozenset({before}))
    task = walls.product.task(LAMPANG, "draft")
    engine.claim(task.id, actor)
    run = engine.start("wall", {"who": before, "next": "governor@TH-52", "word": CANARIES["TH-52"]}, LAMPANG)
    done = engine.complete(engine.tasks(instance_id=run.id)[0].id, {}, actor)
    waiting = engine.tasks(instance_id=run.id)[0]
    own = (task, done, waiting)
    assert {walls.ask("home-province_strategy", "GET", f"/tasks/{one.id}").status_code for one in own} == {200}
    with engine.unit_of_work(SYSTEM) as uow:
        holding = uow.session.scalars(select(Holding).where(Holding.person_id == planner)).one()
        end_holding(uow.session, holding.id, end=now, reason="transferred", actor=SYSTEM)
        appoint(uow.session, planner, "province_strategy@TH-81", start=now, actor=SYSTEM, now=now)
    walls.sign_in("home-province_strategy")

    pages = crawl(walls, "home-province_strategy")

    assert CANARIES["TH-52"] not in "".join(pages.values())
    for one in own:
        assert walls.ask("home-province_strategy", "GET", f"/tasks/{one.id}").status_code == 404
        assert not [address for address, page in pages.items() if f"/tasks/{one.id}" in page]
    assert walls.ask("home-province_strategy", "GET", f"/plans/{LAMPANG}").status_code == 404
    assert walls.ask("home-province_strategy", "GET", f"/plans/{KRABI}").status_code == 200


def test_a_part_in_the_review_of_a_cycle_shows_no_other_region(walls: Walls) -> None:
    engine, person = walls.product.engine, "wall-home-regional_subcommittee"
    run = engine.start("wall", {"who": "regional_subcommittee@NORTH", "next": "regional_subcommittee@SOUTH"}, CYCLE)
    own = engine.tasks(instance_id=run.id)[0]
    engine.complete(own.id, {}, Actor(person))
    foreign = engine.tasks(instance_id=run.id)[0]

    page = walls.ask("home-regional_subcommittee", "GET", "/tasks?tab=waiting")

    assert walls.ask("home-regional_subcommittee", "GET", f"/tasks/{foreign.id}").status_code == 404
    assert f"/tasks/{foreign.id}" not in page.text
    assert walls.ask("home-regional_subcommittee", "GET", f"/tasks/{own.id}").status_code == 200
    assert LAMPHUN not in page.text
