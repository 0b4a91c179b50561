"""Drafts of task forms, kept by several windows at the same moment."""

from __future__ import annotations

import threading

from engine import ProcessEngine
from tests.support.driver import Driver
from web.tasks import drafts


def keep(engine: ProcessEngine, typed: str) -> drafts.Draft:
    with engine.unit_of_work() as uow:
        return drafts.save_draft(
            uow.session, "1", {"v:note": [typed]}, person_id="ann", version=0, force=False, now=uow.now
        )


def test_the_first_draft_of_two_windows_at_once_is_kept_by_both(driver: Driver) -> None:
    driver.engine.tasks()
    found: list[object] = []

    def other() -> None:
        try:
            found.append(keep(driver.engine, "same"))
        except Exception as error:  # noqa: BLE001 - told in the assertion
            found.append(error)

    started = threading.Event()
    with driver.engine.unit_of_work() as uow:
        drafts.save_draft(uow.session, "1", {"v:note": ["same"]}, person_id="ann", version=0, force=False, now=uow.now)
        window = threading.Thread(target=other)
        window.start()
        started.wait(0.3)  # let it arrive where it has to wait
    window.join()

    (second,) = found
    assert isinstance(second, drafts.Draft), second
    assert second.typed == {"v:note": ["same"]}
