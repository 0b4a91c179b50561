"""`/healthz`: for load balancers and monitoring, about the machinery and about nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine import open_database
from tests.support.web import Office
from web.operations.life_signs import LifeSign


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Office]:
    office = Office(sqlite_url)
    yield office
    office.close()


def test_it_tells_how_long_ago_a_worker_told_of_itself(office: Office) -> None:
    LifeSign(office.engine)(office.clock.now())
    office.clock.advance(seconds=40)

    answer = office.browser().get("/healthz")

    assert answer.status_code == 200
    assert answer.json == {
        "status": "ok",
        "database": "ok",
        "worker": {"heartbeat_age_seconds": 40, "alive": True},
    }


@pytest.mark.parametrize("age", [None, 180])
def test_a_silent_worker_degrades_and_fails_only_where_it_is_required(office: Office, age: int | None) -> None:
    if age is not None:
        LifeSign(office.engine)(office.clock.now())
        office.clock.advance(seconds=age)

    plain, strict = office.browser().get("/healthz"), office.browser().get("/healthz?worker=required")

    assert (plain.status_code, strict.status_code) == (200, 503)
    assert plain.json is not None
    assert plain.json["status"] == "degraded"
    assert plain.json["worker"] == {"heartbeat_age_seconds": age, "alive": False}
    assert strict.json is not None
    assert strict.json["reason"] == "worker_silent"


def test_a_database_that_cannot_be_read_is_503_with_the_reason(office: Office) -> None:
    database = open_database(office.app.extensions["saanphaen"].settings.database_url)
    with database.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE web_worker RENAME TO gone")
    database.dispose()

    answer = office.browser().get("/healthz")

    assert answer.status_code == 503
    assert answer.json == {"status": "unavailable", "reason": "database_unreachable"}
    assert answer.headers["Retry-After"]
    assert "web_worker" not in answer.text
