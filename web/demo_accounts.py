"""Accounts for the people of the demo: they have no password, the sign-in page of the demo switches to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.accounts import service
from workflows.cast import people

if TYPE_CHECKING:
    from engine import ProcessEngine


def create_demo_accounts(engine: ProcessEngine) -> int:
    """Make an account for everybody of the cast who has none; returns how many were made."""
    made = 0
    with engine.unit_of_work() as uow:
        for person in people():
            if service.any_account(uow.session, login=person, person_id=person) is None:
                service.create_account(uow.session, person_id=person, login=person, password_hash=None, now=uow.now)
                made += 1
    return made
