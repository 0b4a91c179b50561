"""The demo: a cycle in mid-air with one late province, made by the same services, whatever day it is loaded on."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from engine import ProcessEngine, TaskFilter
from tests.support.clock import ManualClock
from workflows import demo, install
from workflows.cast import PROVINCES, people
from workflows.files.store import DirectoryStore
from workflows.organization.directory import capacities_of_any
from workflows.plans.models import Document, Observation, Step
from workflows.plans.states import StepState

TUESDAY = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)


def load(url: str, folder: Path, now: dt.datetime) -> ProcessEngine:
    told: list[tuple[int, int]] = []
    assert demo.load(
        url, now=now, store=DirectoryStore(folder), progress=lambda done, total: told.append((done, total))
    )
    assert told[-1][0] == told[-1][1] == len(told)
    return install.open_engine(url, clock=ManualClock(now))


def open_tasks(engine: ProcessEngine) -> set[tuple[str, str]]:
    cycle = f"{demo.CYCLE}/"
    return {
        (str(task.business_key).removeprefix(cycle), task.element_id)
        for task in engine.tasks(limit=1_000)
        if str(task.business_key).startswith(cycle)
    }


@pytest.fixture(scope="module")
def url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the demo, for the tests that only look."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copyfile(sqlite_template, folder / "demo.db")
    url = f"sqlite:///{folder / 'demo.db'}"
    load(url, folder, TUESDAY).close()
    return url


@pytest.fixture
def engine(url: str) -> Iterator[ProcessEngine]:
    opened = install.open_engine(url, clock=ManualClock(TUESDAY))
    yield opened
    opened.close()


def test_a_cycle_is_in_mid_air_with_one_late_province_and_last_year_stands_behind_it(engine: ProcessEngine) -> None:
    assert demo.is_demo(engine)
    assert open_tasks(engine) == {
        ("NU1", "draft"),
        ("TH-50", "hold_meeting"),
        ("TH-50", "give_opinion"),
        ("TH-51", "committee_resolution"),
        ("TH-52", "sign_invitation"),
        ("TH-58", "return_data"),
        ("TH-58", "close_collection"),
        ("TH-58", "cluster_input"),
    }
    late = {task.business_key for task in engine.tasks(limit=1_000) if task.due_at and task.due_at < TUESDAY}
    assert late == {f"{demo.CYCLE}/TH-58"}
    assert not engine.incidents()
    assert engine.verify_audit().verified
    with engine.reading() as read:
        assert read.session.scalars(select(Observation)).all()
        assert len(read.session.scalars(select(Document)).all()) == 2 * (len(PROVINCES) + 1)


def test_the_people_of_the_demo_have_work_each_in_their_own_inbox(engine: ProcessEngine) -> None:
    with engine.reading() as read:
        working = {
            holder.position: len(found)
            for holder in capacities_of_any(read.session, people(), TUESDAY)
            if (found := read.tasks.find(TaskFilter(actor=holder.actor)))
        }

    assert set(working) == {
        "agency@TH-50-AGRI",
        "agency@TH-58-AGRI",
        "business@TH-50-CHAMBER",
        "civil_society@TH-50-BASIN",
        "cluster_office@NU1",
        "governor@TH-52",
        "local_government@TH-50-PAO",
        "nesdc@TH",
        "province_committee@TH-51",
        "province_strategy@TH-50",
        "province_strategy@TH-58",
    }


def test_loading_again_does_nothing(url: str, tmp_path: Path) -> None:
    assert not demo.load(url, now=TUESDAY + dt.timedelta(days=1), store=DirectoryStore(tmp_path))


def test_real_work_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    engine = install.open_engine(sqlite_url, clock=ManualClock(TUESDAY), deploy=True)
    engine.start("consultation", {"plan_key": "x"}, "x")
    engine.close()

    with pytest.raises(demo.DemoRefused):
        demo.load(sqlite_url, now=TUESDAY, store=DirectoryStore(tmp_path))


@pytest.mark.parametrize("day", ["2027-01-03", "2026-10-01"])
def test_it_can_be_loaded_on_a_day_off_and_before_last_year_has_ended(
    sqlite_url: str, tmp_path: Path, day: str
) -> None:
    now = dt.datetime.fromisoformat(f"{day}T20:00:00+07:00")

    engine = load(sqlite_url, tmp_path, now)

    assert {unit for unit, _ in open_tasks(engine)} == {"NU1", *PROVINCES}
    with engine.reading() as read:
        late = select(Document.unit).join(Step, Step.document_id == Document.id)
        late = late.where(Step.state == StepState.OPEN, Step.due < now).distinct()
        assert set(read.session.scalars(late)) == {"TH-58"}
    engine.close()
