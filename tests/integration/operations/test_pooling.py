"""Behind pgbouncer, which hands connections out by the transaction, everything works as before it."""

from __future__ import annotations

import datetime as dt
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import InvalidArgument, ProcessEngine, SigningKey, open_database
from tests.integration.operations.conftest import Installation
from tests.scale import programs
from tests.soak.harness.site import free_port
from tests.support.bpmn import process
from tests.support.clock import ManualClock
from web.bench.throwaway_postgres import Postgres


@pytest.fixture
def pooled(postgres: Postgres) -> Iterator[str]:
    """An empty database behind a pool of two connections."""
    if "pgbouncer" in programs.missing():
        pytest.skip("no pgbouncer on this machine")
    url = postgres.create_empty()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # pgbouncer runs as another user
        with programs.pgbouncer(Path(folder) / "pgbouncer", url, port=free_port(), pool=2) as (_program, through):
            yield through
    postgres.drop(url)


def test_many_threads_share_two_connections(pooled: str, tmp_path: Path) -> None:
    clock = ManualClock()
    engine = ProcessEngine.open(pooled, clock=clock)  # migrations too
    engine.deploy(process("p").start().user_task("one").catch("wait", timer="PT1H").user_task("two").end().file())
    faults: list[Exception] = []

    def work() -> None:
        try:
            for _ in range(6):
                run = engine.start("p", {"title": "แผน"}).id
                (task,) = engine.tasks(instance_id=run)
                engine.complete(task.id, {"done": True}, "somchai")
        except Exception as error:  # noqa: BLE001 (told below)
            faults.append(error)

    people = [threading.Thread(target=work) for _ in range(5)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    clock.advance(hours=2)
    workers = [threading.Thread(target=engine.run_due) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert not faults
    assert len(engine.tasks(element_id="two", limit=100)) == 30
    assert len(engine.take_anchors(SigningKey.create(tmp_path / "k.pem"))[0].anchor.chains) == 30
    assert engine.verify_audit().verified
    (one, *_others) = engine.instances()
    assert one.started_at.tzinfo is not None
    assert one.started_at.utcoffset() == dt.timedelta()
    engine.close()


def test_a_backup_wants_the_server_itself(pooled: str, tmp_path: Path) -> None:
    answer = Installation(pooled, tmp_path)("backup", str(tmp_path / "a.backup"))

    assert (answer.exit_code, "leads to a pool" in answer.stderr) == (1, True)


def test_an_unknown_kind_of_pool_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="pooler=session"):
        open_database("postgresql://127.0.0.1/x?pooler=session")
