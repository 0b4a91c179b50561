"""The doctor: says what is wrong in both languages, by exit status too, and changes nothing."""

from __future__ import annotations

import datetime as dt
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import SigningKey, SystemClock
from tests.integration.operations.conftest import Installation
from tests.support.bpmn import process
from web.operations.life_signs import LifeSign
from workflows.install import open_engine


@pytest.fixture
def healthy(installation: Installation, tmp_path: Path) -> Installation:
    """An installation with everything it needs."""
    open_engine(installation.url).close()
    SigningKey.create(tmp_path / "anchors.pem")
    installation.environment |= {
        "SAANPHAEN_SECRET_KEY": "k" * 40,
        "SAANPHAEN_AUDIT_KEY": str(tmp_path / "anchors.pem"),
    }
    beat(installation)
    return installation


def beat(installation: Installation, *, ago: dt.timedelta = dt.timedelta()) -> None:
    engine = installation.open()
    sign = LifeSign(engine)
    sign(SystemClock().now() - ago)
    engine.close()


def checks(installation: Installation) -> dict[str, tuple[str, str]]:
    told = json.loads(installation("doctor", "--json").stdout)
    return {one["check"]: (one["status"], one["message"]) for one in told["checks"]}


def test_a_sound_installation_is_status_0(healthy: Installation) -> None:
    before = healthy.rows()

    answer = healthy("doctor")

    assert answer.exit_code == 0, answer.output
    assert all(line.startswith("✓ ") for line in answer.stdout.splitlines())
    assert {line.split()[1].rstrip(":") for line in answer.stdout.splitlines()} >= {
        "database", "migrations", "clock", "search", "worker", "oldest_job", "stuck", "secret_key", "data_dir", "disk", "mail", "anchors_key",
    }  # fmt: skip
    assert healthy.rows() == before
    assert json.loads(healthy("doctor", "--json").stdout)["status"] == "good"


def test_it_speaks_both_languages(healthy: Installation) -> None:
    assert "ฐานข้อมูลตอบสนองปกติ" in healthy("doctor", "--language", "th").stdout
    assert "The database answers." in healthy("doctor", "--language", "en").stdout
    healthy.environment["LC_ALL"] = "th_TH.UTF-8"
    assert "ฐานข้อมูลตอบสนองปกติ" in healthy("doctor").stdout


def test_only_warnings_are_status_3(healthy: Installation) -> None:
    del healthy.environment["SAANPHAEN_AUDIT_KEY"]

    answer = healthy("doctor", "--json")

    assert answer.exit_code == 3
    assert json.loads(answer.stdout)["status"] == "warning"


def test_a_worker_that_is_silent_or_was_never_there_is_found(healthy: Installation) -> None:
    healthy.forge("DELETE FROM web_worker")
    assert checks(healthy)["worker"][0] == "failing"

    beat(healthy, ago=dt.timedelta(minutes=30))

    assert healthy("doctor").exit_code == 1
    assert "30 minutes" in checks(healthy)["worker"][1]


def test_a_job_that_waits_too_long_is_found(healthy: Installation) -> None:
    engine = healthy.open()
    engine.deploy(process("late").start().catch("later", timer="PT1H").end().file())
    engine.start("late")
    engine.close()
    assert checks(healthy)["oldest_job"][0] == "good"
    past = (SystemClock().now() - dt.timedelta(hours=2)).strftime("%Y-%m-%d %H:%M:%S.%f")
    healthy.forge(f"UPDATE bpm_job SET due_at = '{past}'")

    status, told = checks(healthy)["oldest_job"]

    assert status == "failing"
    assert "1 jobs are due, the oldest for 1" in told


def test_a_database_of_another_revision_or_none_is_found(healthy: Installation, tmp_path: Path) -> None:
    healthy.forge("UPDATE alembic_version SET version_num = '20261124_1200'")
    status, told = checks(healthy)["migrations"]
    assert (status, "saanphaen db upgrade" in told) == ("failing", True)

    none = Installation(f"sqlite:///{tmp_path / 'none.db'}", tmp_path)
    assert none("doctor").exit_code == 1
    assert not (tmp_path / "none.db").exists()
    gone = Installation("postgresql://127.0.0.1:1/x", tmp_path)
    assert checks(gone)["database"][0] == "failing"


