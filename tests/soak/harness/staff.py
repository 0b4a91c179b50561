"""The people of a plan's installation: an office of planners with passwords, a governor, an administrator."""

from __future__ import annotations

import datetime as dt
from typing import Final

from engine import SYSTEM, ProcessEngine
from web.accounts import service
from web.accounts.passwords import hash_password
from workflows.organization.appointments import appoint, register_person
from workflows.organization.roles import group

PASSWORD: Final = "ดอกฝ้าย ลำปาง 2569 ทดสอบ"
PLANNER: Final = group("province_strategy", "TH-52")
GOVERNOR: Final = group("governor", "TH-52")
ADMINISTRATOR: Final = group("system_admin", "TH")
PLANNERS: Final = tuple(f"planner{number}" for number in range(1, 13))
GOVERNORS: Final = ("governor1",)
ADMINISTRATORS: Final = ("admin1",)
_LONG_AGO: Final = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def hire(engine: ProcessEngine) -> None:
    """Register everybody, appoint them and give them accounts with the one password."""
    hashed = hash_password(PASSWORD)  # once: a hash is meant to be slow
    with engine.unit_of_work() as uow:
        for position, names in ((PLANNER, PLANNERS), (GOVERNOR, GOVERNORS), (ADMINISTRATOR, ADMINISTRATORS)):
            for name in names:
                register_person(uow.session, f"{name} (สมมติ)", person_id=name)
                appoint(uow.session, name, position, start=_LONG_AGO, actor=SYSTEM, now=uow.now)
                service.create_account(uow.session, person_id=name, login=name, password_hash=hashed, now=uow.now)
