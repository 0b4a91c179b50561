"""What every released version left behind opens, stands where it stood, runs on and ends as that version said."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import (
    DatabaseUnavailable,
    ProcessEngine,
    current_revision,
    downgrade,
    head_revision,
    open_database,
    upgrade,
)
from tests.upgrades import planning
from tests.upgrades.conftest import Released
from tests.upgrades.story import Stage
from workflows.install import rules


def _upgrade(url: str, revision: str = "head") -> None:
    database = open_database(url)
    upgrade(database, revision)
    database.dispose()


def _downgrade(url: str, revision: str) -> None:
    database = open_database(url)
    downgrade(database, revision)
    database.dispose()


def _revision(url: str) -> str | None:
    database = open_database(url)
    found = current_revision(database)
    database.dispose()
    return found


def _not_found_by_group(stage: Stage) -> list[str]:
    """Return the open tasks that those who may take them would not see."""
    open_ = [task for task in stage.engine.tasks(limit=1_000) if task.candidate_groups and task.assignee is None]
    assert open_
    return [
        f"{task.process_id} {task.element_id}"
        for task in open_
        if task.id
        not in {one.id for one in stage.engine.tasks(candidate_groups=task.candidate_groups[:1], limit=1_000)}
    ]


def test_an_older_database_is_refused_until_it_is_upgraded(released: Released) -> None:
    url = released.load("waits")
    assert _revision(url) == released.manifest["revision"]

    if released.manifest["revision"] != head_revision():
        with pytest.raises(DatabaseUnavailable) as refused:
            ProcessEngine.open(url)
        assert refused.value.facts["reason"] == "outdated"
        assert _revision(url) == released.manifest["revision"], "a refusal changes nothing"
    ProcessEngine.open(url, migrate=True).close()

    assert _revision(url) == head_revision()


def test_every_wait_stands_where_it_stood_and_everything_runs_to_its_end(released: Released) -> None:
    told = released.manifest["waits"]
    url = released.load("waits")
    _upgrade(url)
    stage, runs = Stage(url, told["moment"]), dict(told["runs"])
    try:
        assert stage.engine.verify_audit().verified
        assert stage.told(runs) == told["stands"]
        assert _not_found_by_group(stage) == []

        for act in told["acts"]:
            stage.perform(act, runs)

        assert stage.told(runs) == told["ends"]
        whole = stage.whole()
        assert whole["runs"] == told["whole"]["runs"]
        assert whole["verified"]
        assert stage.engine.incidents() == []
    finally:
        stage.close()


def test_a_planning_year_goes_on_from_its_middle_to_its_end(released: Released) -> None:
    told = released.manifest["planning"]
    url = released.load("planning")
    _upgrade(url)
    assert planning.standing(url) == told["stands"]

    assert planning.go_on(url, told["played"]) == told["ends"]


def test_a_database_goes_down_to_its_release_and_up_again(released: Released) -> None:
    told = released.manifest["waits"]
    url = released.load("waits")
    _upgrade(url)

    _downgrade(url, released.manifest["revision"])
    assert _revision(url) == released.manifest["revision"]
    _upgrade(url)

    stage, runs = Stage(url, told["moment"]), dict(told["runs"])
    try:
        assert stage.engine.verify_audit().verified
        for act in told["acts"]:
            stage.perform(act, runs)
        assert stage.told(runs) == told["ends"]
    finally:
        stage.close()


def test_a_year_is_still_there_after_the_way_down_and_up(released: Released) -> None:
    told = released.manifest["planning"]
    url = released.load("planning")
    _upgrade(url)
    _downgrade(url, released.manifest["revision"])
    _upgrade(url)

    assert planning.standing(url) == told["stands"]


def test_what_was_deployed_once_can_be_deployed_again(release: Path) -> None:
    engine = ProcessEngine.open("sqlite://")
    folders = sorted((release / "files").iterdir(), key=lambda place: place.name != "called-1")  # whom others call

    for folder in folders:
        if folder.name.rpartition("-")[0] not in _OF_THE_PRODUCT:
            assert engine.deploy(folder).definitions
    engine.close()


def test_the_product_takes_the_files_of_its_earlier_releases(release: Path) -> None:
    from engine import Ports

    engine = ProcessEngine.open("sqlite://", ports=Ports(rules=rules()))

    for key in _OF_THE_PRODUCT:
        (folder,) = (release / "files").glob(f"{key}-*")
        assert engine.deploy(folder).definitions[0].key == key
    engine.close()


_OF_THE_PRODUCT = ("consultation", "provincial-plan", "cluster-plan", "national-review", "planning-cycle")
