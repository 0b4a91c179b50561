"""Anchors are made by the worker at intervals, by one of many, and leave for a folder and a mailbox."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import json
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import text

from engine import Ports, ProcessEngine, SignedAnchor, SigningKey, open_database
from tests.integration.operations.conftest import Installation
from tests.support.bpmn import process
from tests.support.clock import ManualClock
from web.anchoring.delivery import Deliveries
from web.anchoring.duty import Anchoring
from web.config import Settings

DOCS = Path(__file__).resolve().parents[3] / "docs" / "audit.md"


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return SigningKey.create(tmp_path / "anchors.pem")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def engine(database_url: str, clock: ManualClock, key: SigningKey) -> Iterator[ProcessEngine]:
    ports = Ports(duties=(Anchoring(key, every=dt.timedelta(hours=1)),))
    engine = ProcessEngine.open(database_url, clock=clock, ports=ports)
    engine.deploy(process("p").start().user_task("one").end().file())
    yield engine
    engine.close()


def test_a_duty_makes_them_at_intervals_and_only_when_something_changed(
    engine: ProcessEngine, clock: ManualClock
) -> None:
    assert engine.earliest_due() is None
    engine.start("p")
    engine.run_due()
    assert [signed.anchor.sequence for signed in engine.anchors()] == [1]

    engine.start("p")
    engine.run_due()
    assert len(list(engine.anchors())) == 1  # too early
    assert engine.earliest_due() == clock.now() + dt.timedelta(hours=1)

    clock.advance(hours=1)
    engine.run_due()
    assert len(list(engine.anchors())) == 2
    clock.advance(days=9)
    engine.run_due()
    assert len(list(engine.anchors())) == 2  # nothing has changed


def test_two_workers_make_one(engine: ProcessEngine) -> None:
    for _ in range(20):
        engine.start("p")

    workers = [threading.Thread(target=engine.run_due) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    (signed,) = engine.anchors()
    assert len(signed.anchor.chains) == 20


def test_an_instance_at_work_is_left_to_the_next_anchor(postgres_url: str, key: SigningKey) -> None:
    engine = ProcessEngine.open(postgres_url)
    engine.deploy(process("p").start().user_task("one").end().file())
    first, second = engine.start("p").id, engine.start("p").id
    database = open_database(postgres_url)
    with database.begin() as busy:
        busy.execute(text("SELECT 1 FROM bpm_process_instance WHERE id = :id FOR UPDATE"), {"id": int(first)})
        (early,) = engine.take_anchors(key)
    (late,) = engine.take_anchors(key)
    database.dispose()
    engine.close()

    assert [[chain.instance_id for chain in signed.anchor.chains] for signed in (early, late)] == [
        [int(second)],
        [int(first)],
    ]


# -- leaving --------------------------------------------------------------------------------------------------------


class PostOffice(socketserver.ThreadingTCPServer):
    """A mail server on loopback that keeps what it takes; `closed` makes it refuse."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Clerk)
        self.letters: list[EmailMessage] = []
        self.closed = False


