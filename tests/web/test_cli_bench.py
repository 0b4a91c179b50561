"""`saanphaen bench`: what it writes for people and machines, its exit status, and that it leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import make_url

from web.bench import completion, stores
from web.bench.measures import MEASURES
from web.bench.rows import Row
from web.bench.run import Run
from web.bench.throwaway_postgres import Postgres
from web.cli import cli

FIELDS = ["name", "store", "value", "unit", "floor", "ratio"]


def bench(*arguments: str) -> Result:
    found = CliRunner().invoke(cli, ["bench", *arguments])
    assert "Traceback" not in found.output, found.output
    return found


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[float, float]]:
    """Let `completion` be measured at once, with figures of the test's own."""
    told = {"sqlite": (4.0, 2.0), "postgresql": (9.0, 2.0)}

    def measure(run: Run) -> Iterator[Row]:
        run.notes.append("made up")
        with run.database(), run.profiled():
            yield run.row("completion", *told[run.store.name])
            yield run.row("completion/cpu", 1234.5678, None)

    monkeypatch.setattr(completion, "measure", measure)
    monkeypatch.setattr(stores, "find_binaries", lambda: None)
    return told


def rows_of(result: Result) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def test_the_list_names_everything_that_the_issue_asks_for() -> None:
    wanted = {
        "completion",
        "multi-instance",
        "growth",
        "timers",
        "inbox",
        "search",
        "http",
        "start",
        "storage",
        "memory",
        "instances",
        "validation",
        "feel",
        "decision",
    }

    listed = bench("--list")

    assert listed.exit_code == 0
    assert wanted | {"peer"} == set(MEASURES)
    assert all(name in listed.stdout for name in MEASURES)
    assert [line["name"] for line in json.loads(bench("--list", "--json").stdout)] == list(MEASURES)


def test_an_unknown_name_is_wrong_usage_and_measures_nothing() -> None:
    refused = bench("completion", "velocity", "--quick")

    assert refused.exit_code == 2
    assert "velocity" in refused.stderr
    assert "multi-instance" in refused.stderr  # what there is
    assert refused.stdout == ""


def test_people_see_bars_and_what_was_measured_on(figures: dict[str, tuple[float, float]]) -> None:
    shown = bench("completion", "--quick")

    assert shown.exit_code == 0
    assert "2.00x" in shown.stdout
    assert "≤ 5.00x" in shown.stdout
    assert "✓ goal" in shown.stdout
    assert "1,235" in shown.stdout
    assert "note: made up" in shown.stdout
    assert "QUICK" in shown.stdout
    assert "synchronous=FULL" in shown.stdout
    assert "cores" in shown.stdout


def test_without_postgresql_its_rows_are_left_out_loudly(figures: dict[str, tuple[float, float]]) -> None:
    found = bench("completion", "--json")

    assert found.exit_code == 0
    assert "NO POSTGRESQL" in found.stderr
    assert {row["store"] for row in rows_of(found)} == {"sqlite"}
    assert rows_of(found)[1]["floor"] is None
    assert bench("completion", "--store", "postgresql").exit_code == 1  # nothing at all would be measured


def test_a_bar_that_is_missed_is_told_and_fails_only_when_asked(figures: dict[str, tuple[float, float]]) -> None:
    figures["sqlite"] = (20.0, 2.0)

    assert "✗ short" in bench("completion").stdout
    assert bench("completion").exit_code == 0
    assert bench("completion", "--strict").exit_code == 1
    figures["sqlite"] = (2.0, 2.0)
    assert bench("completion", "--strict").exit_code == 0


def test_a_profile_never_mixes_with_what_machines_read(figures: dict[str, tuple[float, float]]) -> None:
    found = bench("completion", "--profile", "--json")

    assert "by their own time" in found.stderr
    assert rows_of(found)


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "sqlite:///x.db", "no url"])
def test_a_server_that_is_none_is_refused_in_one_line(url: str) -> None:
    refused = bench("completion", "--store", "postgresql", "--postgres", url)

    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: Expected")
    assert len(refused.stderr.splitlines()) == 1
    assert refused.stdout == ""


@pytest.mark.slow
def test_a_quick_run_measures_the_product_beside_floor_and_peer() -> None:
    found = bench("peer", "storage", "--quick", "--json", "--store", "sqlite")

    assert found.exit_code == 0, found.output
    rows = rows_of(found)
    assert all(list(row) == FIELDS for row in rows)
    by_name = {row["name"]: row for row in rows}
    assert {"peer", "peer/cpu", "storage"} <= set(by_name)
    assert 0 < by_name["storage/waiting"]["value"] < by_name["storage"]["value"]
    for row in rows:
        assert row["value"] > 0
        if row["ratio"] is not None:
            assert row["ratio"] == pytest.approx(row["value"] / row["floor"], rel=1e-2)


@pytest.mark.slow
def test_a_given_server_keeps_what_it_had(postgres: Postgres) -> None:
    def databases() -> set[str]:
        url = make_url(postgres.admin_url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}

    before = databases()

    found = bench("completion", "--quick", "--json", "--store", "postgresql", "--postgres", postgres.admin_url)

    assert found.exit_code == 0, found.output
    assert {row["store"] for row in rows_of(found)} == {"postgresql"}
    by_name = {row["name"]: row["value"] for row in rows_of(found)}
    assert {"completion", "completion/cpu", "completion/clocks"} <= set(by_name)
    assert by_name["completion/cpu"] > 0
    assert databases() == before
