"""Anchors: whatever is done to the history, also with recomputed hashes, is found by anchors that were kept elsewhere."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from engine import Anchor, AnchorSeries, ProcessEngine, SignedAnchor, SigningKey, file_name, open_database, read_anchors
from tests.integration.operations.conftest import Installation, unguard
from tests.integration.operations.forging import WITH_HASHES, WITHOUT_HASHES, Forger
from tests.support.bpmn import process
from tests.support.clock import ManualClock
from web.anchoring.delivery import write_anchor

TAMPERINGS = {"sqlite": 1_000, "postgresql": 130}


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return SigningKey.create(tmp_path / "anchors.pem")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def engine(database_url: str, clock: ManualClock) -> Iterator[ProcessEngine]:
    engine = ProcessEngine.open(database_url, clock=clock)
    engine.deploy(process("p").start().user_task("one").user_task("two").end().file())
    yield engine
    engine.close()


def work(engine: ProcessEngine, runs: int) -> list[str]:
    return [engine.start("p", {"n": number}).id for number in range(runs)]


def go_on(engine: ProcessEngine, *runs: str) -> None:
    for run in runs:
        (task,) = engine.tasks(instance_id=run)
        engine.complete(task.id, {"done": True}, "somchai")


def series(anchors: list[SignedAnchor], key: SigningKey) -> AnchorSeries:
    found = AnchorSeries([key.public])
    found.add(anchors)
    return found


def held(anchors: list[SignedAnchor]) -> dict[int, int]:
    return {chain.instance_id: chain.lines for signed in anchors for chain in signed.anchor.chains}


def test_only_chains_that_changed_are_anchored_again(engine: ProcessEngine, key: SigningKey) -> None:
    runs = work(engine, 5)

    (first,) = engine.take_anchors(key)
    nothing = engine.take_anchors(key)
    go_on(engine, runs[3])
    (second,) = engine.take_anchors(key)

    assert [chain.instance_id for chain in first.anchor.chains] == [int(run) for run in runs]
    assert nothing == []
    assert [chain.instance_id for chain in second.anchor.chains] == [int(runs[3])]
    assert second.anchor.previous == first.hash
    assert (first.anchor.sequence, second.anchor.sequence) == (1, 2)
    with series([first, second], key) as known:
        report = engine.verify_audit(anchors=known)
    assert report.verified
    assert report.anchors == 2


def test_many_chains_are_spread_over_several_anchors(engine: ProcessEngine, key: SigningKey) -> None:
    work(engine, 7)

    taken = []
    for _ in range(4):
        with engine.unit_of_work() as uow:
            taken.append(uow.anchors.take(key, most=3))

    anchors = [signed for signed in taken if signed is not None]
    assert [len(signed.anchor.chains) for signed in anchors] == [3, 3, 1]
    assert [signed.anchor.complete for signed in anchors] == [False, False, True]


def test_every_one_of_many_random_forgeries_is_found(engine: ProcessEngine, key: SigningKey, database_url: str) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    dice = random.Random(seed)
    runs = work(engine, 12)
    go_on(engine, *runs[:8])
    anchors = engine.take_anchors(key)
    go_on(engine, *runs[:4])
    anchors += engine.take_anchors(key)
    missed = []
    kinds = [*WITHOUT_HASHES, *WITH_HASHES]
    database = open_database(database_url)
    with database.connect() as connection, series(anchors, key) as known:
        unguard(connection)
        forger = Forger(connection, dice, held(anchors))
        for number in range(TAMPERINGS[database.dialect.name]):
            kind = kinds[number % len(kinds)]
            with connection.begin():
                hit = forger.forge(kind)
            found = {finding.instance_id for finding in engine.verify_audit(anchors=known).findings}
            # What recomputes hashes and heads is sound in itself: the chains alone must not see it, or this proves nothing.
            alone = engine.verify_audit().verified
            if found != hit or alone != (kind in WITH_HASHES):
                missed.append((kind, hit, found, alone))
            with connection.begin():
                forger.undo()
        assert engine.verify_audit(anchors=known).verified
    database.dispose()

    assert not missed


def test_what_the_worker_itself_would_anchor_again_is_found_by_the_anchor_before(
    engine: ProcessEngine, key: SigningKey, database_url: str
) -> None:
    """A history that is rewritten gets an anchor of its own later: the earlier one still contradicts it."""
    runs = work(engine, 3)
    go_on(engine, *runs)
    anchors = engine.take_anchors(key)
    database = open_database(database_url)
    with database.connect() as connection:
        unguard(connection)
        with connection.begin():
            forger = Forger(connection, random.Random(1), held(anchors))
            hit = forger.forge("chain_rewritten")
            connection.execute(text("UPDATE bpm_process_instance SET anchored = false"))
    database.dispose()
    anchors += engine.take_anchors(key)

    with series(anchors, key) as known:
        report = engine.verify_audit(anchors=known)

    assert {finding.instance_id for finding in report.findings} == hit
    assert "anchor 1" in report.findings[0].reason


def test_an_invented_run_of_the_past_is_found(engine: ProcessEngine, key: SigningKey, clock: ManualClock) -> None:
    work(engine, 2)
    anchors = engine.take_anchors(key)
    clock.advance(days=30)
    work(engine, 1)
    anchors += engine.take_anchors(key)
    with series(anchors, key) as known:
        assert engine.verify_audit(anchors=known).verified

    clock.set(clock.now() - dt.timedelta(days=20))
    (invented,) = work(engine, 1)  # with a chain that holds, but dated into the past

    with series(anchors, key) as known:
        report = engine.verify_audit(anchors=known)
    assert [finding.instance_id for finding in report.findings] == [invented]
    assert "later than it says" in report.findings[0].reason


def test_anchors_that_are_forged_missing_or_two_are_found(
    engine: ProcessEngine, key: SigningKey, tmp_path: Path
) -> None:
    (run,) = work(engine, 1)
    anchors = engine.take_anchors(key)
    for _ in range(2):
        go_on(engine, run)
        anchors += engine.take_anchors(key)
    stranger = SigningKey.create(tmp_path / "stranger.pem")
    first, second, third = anchors
    body = second.anchor
    forged = SignedAnchor.sign(
        Anchor(sequence=2, at=body.at, previous=body.previous, key=key.id, chains=body.chains[:0], complete=True),
        stranger,
    )
    twin = SignedAnchor.sign(
        Anchor(sequence=2, at=body.at, previous=body.previous, key=key.id, chains=(), complete=True), key
    )
    other = SignedAnchor.sign(body, stranger)

    def told(*given: SignedAnchor) -> list[tuple[int, str]]:
        with series(list(given), key) as known:
            return [(finding.sequence, finding.reason) for finding in known.findings]

    assert told(first, second, third) == []
    assert told(second, third) == []  # who began to keep them later
    assert [number for number, _ in told(first, forged, third)] == [2, 3]
    assert [number for number, _ in told(first, other)] == [2]
    assert told(first, third) == [(3, "Expected anchor 2, but it is missing.")]
    assert "wound back" in told(first, second, twin)[0][1]
    assert "follows another" in told(first, twin, third)[0][1]


def test_an_anchor_that_the_database_lost_is_found(installation: Installation, tmp_path: Path) -> None:
    folder, keyfile = tmp_path / "kept", tmp_path / "anchors.pem"
    installation.environment["SAANPHAEN_AUDIT_KEY"] = str(keyfile)
    assert installation("audit", "keygen").exit_code == 0
    installation.work(2)
    assert installation("audit", "anchor").exit_code == 0
    assert installation("audit", "export", str(folder)).exit_code == 0
    assert installation("audit", "verify", "--anchors", str(folder)).exit_code == 0
    drop = (
        ("DROP TRIGGER bpm_anchor_no_delete",)
        if installation.url.startswith("sqlite")
        else ("ALTER TABLE bpm_anchor DISABLE TRIGGER ALL",)
    )
    installation.forge(*drop, "DELETE FROM bpm_anchor")

    answer = installation("audit", "verify", "--anchors", str(folder), "--json")

    assert answer.exit_code == 1
    assert [one["anchor"] for one in json.loads(answer.stdout)["anchor_findings"]] == [1]


def test_the_database_refuses_to_change_anchors(engine: ProcessEngine, key: SigningKey, database_url: str) -> None:
    work(engine, 1)
    engine.take_anchors(key)
    database = open_database(database_url)
    for statement in ("UPDATE bpm_anchor SET content = '{}'", "DELETE FROM bpm_anchor"):
        with pytest.raises(DBAPIError, match="append-only"), database.begin() as connection:
            connection.exec_driver_sql(statement)
    database.dispose()


def test_an_anchor_reads_back_from_its_file(engine: ProcessEngine, key: SigningKey, tmp_path: Path) -> None:
    work(engine, 2)
    (signed,) = engine.take_anchors(key)

    path = write_anchor(tmp_path / "out", signed)

    assert path.name == file_name(signed)
    assert list(read_anchors(path)) == list(read_anchors(tmp_path / "out")) == [signed]
    assert signed.is_signed_by(key.public)
    assert len(path.read_bytes().splitlines()) == 2


@pytest.mark.parametrize("content", [b"", b"{}\nAAAA\n", b"x", b"[1]\n!!\n", b"a\nb\nc\n", b"\xff\xfe\n\n"])
def test_what_is_no_anchor_is_refused_in_one_line(installation: Installation, tmp_path: Path, content: bytes) -> None:
    installation.work(1)
    (tmp_path / "anchor-1.txt").write_bytes(content)

    answer = installation("audit", "verify", "--anchors", str(tmp_path / "anchor-1.txt"))

    assert answer.exit_code == 1
    assert "Expected" in answer.output