class _Clerk(socketserver.StreamRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        self.wfile.write(b"421 closed\r\n" if self.server.closed else b"220 post\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                content = b""
                while (more := self.rfile.readline()) != b".\r\n":
                    content += more
                self.server.letters.append(email.message_from_bytes(content, policy=email.policy.default))  # type: ignore[arg-type]
            if word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 yes\r\n")


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    with PostOffice() as office:
        clerk = threading.Thread(target=office.serve_forever, kwargs={"poll_interval": 0.01})
        clerk.start()
        yield office
        office.shutdown()
        clerk.join()


def test_they_are_written_to_a_folder_and_sent_by_mail_once(
    engine: ProcessEngine, clock: ManualClock, tmp_path: Path, post_office: PostOffice
) -> None:
    settings = Settings(
        audit_export_dir=tmp_path / "out",
        smtp_url=f"smtp://127.0.0.1:{post_office.server_address[1]}",
        mail_from="plan@example.go.th",
        audit_mail_to=("auditor@example.go.th",),
    )
    first, second = Deliveries(engine, settings), Deliveries(engine, settings)  # of two workers
    engine.start("p")
    engine.run_due()

    assert first.send() + second.send() == 2  # one anchor by each of two ways
    clock.advance(hours=2)
    engine.start("p")
    engine.run_due()
    assert second.send() + first.send() == 2

    anchors = list(engine.anchors())
    assert [path.read_bytes() for path in sorted((tmp_path / "out").iterdir())] == [signed.text for signed in anchors]
    assert [letter["To"] for letter in post_office.letters] == ["auditor@example.go.th"] * 2
    for letter, signed in zip(post_office.letters, anchors, strict=True):
        (attached,) = letter.iter_attachments()
        content = attached.get_content()
        assert SignedAnchor.read(content.encode()) == signed
        body = letter.get_body(("plain",))
        assert body is not None
        assert signed.hash in body.get_content()


def test_mail_that_cannot_leave_is_tried_again_later(
    engine: ProcessEngine, clock: ManualClock, post_office: PostOffice
) -> None:
    settings = Settings(
        smtp_url=f"smtp://127.0.0.1:{post_office.server_address[1]}",
        mail_from="a@b.go.th",
        audit_mail_to=("c@d.go.th",),
    )
    deliveries = Deliveries(engine, settings)
    engine.start("p")
    engine.run_due()
    post_office.closed = True
    assert deliveries.send() == 0
    post_office.closed = False
    assert deliveries.send() == 0  # not at once

    clock.advance(minutes=6)

    assert deliveries.send() == 1
    assert len(post_office.letters) == 1


# -- outsiders ------------------------------------------------------------------------------------------------------


@pytest.fixture
def exported(installation: Installation, tmp_path: Path) -> Path:
    """A folder as an auditor gets it."""
    installation.environment["SAANPHAEN_AUDIT_KEY"] = str(tmp_path / "anchors.pem")
    assert installation("audit", "keygen").exit_code == 0
    runs = installation.work(4)
    assert installation("audit", "anchor").exit_code == 0
    installation.complete(runs[1])
    assert installation("audit", "anchor").exit_code == 0
    assert "Nothing to do" in installation("audit", "anchor").stdout
    answer = installation("audit", "export", str(tmp_path / "export"), "--history")
    assert answer.exit_code == 0, answer.output
    return tmp_path / "export"


def outsider(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the program that docs/audit.md prints."""
    program = DOCS.read_text("utf-8").split("```python\n")[1].split("```")[0]
    (public,) = folder.glob("*.pub")
    return subprocess.run(
        [sys.executable, "-c", program, str(folder), str(public)], capture_output=True, text=True, check=False
    )


def test_an_outsider_verifies_with_the_documented_program_alone(exported: Path) -> None:
    answer = outsider(exported)

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "4 chains hold, 2 anchors hold" in answer.stdout


def test_an_outsider_finds_a_changed_line_and_a_changed_anchor(exported: Path) -> None:
    history = exported / "history.txt"
    lines = history.read_bytes().splitlines(keepends=True)
    history.write_bytes(b"".join([lines[0], lines[1].replace(b'"system"', b'"eve"', 1), *lines[2:]]))
    assert lines[1] != history.read_bytes().splitlines(keepends=True)[1]
    assert outsider(exported).returncode == 1
    history.write_bytes(b"".join(lines[:-1]))
    assert outsider(exported).returncode == 1
    history.write_bytes(b"".join(lines))
    assert outsider(exported).returncode == 0
    anchor = min(exported.glob("anchor-*.txt"))
    anchor.write_bytes(anchor.read_bytes().replace(b'"complete":true', b'"complete":false'))
    assert outsider(exported).returncode == 1


def test_openssl_verifies_an_anchor_as_the_guide_says(exported: Path, tmp_path: Path) -> None:
    guide = (exported / "HOW-TO-VERIFY.txt").read_text("ascii")
    (public,) = exported.glob("*.pub")
    anchor = min(exported.glob("anchor-*.txt"))
    commands = [line.strip() for line in guide.splitlines() if line.startswith("     ")]
    script = "\n".join(commands).replace("anchor-X.txt", str(anchor)).replace("KEY.pub", str(public))

    answer = subprocess.run(["sh", "-ec", script], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert answer.returncode == 0, answer.stderr
    assert "Verified Successfully" in answer.stdout


def test_a_change_of_keys_leaves_old_anchors_verifiable(
    installation: Installation, exported: Path, tmp_path: Path
) -> None:
    old, new = tmp_path / "anchors.pem.pub", tmp_path / "next.pem"
    assert installation("audit", "keygen", str(new)).exit_code == 0
    assert installation("audit", "keygen", str(new)).exit_code == 1  # never overwritten
    assert new.stat().st_mode & 0o077 == 0
    installation.environment["SAANPHAEN_AUDIT_KEY"] = str(new)
    installation.work(1)
    installation("audit", "anchor")
    installation("audit", "export", str(exported))
    both = ("--public-key", str(old), "--public-key", f"{new}.pub")

    assert installation("audit", "verify", "--anchors", str(exported), *both).exit_code == 0
    only_new = installation("audit", "verify", "--anchors", str(exported), "--json")
    assert only_new.exit_code == 1
    assert [one["anchor"] for one in json.loads(only_new.stdout)["anchor_findings"]] == [1, 2]
