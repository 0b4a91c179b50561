"""The product as it is installed, on a database of the bench: the whole domain plugged in, one office a province."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert

from engine import SYSTEM, Actor, SystemClock
from workflows.install import open_engine
from workflows.organization.geography import provinces
from workflows.organization.models import Holding, Person
from workflows.organization.roles import group

if TYPE_CHECKING:
    from engine import ProcessEngine

DIAGRAMS: Final = Path(__file__).parent / "diagrams"
FORM: Final = "bench-sign.form"
SENT: Final = ("TaskCreated", "TaskCompleted", "InstanceEnded")
"""The events that stand in the outbox too, as a receiver of web hooks asks for them."""

PLANNERS, GOVERNOR = "province_strategy", "governor"


def planner(province: str) -> Actor:
    """Return who prepares the plan of a province, in this capacity."""
    return _in_office(PLANNERS, province)


def governor(province: str) -> Actor:
    """Return who signs it."""
    return _in_office(GOVERNOR, province)


def offices(province: str) -> dict[str, object]:
    """Return the variables that name the candidates in the diagrams of the bench."""
    return {"planners": group(PLANNERS, province), "governor": group(GOVERNOR, province), "unit": province}


def province_codes() -> list[str]:
    """Return the codes of the 76 provinces."""
    return list(provinces())


@contextmanager
def installed(url: str, *diagrams: str) -> Iterator[ProcessEngine]:
    """Open the product on a database, with the people of every province and diagrams of the bench deployed."""
    engine = open_engine(url, outbox=SENT)
    try:
        _staff(engine)
        for name in diagrams:
            engine.deploy([DIAGRAMS / f"{name}.bpmn", DIAGRAMS / FORM])
        yield engine
    finally:
        engine.close()


def _staff(engine: ProcessEngine) -> None:
    """Put somebody into both offices of every province, all at once: one by one takes longer than a quick measure."""
    now = SystemClock().now()
    titles: Mapping[str, str] = {PLANNERS: "เจ้าหน้าที่วิเคราะห์", GOVERNOR: "ผู้ว่าราชการ"}
    people, holdings = [], []
    for code, province in provinces().items():
        for role, title in titles.items():
            actor = _in_office(role, code)
            people.append({"id": actor.id, "name": f"{title}{province.name_th} (สมมติ)"})
            holdings.append(
                {"person_id": actor.id, "position": actor.capacity, "valid_from": now - dt.timedelta(days=365)}
                | {"recorded_at": now, "recorded_by": SYSTEM.id, "end_reason": ""}
            )
    with engine.unit_of_work() as uow:
        uow.session.execute(insert(Person), people)
        uow.session.execute(insert(Holding), holdings)


def _in_office(role: str, province: str) -> Actor:
    office = group(role, province)
    return Actor(f"bench-{role}-{province}", office, frozenset({office}))
