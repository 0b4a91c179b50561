"""What is over its time is shown first and removed when asked for; bytes that no plan refers to go, those in use stay."""

from __future__ import annotations

import datetime as dt
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine import SYSTEM
from tests.support.hostile_files import PDF, office
from tests.support.product import Product
from web.accounts.models import Account, WebSession
from web.config import Settings
from web.privacy import sweeping
from web.privacy.models import PrivacyAct
from web.privacy.worker import EVERY, DailySweep
from web.tasks.models import TaskDraft
from workflows.files.store import DirectoryStore
from workflows.notifications.models import Notification
from workflows.plans.documents import working_edition
from workflows.plans.files import add_file
from workflows.plans.models import Document, FileRead
from workflows.plans.states import FileRole

PERSON = "demo-th52-planner"
LONG_AGO = 10_000  # days


@pytest.fixture
def product(database_url: str, tmp_path: Path) -> Iterator[Product]:
    product = Product(database_url, tmp_path)
    product.open_cycle(["TH-52"])
    yield product
    product.close()


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "files")


def age(path: Path) -> None:
    os.utime(path, (1_000_000_000, 1_000_000_000))


def fill(product: Product, days: int) -> None:
    """Write one row of every kind that was last touched so many days ago."""
    with product.engine.unit_of_work(SYSTEM) as uow:
        session, at = uow.session, uow.now - dt.timedelta(days=days)
        document = session.scalars(select(Document.id)).first()
        account = session.scalars(select(Account.id)).first()
        assert document is not None
        assert account is not None
        session.add_all(
            [
                Notification(person_id=PERSON, kind="due_soon", key=f"k{days}", facts="{}", created_at=at),
                TaskDraft(task_id=f"t{days}", person_id=PERSON, version=1, typed="{}", updated_at=at, previous=None),
                FileRead(
                    document_id=document,
                    file_id=1,
                    name="a.pdf",
                    sha256="a",
                    person_id=PERSON,
                    capacity="",
                    way="saved",
                    at=at,
                ),
                WebSession(
                    token_hash=f"h{days}",
                    account_id=account,
                    stage="full",
                    capacity="",
                    authority="",
                    created_at=at,
                    last_seen_at=at,
                    confirmed_at=at,
                    expires_at=at,
                    ended_at=None,
                    end_reason=None,
                    address="",
                    browser="",
                ),
            ]
        )
        session.flush()


def left(product: Product) -> dict[str, int]:
    kinds = (Notification, TaskDraft, FileRead, WebSession)
    with product.engine.reading() as read:
        return {kind.__tablename__: read.session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds}


def test_what_is_over_its_time_goes_and_the_rest_stays(product: Product, store: DirectoryStore) -> None:
    fill(product, LONG_AGO)
    fill(product, 30)
    before = left(product)
    shown = {each.kind: each.count for each in sweeping.look(product.engine, Settings(), store)}

    assert left(product) == before
    swept = {each.kind: each.count for each in sweeping.sweep(product.engine, Settings(), store)}

    assert swept == shown
    assert {kind: swept[kind] for kind in before} == dict.fromkeys(before, 1)
    assert left(product) == {kind: count - 1 for kind, count in before.items()}
    with product.engine.reading() as read:
        (act,) = read.session.scalars(select(PrivacyAct)).all()
        assert (act.kind, act.counts) == ("sweep_reads", '{"plan_file_read": 1}')
    assert product.engine.verify_audit().verified


def test_bytes_in_use_stay_and_lost_ones_go_after_a_day(product: Product, store: DirectoryStore) -> None:
    used, lost, fresh = (store.put(io.BytesIO(content)) for content in (PDF, office(), PDF + b"%%EOF"))
    with product.engine.unit_of_work(SYSTEM) as uow:
        document = uow.session.scalars(select(Document).where(Document.unit == "TH-52")).one()
        edition = working_edition(uow.session, document, actor=SYSTEM, now=uow.now)
        add_file(
            uow.session, document, used, name="a.pdf", role=FileRole.PLAN, actor=SYSTEM, now=uow.now, edition=edition
        )  # fmt: skip
    for stored in (used, lost):
        age(store.path_of(stored.sha256))
    crashed = store.receive(io.BytesIO(office({"a.xml": b"<a/>"})))
    (unfinished,) = store.unfinished()
    age(unfinished)

    swept = {each.kind: each.count for each in sweeping.sweep(product.engine, Settings(), store)}

    assert swept["files"] == 2
    assert sorted(path.name for path in store.held()) == sorted([used.sha256, fresh.sha256])
    assert list(store.unfinished()) == []
    crashed.drop()


def test_bytes_that_are_sent_again_meanwhile_are_not_taken_for_lost(store: DirectoryStore) -> None:
    stored = store.put(io.BytesIO(PDF))
    path = store.path_of(stored.sha256)
    age(path)

    store.put(io.BytesIO(PDF))

    assert store.remove_unused([path], before=1_500_000_000) == []
    assert path.is_file()


def test_the_worker_sweeps_at_its_first_look_and_then_once_a_day(product: Product, store: DirectoryStore) -> None:
    daily = DailySweep(product.engine, Settings(), store)
    now = product.clock.now()
    fill(product, LONG_AGO)

    daily(now)
    fill(product, LONG_AGO + 1)
    after_first = left(product)
    daily(now + EVERY / 2)
    assert left(product) == after_first
    daily(now + EVERY)

    assert left(product)["note_notification"] == after_first["note_notification"] - 1
