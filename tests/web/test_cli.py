"""The command `saanphaen`: what it does, what it writes, and its exit status."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from engine import open_database
from tests.support.bpmn import process
from web.accounts import service
from web.accounts.passwords import is_password
from web.cli import NOUNS, cli
from web.config import Settings
from workflows.calendar import withdraw_holiday
from workflows.calendar.models import Holiday
from workflows.cast import people
from workflows.install import open_engine

PASSWORD = "ดอกฝ้าย ลำปาง 2569"
OLD_REVISION = "20261124_1200"


class Command:
    """Runs commands on one database."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.environment = {"SAANPHAEN_DATABASE_URL": url, "SAANPHAEN_DATA_DIR": str(folder)}

    def __call__(self, *arguments: str, **options: str) -> Result:
        found = CliRunner(env=self.environment).invoke(cli, list(arguments), **options)
        assert "Traceback" not in found.output, found.output
        return found


@pytest.fixture
def command(sqlite_url: str, tmp_path: Path) -> Command:
    return Command(sqlite_url, tmp_path)


@pytest.fixture
def prepared(command: Command) -> Command:
    """The same on a database that knows the country."""
    open_engine(command.url).close()
    return command


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SAANPHAEN_")] + ["DATABASE_URL"]:
        monkeypatch.delenv(name, raising=False)


# -- in general -----------------------------------------------------------------------------------------------------


def test_help_names_every_command_and_every_command_has_its_own(command: Command) -> None:
    listed = command("--help")

    assert listed.exit_code == 0
    for noun in NOUNS:
        assert re.search(rf"^  {noun} +\S", listed.output, re.MULTILINE)
        assert command(noun, "--help").exit_code == 0


