"""`saanphaen privacy` from the outside: exit status, what is told, what is written, and the audit trail after it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from tests.support.drafting import LAMPANG, open_drafting
from web.cli import cli
from web.privacy.inventory import as_markdown
from workflows.organization.models import Holding, Person

PERSON = "demo-th52-planner"


@pytest.fixture
def database(drafting_template: Path, tmp_path: Path) -> Path:
    """A plan at its draft, whose planner has left since."""
    product = open_drafting(drafting_template, tmp_path)
    with product.engine.unit_of_work() as uow:
        ended = update(Holding).where(Holding.person_id == PERSON)
        uow.session.execute(ended.values(valid_to=uow.now, ended_by="x", end_reason="ย้าย"))
    product.close()
    return tmp_path / "drafting.db"


def run(database: Path, *arguments: str, answer: str | None = None) -> Result:
    environment = {"DATABASE_URL": f"sqlite:///{database}", "SAANPHAEN_DATA_DIR": str(database.parent / "data")}
    return CliRunner().invoke(cli, list(arguments), env=environment, input=answer)


def name_in(database: Path) -> str:
    from workflows.install import open_engine

    engine = open_engine(f"sqlite:///{database}")
    with engine.reading() as read:
        name = read.session.get_one(Person, PERSON).name
    engine.close()
    return name


def test_everything_of_a_person_is_written_to_a_file_for_nobody_else(database: Path, tmp_path: Path) -> None:
    out = tmp_path / "person.json"

    done = run(database, "privacy", "export", PERSON, "--out", str(out), "--reason", "หนังสือที่ 12")

    assert done.exit_code == 0, done.output
    told = json.loads(out.read_text("utf-8"))
    assert told["name"] == name_in(database)
    assert told["tables"]["web_privacy_act"]["rows"][0]["reason"] == "หนังสือที่ 12"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "password_hash" not in out.read_text("utf-8")


def test_taking_out_shows_first_asks_and_leaves_a_trail_that_verifies(database: Path) -> None:
    name = name_in(database)
    asked = run(database, "privacy", "anonymise", PERSON, "--reason", "คำขอ", answer="n\n")
    assert asked.exit_code == 1
    assert "org_person" in asked.output
    assert name_in(database) == name

    done = run(database, "privacy", "anonymise", PERSON, "--reason", "คำขอ", "--yes")

    assert done.exit_code == 0, done.output
    assert name_in(database).startswith("[บุคคล ")
    verified = run(database, "audit", "verify")
    assert verified.exit_code == 0, verified.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("anonymise", "nobody", "--reason", "x", "--yes"), "Expected a person of the organisation"),
        (("anonymise", "demo-th52-governor", "--reason", "x", "--yes"), "Expected somebody who has left"),
        (("anonymise", PERSON, "--reason", " ", "--yes"), "Expected a reason"),
        (("export", "nobody", "--out", "nobody.json"), "Expected a person of the organisation"),
        (("anonymise", "นายไม่มี ในระบบ", "--named", "--reason", "x", "--yes"), "nothing is left"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(database: Path, arguments: tuple[str, ...], told: str) -> None:
    refused = run(database, "privacy", *arguments)

    assert refused.exit_code == 1
    assert told in refused.output
    assert "Traceback" not in refused.output
    assert not Path("nobody.json").exists()


def test_a_reason_must_be_given(database: Path) -> None:
    assert run(database, "privacy", "anonymise", PERSON, "--yes").exit_code == 2


def test_a_sweep_changes_nothing_unless_it_is_asked_to(database: Path) -> None:
    looked, swept = run(database, "privacy", "sweep"), run(database, "privacy", "sweep", "--apply")

    assert (looked.exit_code, swept.exit_code) == (0, 0)
    assert "over its time" in looked.output
    assert "removed" in swept.output


def test_the_inventory_is_written_as_the_page_shows_it(database: Path) -> None:
    assert run(database, "privacy", "inventory").output.strip() == as_markdown().strip()


def test_the_plan_goes_on_after_its_planner_was_taken_out(database: Path, tmp_path: Path) -> None:
    run(database, "privacy", "anonymise", PERSON, "--reason", "คำขอ", "--yes")

    (tmp_path / "again").mkdir()
    product = open_drafting(database, tmp_path / "again")

    assert "draft" in product.open(LAMPANG)
    product.close()
