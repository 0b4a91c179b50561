"""What the product is measured beside does what it says: the floors, the naive peer, the bare application."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask.testing import FlaskClient

from web.bench import bare_app
from web.bench.approval_floor import ApprovalFloor
from web.bench.floor import Floor
from web.bench.naive_peer import NaivePeer
from web.bench.timer_floor import TimerFloor

NOW = dt.datetime(2026, 11, 25, 3, 0, tzinfo=dt.UTC)


@pytest.fixture
def floor(database_url: str) -> Iterator[ApprovalFloor]:
    with closing(ApprovalFloor(database_url, clocks=True)) as opened:
        yield opened


def count(floor: Floor, table: str, where: str = "1 = 1") -> int:
    return int(floor.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0])


def test_the_floor_completes_an_approval_with_the_rows_it_promises(floor: ApprovalFloor) -> None:
    instance = floor.start("planner@TH-52", {"unit": "TH-52"})

    floor.complete(floor.open_task(instance), "somebody", "governor@TH-52", {"approved": True})
    assert floor.open_tasks_of("governor@TH-52") == [str(floor.open_task(instance))]
    floor.complete(floor.open_task(instance), "somebody else", "", {"comment": "เห็นชอบ"})

    assert count(floor.floor, "floor_instance", "state = 'completed' AND version = 3") == 1
    assert count(floor.floor, "floor_task", "state = 'completed'") == 2
    assert count(floor.floor, "floor_audit") == 1 + 2 * 2
    assert count(floor.floor, "floor_clock", "state = 'met'") == 2
    assert count(floor.floor, "floor_clock_event") == 4
    (data,) = floor.floor.execute("SELECT data FROM floor_instance").fetchone()
    assert "เห็นชอบ" in data


def test_a_draft_that_is_returned_opens_again(floor: ApprovalFloor) -> None:
    instance = floor.start("planner@TH-52", {})

    floor.complete(floor.open_task(instance), "somebody", "planner@TH-52", {"approved": False}, again=True)

    assert count(floor.floor, "floor_task", "element_id = 'draft' AND state = 'created'") == 1


def test_one_of_many_tasks_leaves_the_others_open(floor: ApprovalFloor) -> None:
    tasks = floor.start_many([f"planner@TH-{number}" for number in range(10, 86)])

    floor.complete_one_of_many(tasks[40], "somebody", {"approved": True})

    assert count(floor.floor, "floor_task", "state = 'created'") == 75
    assert count(floor.floor, "floor_audit") == 1


def test_a_transaction_of_the_floor_that_fails_leaves_nothing(floor: ApprovalFloor) -> None:
    def fail() -> None:
        with floor.floor.transaction():
            floor.floor.execute(
                "INSERT INTO floor_instance (version, state, started_at, data) VALUES (1, 'active', '2026-11-25', '{}')"
            )
            raise TypeError

    with pytest.raises(TypeError):
        fail()

    assert count(floor.floor, "floor_instance") == 0


def test_the_floor_fires_each_due_timer_once(database_url: str) -> None:
    moments = [NOW + dt.timedelta(hours=number) for number in range(4)]
    with closing(TimerFloor(database_url)) as timers:
        timers.fill(40, 12, moments)
        timers.look(NOW - dt.timedelta(hours=1))
        for moment in [moments[0], moments[0], moments[2]]:
            timers.fire_due(moment)
        timers.fill(100, 0, moments)

        assert count(timers._floor, "floor_timer", "state = 'done'") == 9
        assert count(timers._floor, "floor_timer") == 100
        assert count(timers._floor, "floor_task") == 9
        assert count(timers._floor, "floor_audit") == 18


def test_the_naive_peer_really_runs_the_process(database_url: str) -> None:
    with closing(NaivePeer(database_url)) as peer:
        approved, refused = peer.start({"unit": "TH-52"}), peer.start({"unit": "TH-51"})

        first = peer.open_task(approved)
        peer.complete(first, {"approved": True})
        second = peer.open_task(approved)
        peer.complete(second, {"approved": True})
        peer.complete(peer.open_task(refused), {"approved": False})

    with closing(Floor(database_url)) as rows:
        assert first != second
        assert count(rows, "naive_task") == 3
        assert count(rows, "naive_task", "state = 'open'") == 0
        assert count(rows, "naive_audit") == 2 + 3 * 2


@pytest.fixture
def bare(database_url: str) -> Iterator[tuple[FlaskClient, ApprovalFloor]]:
    with closing(ApprovalFloor(database_url)) as rows:
        rows.floor.script(bare_app.TABLES)
        for person in ("planner@TH-52", "planner@TH-51"):
            rows.floor.execute("INSERT INTO bare_person VALUES (?, ?)", (person, person))
            rows.floor.execute("INSERT INTO bare_holding VALUES (?, ?)", (person, person))
        app = bare_app.create_app(database_url)
        yield app.test_client(), rows
        app.extensions["rows"]().close()


def post(client: FlaskClient, path: str, **fields: str) -> int:
    token = client.get("/").text.split('content="')[1].split('"')[0]
    return client.post(path, data={"csrf_token": token, **fields}).status_code


def test_the_bare_application_does_what_the_product_does(bare: tuple[FlaskClient, ApprovalFloor]) -> None:
    client, rows = bare
    instance = rows.start("planner@TH-52", {})
    task = rows.open_task(instance)
    path = f"/tasks/{task}/complete"

    assert client.post(path).status_code == 400  # no token
    assert post(client, path) == 401  # no session
    assert post(client, "/sign-in", login="planner@TH-51") == 303
    assert post(client, path, once="a") == 403  # of another province
    assert count(rows.floor, "bare_command") == 0
    assert post(client, "/sign-in", login="planner@TH-52") == 303
    assert post(client, path, **{"once": "a", "v:comment": "ย" * 201}) == 422
    assert post(client, path, **{"once": "a", "v:approved": "1"}) == 303
    assert rows.open_tasks_of("governor@TH-52") == [str(rows.open_task(instance))]