def test_help_answers_without_the_engine() -> None:
    script = (
        "import sys; from click.testing import CliRunner; from web.cli import cli;"
        "assert CliRunner().invoke(cli, ['--help']).exit_code == 0;"
        "print([name for name in ('sqlalchemy', 'SpiffWorkflow', 'flask', 'rich', 'gunicorn') if name in sys.modules])"
    )

    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "arguments", [("dance",), ("db",), ("clocks", "explain"), ("replay", "fy1900"), ("deploy", "/no/such/file.bpmn")]
)
def test_wrong_usage_is_status_2(command: Command, arguments: tuple[str, ...]) -> None:
    assert command(*arguments).exit_code == 2


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("SAANPHAEN_COLOUR", "red", "SAANPHAEN_COLOUR: expected one of"),
        ("SAANPHAEN_DATABASE_URL", "mysql://x/y", "SQLite or PostgreSQL"),
        ("SAANPHAEN_DATABASE_URL", "nonsense", "url of a database"),
        ("SAANPHAEN_DATABASE_URL", "postgresql://127.0.0.1:1/x", "the database to answer"),
        ("SAANPHAEN_DATABASE_URL", "sqlite:////proc/nothing/x.db", "/proc/nothing"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_status_1(command: Command, variable: str, value: str, told: str) -> None:
    command.environment[variable] = value

    answer = command("audit", "verify")

    assert answer.exit_code == 1
    assert told in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1
    assert answer.stdout == ""


def test_a_database_of_another_revision_is_refused_with_the_way_out(command: Command) -> None:
    engine = open_database(command.url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{OLD_REVISION}'")
    engine.dispose()

    answer = command("users", "list")

    assert answer.exit_code == 1
    assert "saanphaen db upgrade" in answer.stderr


def test_thai_is_written_in_utf8_whatever_the_locale_says(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "ascii",
        "SAANPHAEN_DATABASE_URL": f"sqlite:///{tmp_path / 'none.db'}",
    }
    arguments = ["clocks", "explain", "--start", "2026-04-08", "--days", "3", "--unit", "working", "--area", "TH-52"]

    answer = subprocess.run(
        [sys.executable, "-m", "web.cli", *arguments], env=environment, capture_output=True, check=True
    )

    assert "วันสงกรานต์" in answer.stdout.decode("utf-8")
    assert not (tmp_path / "none.db").exists()


def test_a_new_secret_is_good_enough_and_never_the_same(command: Command) -> None:
    first, second = command("secret").stdout.strip(), command("secret").stdout.strip()

    assert first != second
    assert Settings.from_env({"SAANPHAEN_SECRET_KEY": first}).secret_key == first


# -- the database ---------------------------------------------------------------------------------------------------


def test_an_empty_database_is_brought_up_once(tmp_path: Path) -> None:
    command = Command(f"sqlite:///{tmp_path / 'made' / 'new.db'}", tmp_path)

    assert command("db", "current").exit_code == 1
    assert "Upgraded: empty →" in command("db", "upgrade").stdout
    assert "Nothing to do" in command("db", "upgrade").stdout
    assert command("db", "current").exit_code == 0


def test_a_database_goes_down_only_when_it_is_meant(database_url: str, tmp_path: Path) -> None:
    command = Command(database_url, tmp_path)

    assert command("db", "downgrade", OLD_REVISION, input="n\n").exit_code == 1
    assert command("db", "current").exit_code == 0
    assert command("db", "downgrade", OLD_REVISION, "--yes").exit_code == 0
    assert f"database {OLD_REVISION}" in command("db", "current").stdout
    assert command("db", "upgrade", "--revision", "nonsense").exit_code == 1
    assert command("db", "upgrade").exit_code == 0


# -- deploying ------------------------------------------------------------------------------------------------------


def test_the_shipped_processes_are_deployed_once(prepared: Command) -> None:
    first, second = prepared("deploy"), prepared("deploy")

    assert first.exit_code == second.exit_code == 0
    assert re.findall(r"^(\S+) version 1: deployed$", first.stdout, re.MULTILINE) == [
        "consultation",
        "provincial-plan",
        "cluster-plan",
        "national-review",
        "planning-cycle",
    ]
    assert second.stdout.count("unchanged, the same bytes are deployed already") == 5


def test_files_and_folders_are_deployed_with_note_and_tag(prepared: Command, tmp_path: Path) -> None:
    folder = tmp_path / "drawn"
    folder.mkdir()
    (folder / "work.bpmn").write_bytes(
        process("work").start().user_task("do", groups="governor@TH-52", form="do").end().xml()
    )
    (folder / "do.form").write_text('{"id": "do", "components": []}', "utf-8")

    answer = prepared("deploy", str(folder), "--note", "ทดลอง", "--version-tag", "t1")

    assert answer.stdout == "work version 1: deployed\n"
    engine = open_engine(prepared.url)
    with engine.reading() as read:
        found = read.deployments.latest("work")
    engine.close()
    assert (found.note, found.version_tag) == ("ทดลอง", "t1")


def test_problems_are_written_one_a_line_and_nothing_is_deployed(prepared: Command, tmp_path: Path) -> None:
    path = tmp_path / "work.bpmn"
    path.write_bytes(process("work").start().user_task("do", groups="king@TH", form="none").exclusive("x").end().xml())

    answer = prepared("deploy", str(path))

    assert answer.exit_code == 1
    lines = answer.stdout.splitlines()
    assert {"unknown_role", "unknown_form"} <= {line.split(": ")[1] for line in lines}
    assert all(re.fullmatch(r"work\.bpmn:\S+: (warning: )?[a-z_]+: .+ · .+", line) for line in lines)
    assert "Nothing was deployed" in answer.stderr


# -- audit ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def worked(database_url: str, tmp_path: Path) -> Command:
    """Two runs with a line of history each."""
    engine = open_engine(database_url)
    engine.deploy(process("auto").start().script("do", "= 1 + 1", "two").end().file())
    for _number in range(2):
        engine.start("auto")
    engine.close()
    return Command(database_url, tmp_path)


def test_an_unaltered_history_is_verified(worked: Command) -> None:
    answer = worked("audit", "verify")

    assert answer.exit_code == 0
    assert answer.stdout.endswith("in 2 chains: every chain holds.\n")
    told = json.loads(worked("audit", "verify", "--json").stdout)
    assert told["verified"] is True
    assert told["chains"] == 2
    assert told["findings"] == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bpm_history SET actor = 'eve' WHERE instance_id = 2 AND seq = 2",
        "DELETE FROM bpm_history WHERE instance_id = 2 AND seq = 2",
    ],
    ids=["altered", "removed"],
)
def test_an_altered_history_is_named_with_chain_and_line(worked: Command, statement: str) -> None:
    engine = open_database(worked.url)
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            for trigger in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER bpm_history_no_{trigger}")
        else:
            connection.exec_driver_sql("ALTER TABLE bpm_history DISABLE TRIGGER ALL")
        connection.exec_driver_sql(statement)
    engine.dispose()

    answer = worked("audit", "verify")

    assert answer.exit_code == 1
    assert answer.stdout.startswith("chain 2, line 2: ")
    assert "1 chains do not hold" in answer.stdout
    assert json.loads(worked("audit", "verify", "--json").stdout)["findings"][0]["line"] == 2


