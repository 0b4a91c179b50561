"""S10: nobody takes more than their position gives; each attempt is refused, changes nothing and stands in the log."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
import structlog

from engine import Actor
from tests.support.wall_requests import ANOTHER_DATE, NEW_CYCLE, a_version
from tests.support.walls import CYCLE, FINISHED, KRABI, LAMPANG, LAMPHUN, PDF, Walls
from web.config import Settings
from web.log_setup import configure_logging

REFUSED: Final = {403, 404}
PLANNER, GOVERNOR, ADMIN, AUDITOR = "home-province_strategy", "home-governor", "home-system_admin", "home-auditor"
Address = str | Callable[[Walls], str]
Form = dict[str, Any] | Callable[[Walls], dict[str, Any]]
Flow = tuple[str, str, Address, Form]


def task(who: str, kind: str, act: str) -> Callable[[Walls], str]:
    return lambda walls: f"/tasks/{walls.tasks[who, kind]}/{act}"


def a_file() -> dict[str, Any]:
    return {"file": (io.BytesIO(PDF), "a.pdf"), "role": "plan"}


def _flows() -> Iterator[Flow]:
    # --- to give oneself a role
    for who in ("home-agency", PLANNER, AUDITOR, "no-position", "expired-governor"):
        for capacity in ("system_admin@TH", "governor@TH-52#1", "governor@TH-81", "nesdc@TH", "*"):
            yield f"act as {capacity}", who, "/capacity", {"capacity": capacity}
    # --- to act where one's order has ended, or for another province
    for who in ("expired-governor", "expired-system_admin", "far-governor", "far-province_strategy"):
        role = who.partition("-")[2]
        for act in ("claim", "release", "hand-over", "complete", "draft"):
            yield f"{act} at home", who, task(f"home-{role}", "own", act), {"v:note": "x", "reason": "x"}
    for address in (f"/plans/{LAMPHUN}", f"/plans/{KRABI}", f"/plans/{CYCLE}/NU1"):
        yield "attach to another's plan", PLANNER, f"{address}/files", lambda _walls: a_file()
    yield "attach for the governor", GOVERNOR, f"/plans/{LAMPANG}/files", lambda _walls: a_file()
    yield "attach as an administrator", ADMIN, f"/plans/{LAMPANG}/files", lambda _walls: a_file()
    for plan, part in ((LAMPHUN, "neighbour"), (KRABI, "far"), (LAMPANG, "far")):
        yield (
            "close another's remark", PLANNER,
            lambda walls, plan=plan, part=part: f"/plans/{plan}/observations/{walls.remarks[part]}/close",
            {"edition": "1", "proof": "x"},
        )  # fmt: skip
        yield (
            "take out another's file", PLANNER,
            lambda walls, plan=plan, part=part: f"/plans/{plan}/files/{walls.files[part]}/remove", {},
        )  # fmt: skip
    # --- to approve what one has made oneself, or do the step of another office
    for who in (PLANNER, "home-agency", GOVERNOR, ADMIN, AUDITOR):
        for act in ("claim", "complete", "draft"):
            yield f"{act} the next step", who, task(who, "next", act), {"v:note": "x"}
    for act in ("claim", "complete", "release", "hand-over", "draft"):
        yield f"{act} for the governor", PLANNER, task(GOVERNOR, "own", act), {"v:note": "x", "outcome": "approve"}
        yield f"{act} for the planner", ADMIN, task(PLANNER, "own", act), {"v:note": "x"}
    # --- what only administrators and the secretariat do
    for who in (PLANNER, GOVERNOR, "home-nesdc", "home-cabinet", AUDITOR, "acting-governor", "expired-system_admin"):
        yield "deploy", who, "/processes/deploy", lambda _walls: dict(a_version())
        for act in ("suspend", "resume", "cancel"):
            yield f"{act} a run", who, lambda walls, act=act: f"/processes/runs/{walls.run}/{act}", {"reason": "x"}
        for act in ("retry", "resolve", "repair"):
            typed = {"name": "budget", "kind": "number", "value": "1", "reason": "x"}
            yield f"{act} a case", who, lambda walls, act=act: f"/operations/{walls.case}/{act}", typed
        for act in ("sessions/end", "second-factor/reset", "waiting/clear"):
            yield f"users: {act}", who, lambda walls, act=act: f"/users/{walls.account}/{act}", {}
    for who in (PLANNER, GOVERNOR, ADMIN, AUDITOR, "home-policy_committee", "home-cluster_head", "expired-nesdc"):
        yield "open a cycle", who, "/cycles/new", {**NEW_CYCLE, "act": "open"}
        yield "move a date", who, f"/cycles/{CYCLE}/calendar/reissue", {**ANOTHER_DATE, "act": "confirm"}


FLOWS: Final = tuple(_flows())


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The product's log; what was set before comes back afterwards."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging(Settings(), stream)
    yield stream
    structlog.reset_defaults()
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in log.getvalue().splitlines()]
    log.truncate(0)
    log.seek(0)
    return found


def test_there_are_as_many_attempts_as_the_plan_of_tests_asks() -> None:
    assert len(FLOWS) >= 50
    assert len({(name, who) for name, who, *_rest in FLOWS}) >= 50


def test_every_attempt_is_refused_changes_nothing_and_is_logged_without_a_name(walls: Walls, log: io.StringIO) -> None:
    wrong = []
    for name, who, address, form in FLOWS:
        where = address(walls) if callable(address) else address
        typed = form(walls) if callable(form) else form
        answer = walls.ask(who, "POST", where, typed)
        told = [line for line in lines(log) if line["event"] == "access_denied"]
        if answer.status_code not in REFUSED:
            wrong.append(f"{name} as {who}: {answer.status_code}")
        if walls.has_changed():
            walls.restore()
            wrong.append(f"{name} as {who}: something was written")
        if len(told) != 1 or told[0]["level"] != "warning" or "actor" not in told[0] or not told[0]["endpoint"]:
            wrong.append(f"{name} as {who}: told as {told}")
        if any(word in json.dumps(told, ensure_ascii=False) for word in ("wall-", "คน ", "reason=x", "หน้า")):
            wrong.append(f"{name} as {who}: a name in {told}")

    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize(
    "whom", ["wall-home-system_admin", "wall-far-governor", "wall-home-deputy_governor", "nobody", "system"]
)
def test_work_is_handed_to_nobody_who_may_not_do_it(walls: Walls, log: io.StringIO, whom: str) -> None:
    own = walls.tasks[GOVERNOR, "own"]

    walls.ask(GOVERNOR, "POST", f"/tasks/{own}/hand-over", {"colleague": whom, "reason": "x"})

    assert walls.product.engine.task(own).assignee == "wall-home-governor"
    assert [line["code"] for line in lines(log) if line["event"] == "access_denied"] == ["no_colleague"]


@pytest.mark.parametrize("asked", ["system_admin@TH", "governor@TH-81", "governor@TH-52#1"])
def test_signing_in_chooses_no_position_that_one_has_not(walls: Walls, asked: str) -> None:
    client = walls.product.app.test_client()
    page = client.get("/sign-in").text
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    form = {"person": "wall-home-agency", "capacity": asked, "csrf_token": token}

    assert client.post("/demo/switch", data=form).status_code == 303
    assert client.get("/operations").status_code == 403
    assert client.get(f"/plans/{KRABI}").status_code == 404


def test_a_plan_that_is_finished_takes_nothing_more(walls: Walls) -> None:
    before = walls.dump()

    upload = walls.ask(PLANNER, "POST", f"/plans/{FINISHED}/files", a_file())
    walls.ask(PLANNER, "POST", f"/plans/{FINISHED}/files/{walls.files['decided']}/remove", {})

    assert upload.status_code == 422
    assert walls.dump() == before


def test_steps_are_done_in_their_order_and_once(walls: Walls) -> None:
    engine, planner = walls.product.engine, Actor("wall-home-province_strategy")
    first = walls.product.task(LAMPANG, "work_plan")
    engine.claim(first.id, planner)
    later = str(int(first.id) + 100_000)
    known = {found.id for found in engine.tasks(business_key=LAMPANG)}

    assert walls.ask(PLANNER, "POST", f"/tasks/{later}/complete", {"v:note": "x"}).status_code == 404
    typed = {"v:note": "แผนงาน", "v:questions": "ข้อมูล"}
    assert walls.ask(PLANNER, "POST", f"/tasks/{first.id}/complete", typed).status_code == 303
    opened = {found.id for found in engine.tasks(business_key=LAMPANG)} - known
    again = walls.ask(PLANNER, "POST", f"/tasks/{first.id}/complete", typed)
    assert again.status_code == 409
    assert {found.id for found in engine.tasks(business_key=LAMPANG)} - known == opened


def test_who_lost_the_position_while_the_page_was_open_finishes_nothing(walls: Walls, log: io.StringIO) -> None:
    own = walls.tasks["expired-governor", "own"]

    answer = walls.ask("expired-governor", "POST", f"/tasks/{own}/complete", {"v:note": "x"})

    assert answer.status_code == 404
    assert walls.product.engine.task(own).completed_by is None
    assert "access_denied" in {line["event"] for line in lines(log)}