def test_searches_without_an_index_of_words_are_told(healthy: Installation) -> None:
    assert checks(healthy)["search"][0] == "good"
    if healthy.url.startswith("sqlite"):
        healthy.forge("DROP TABLE bpm_subject_words")
    else:
        healthy.forge("DROP INDEX ix_bpm_subject_words")

    assert checks(healthy)["search"][0] == "warning"


def test_a_clock_that_went_back_is_found(healthy: Installation) -> None:
    beat(healthy, ago=-dt.timedelta(hours=1))

    assert checks(healthy)["clock"][0] == "failing"


def test_a_data_folder_that_takes_no_files_is_found(healthy: Installation, tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("a file, no folder")
    healthy.data_dir = tmp_path / "blocked"

    assert checks(healthy)["data_dir"][0] == "failing"
    assert healthy("doctor").exit_code == 1


def test_a_key_that_others_may_read_or_that_is_none_is_found(healthy: Installation) -> None:
    path = Path(healthy.environment["SAANPHAEN_AUDIT_KEY"])
    path.chmod(0o644)
    assert "0600" in checks(healthy)["anchors_key"][1]

    path.write_text("nothing")
    assert checks(healthy)["anchors_key"][0] == "failing"


def test_anchors_that_are_not_made_any_more_are_found(healthy: Installation) -> None:
    key = SigningKey.read(Path(healthy.environment["SAANPHAEN_AUDIT_KEY"]))
    healthy.work(1)
    engine = healthy.open()
    with engine.unit_of_work(now=SystemClock().now() - dt.timedelta(hours=5)) as uow:
        uow.anchors.take(key)
    engine.close()
    assert checks(healthy)["anchors"][0] == "good"

    healthy.work(1)

    status, told = checks(healthy)["anchors"]
    assert (status, "300 minutes" in told) == ("failing", True)


@pytest.fixture
def post_office() -> Iterator[int]:
    """A mail server that greets and says yes to everything; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _address = listener.accept()
            with connection, connection.makefile("rb") as lines:
                connection.sendall(b"220 post\r\n")
                for line in lines:
                    connection.sendall(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 yes\r\n")

        clerk = threading.Thread(target=serve, daemon=True)
        clerk.start()
        yield listener.getsockname()[1]
        clerk.join(5)


def test_a_mail_server_is_asked(healthy: Installation, post_office: int) -> None:
    healthy.environment |= {"SAANPHAEN_SMTP_URL": f"smtp://127.0.0.1:{post_office}", "SAANPHAEN_MAIL_FROM": "a@b.go.th"}
    assert checks(healthy)["mail"] == ("good", f"The mail server 127.0.0.1:{post_office} answers.")


def test_a_virus_scanner_is_asked(healthy: Installation, tmp_path: Path) -> None:
    path = str(tmp_path / "clamd")
    healthy.environment |= {"SAANPHAEN_VIRUS_SCANNER": f"unix://{path}"}
    assert checks(healthy)["virus_scanner"][0] == "failing"

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.bind(path)
        door.listen(1)

        def serve() -> None:
            line, _peer = door.accept()
            with line:
                line.recv(100)
                line.sendall(b"PONG\0")

        served = threading.Thread(target=serve)
        served.start()
        found = checks(healthy)["virus_scanner"]
        served.join(10)

    assert found == ("good", "The virus scanner answers.")


def test_a_mail_server_that_is_away_is_found(healthy: Installation) -> None:
    secret = "p%40ss"
    healthy.environment |= {"SAANPHAEN_SMTP_URL": f"smtp://u:{secret}@127.0.0.1:9", "SAANPHAEN_MAIL_FROM": "a@b.go.th"}

    assert checks(healthy)["mail"][0] == "failing"
    assert "p@ss" not in healthy("doctor", "--json").stdout