# -- clocks ---------------------------------------------------------------------------------------------------------

SONGKRAN = ("clocks", "explain", "--start", "2026-04-08", "--unit", "working", "--area", "TH-52")


def test_a_due_date_is_explained_day_by_day(command: Command) -> None:
    answer = command(*SONGKRAN, "--days", "3")

    assert answer.exit_code == 0
    assert answer.stdout.startswith("2026-04-16 is day 3 ")
    assert "2026-04-13 วันสงกรานต์" in answer.stdout


def test_days_may_be_counted_back(command: Command) -> None:
    told = json.loads(command(*SONGKRAN, "--days", "-5", "--json").stdout)

    assert dt.date.fromisoformat(told["due"]) < dt.date(2026, 4, 8)
    assert told["counted"] == 5


def test_an_unknown_area_is_refused(command: Command) -> None:
    answer = command(
        "clocks", "explain", "--start", "2026-04-08", "--days", "3", "--unit", "working", "--area", "XX-99"
    )

    assert answer.exit_code == 1
    assert "XX-99" in answer.stderr


def test_the_calendar_of_the_installation_counts_where_there_is_one(prepared: Command) -> None:
    engine = open_engine(prepared.url)
    with engine.unit_of_work() as uow:
        day = uow.session.scalars(select(Holiday).where(Holiday.date == dt.date(2026, 4, 14))).first()
        assert day is not None
        withdraw_holiday(uow.session, day.id, actor="admin", note="ทดลอง", now=uow.now)
    engine.close()

    assert prepared(*SONGKRAN, "--days", "3").stdout.startswith("2026-04-14 is day 3 ")


# -- users ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def staffed(prepared: Command) -> Command:
    """The same with the people of the demo in the organisation."""
    from workflows.cast import seed

    engine = open_engine(prepared.url)
    with engine.unit_of_work() as uow:
        seed(uow.session, uow.now)
    engine.close()
    return prepared


def account(command: Command, login: str):
    engine = open_engine(command.url)
    with engine.reading() as read:
        found = service.any_account(read.session, login=login)
        assert found is not None
        read.session.expunge(found)
    engine.close()
    return found


