"""An engine with the domain plugged in, on both kinds of database; every day is a working day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from engine import Variables
from tests.acceptance.story import Story
from tests.support.clock import ManualClock
from workflows.calendar import end_of
from workflows.install import deploy_definitions, open_with
from workflows.plans.parties import Party
from workflows.plans.values import as_day

ROLES = (
    "agency",
    "cabinet",
    "central_team",
    "cluster_committee",
    "cluster_head",
    "cluster_office",
    "governor",
    "local_government",
    "nesdc",
    "policy_committee",
    "province_committee",
    "province_strategy",
    "regional_subcommittee",
)


class NoParties:
    """Nobody else has an inbox."""

    def owing_data(self, _session: Session, _unit: str, _at: dt.datetime) -> Sequence[Party]:
        return ()

    def of_consultation(self, _session: Session, _unit: str, _at: dt.datetime) -> Sequence[Party]:
        return ()


class EveryDayWorks:
    """A calendar without holidays."""

    def resolve(self, _session: Session, value: object, *, now: dt.datetime, variables: Variables) -> dt.datetime:  # noqa: ARG002
        if isinstance(value, str) and value.startswith("working-days:"):
            return end_of(as_day(now) + dt.timedelta(days=int(value.removeprefix("working-days:"))))
        return end_of(as_day(value))


def days_between(_session: Session, start: dt.datetime, end: dt.datetime, _unit: str) -> int:
    return max(0, (as_day(end) - as_day(start)).days)


@pytest.fixture
def story(database_url: str, tmp_path: Path) -> Iterator[Story]:
    clock = ManualClock()
    engine = open_with(
        database_url,
        clock=clock,
        parties=NoParties(),
        roles=ROLES,
        calendar=EveryDayWorks(),
        working_days=days_between,
    )
    deploy_definitions(engine)
    yield Story(engine, clock, tmp_path / "files")
    engine.close()