def test_a_person_gets_an_account_a_password_and_loses_both(staffed: Command) -> None:
    person = next(iter(people()))

    added = staffed("users", "add", "Somsri", "--person", person, "--password-stdin", input=f"{PASSWORD}\n")
    assert (added.exit_code, added.stdout) == (0, "somsri may sign in.\n")
    assert is_password(account(staffed, "somsri").password_hash, PASSWORD)
    assert re.search(rf"somsri +{person}", staffed("users", "list").stdout)

    other = "กาดกองต้า ลำปาง 1"
    changed = staffed("users", "set-password", "somsri", input=f"{other}\n{other}\n")
    assert changed.exit_code == 0
    assert other not in changed.output
    assert is_password(account(staffed, "somsri").password_hash, other)

    assert staffed("users", "disable", "somsri").exit_code == 0
    assert account(staffed, "somsri").disabled_at is not None
    assert "disabled" in staffed("users", "list").stdout
    assert staffed("users", "enable", "somsri").exit_code == 0
    assert account(staffed, "somsri").disabled_at is None


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("users", "add", "x", "--person", "nobody", "--password-stdin"), "'nobody' is none"),
        (("users", "set-password", "nobody", "--password-stdin"), "there is none with the name 'nobody'"),
        (("users", "disable", "nobody"), "there is none with the name 'nobody'"),
        (("users", "enable", "nobody"), "there is none with the name 'nobody'"),
    ],
)
def test_who_is_not_there_is_refused(staffed: Command, arguments: tuple[str, ...], told: str) -> None:
    answer = staffed(*arguments, input=f"{PASSWORD}\n")

    assert answer.exit_code == 1
    assert told in answer.stderr


def test_a_short_password_and_a_second_account_are_refused(staffed: Command) -> None:
    first, second = list(people())[:2]
    add = ("users", "add", "--password-stdin")

    short = staffed(*add, "one", "--person", first, input="short\n")
    assert (short.exit_code, "at least 12" in short.stderr) == (1, True)
    assert staffed(*add, "one", "--person", first, input=f"{PASSWORD}\n").exit_code == 0
    assert "is there already" in staffed(*add, "one", "--person", second, input=f"{PASSWORD}\n").stderr
    assert "is there already" in staffed(*add, "two", "--person", first, input=f"{PASSWORD}\n").stderr


# -- replay ---------------------------------------------------------------------------------------------------------


def test_a_replay_as_json_writes_json_only(command: Command) -> None:
    answer = command("replay", "fy2570", "--json")

    told = json.loads(answer.stdout)
    assert answer.exit_code == 0
    assert set(told) == {"steps", "instances", "audit"}
    assert told["audit"]["verified"] is True
    assert set(told["steps"][0]) == {
        "unit", "process", "step", "actor", "capacity", "due_original", "due", "done", "working_days_late", "outcome",
        "assumed",
    }  # fmt: skip
    assert all(step["done"].endswith("+07:00") for step in told["steps"])


def test_a_replay_is_told_as_a_table_and_kept_in_a_database_of_its_own(command: Command, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'year' / 'replay.db'}"

    answer = command("replay", "fy2570", "--database-url", url)

    assert answer.exit_code == 0
    assert "ลงนามส่งแผน" in answer.stdout
    assert "2025-09-30 (first 2025-07-31)" in answer.stdout
    assert re.search(r"^Audit: \d+ entries, verified, every chain holds\.$", answer.stdout, re.MULTILINE)
    again = command("replay", "fy2570", "--database-url", url)
    assert again.exit_code == 1
    assert "Expected a fresh database" in again.stderr
    kept = Command(url, tmp_path)
    assert kept("audit", "verify").exit_code == 0


# -- serving --------------------------------------------------------------------------------------------------------


def test_serving_needs_a_secret_key(command: Command) -> None:
    answer = command("serve")

    assert answer.exit_code == 1
    assert "SAANPHAEN_SECRET_KEY" in answer.stderr


def test_demo_mode_is_refused_on_a_database_that_the_demo_did_not_make(prepared: Command) -> None:
    prepared.environment |= {"SAANPHAEN_DEMO": "1"}

    answer = prepared("serve")

    assert answer.exit_code == 1
    assert "the demo made" in answer.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5"])
def test_demo_mode_binds_to_this_machine_only(prepared: Command, host: str) -> None:
    prepared.environment |= {"SAANPHAEN_HOST": host}

    answer = prepared("demo", "--port", "0")

    assert answer.exit_code == 1
    assert "loopback" in answer.stderr
