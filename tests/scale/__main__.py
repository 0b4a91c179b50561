"""`make scale`: completions a second against web processes, workers, proxy and pool, and where the time goes."""

from __future__ import annotations

import json
import logging
import ssl
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from engine import ProcessEngine, SystemClock
from tests.scale import programs
from tests.scale.cluster import Cluster, Shape, started
from tests.scale.cpu import between, used
from tests.scale.driving import Drive
from tests.soak.harness.diagrams import alarm, one_step
from tests.soak.harness.place import Place
from tests.soak.harness.site import wait_for
from web.bench.throwaway_postgres import Postgres, find_binaries, throw_away_server
from workflows.install import open_engine

Check = Callable[[Cluster, ProcessEngine, list[str]], str]
SHAPES = [
    Shape(1, proxied=False),
    Shape(1),
    Shape(2),
    Shape(4),
    Shape(1, pooled=True),
    Shape(2, pooled=True),
    Shape(4, pooled=True),
    Shape(2, workers=4, pooled=True),
]


@dataclass(frozen=True, slots=True)
class Line:
    """What one shape of the installation reached; milliseconds of processor time for each completion."""

    shape: str
    completions: int
    per_second: float
    median_ms: float
    p95_ms: float
    cpu_ms: dict[str, float]
    busy_cores: float


@click.command()
@click.option("--tasks", default=400, show_default=True, help="Completions for each shape.")
@click.option("--people", default=8, show_default=True, help="Who work at once.")
@click.option("--timers", default=300, show_default=True, help="Due timers for the workers.")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Also write the figures here.")
def main(*, tasks: int, people: int, timers: int, path: Path | None) -> None:
    """Measure on this machine what more processes bring; status 1 when any request failed or a job ran twice."""
    logging.basicConfig(level=logging.ERROR)
    lacking = programs.missing() + ([] if find_binaries() else ["postgresql"])
    if lacking:
        raise click.ClickException(f"Expected nginx, pgbouncer and PostgreSQL here, but these are missing: {lacking}.")
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    binaries = find_binaries()
    assert binaries is not None
    with tempfile.TemporaryDirectory(prefix="saanphaen-scale-") as name, throw_away_server(binaries) as admin:
        home = Path(name)
        home.chmod(0o755)
        postgres = Postgres(admin)
        postgres.prepare()
        place = Place(home, postgres)
        url = place.database("postgresql", "scale")
        engine = open_engine(url)
        engine.deploy(one_step())
        engine.deploy(alarm())
        lines: list[Line] = []
        faults: list[str] = []
        with Progress(*columns, console=console) as shown:
            task = shown.add_task("", total=len(SHAPES) + 4)
            for shape in SHAPES:
                shown.update(task, description=shape.words)
                with started(shape, url, home / "site") as cluster:
                    lines.append(_measure(cluster, engine, tasks, people, faults))
                shown.advance(task)
            told = []
            for shape, words, check in (
                (Shape(2, workers=1, pooled=True), "timers", _timers(timers)),
                (Shape(2, workers=4, pooled=True), "timers", _timers(timers)),
                (Shape(2, workers=2, pooled=True), "TLS", _over_tls),
                (Shape(2, workers=2, pooled=True), "a machine restarts", _one_machine_restarts(tasks, people)),
            ):
                shown.update(task, description=f"{shape.words}: {words}")
                with started(shape, url, home / "site") as cluster:
                    told.append(f"{shape.words}: {check(cluster, engine, faults)}")
                    faults += cluster.complaints()
                shown.advance(task)
        verified = engine.verify_audit()
        faults += [finding.reason for finding in verified.findings]
        engine.close()
        postgres.close()
    _print(lines, told)
    if path is not None:
        path.write_text(
            json.dumps({"lines": [asdict(line) for line in lines], "checks": told, "faults": faults}, indent=1)
        )
    for fault in faults[:20]:
        click.echo(f"FAULT {fault}", err=True)
    sys.exit(1 if faults else 0)


def _measure(cluster: Cluster, engine: ProcessEngine, tasks: int, people: int, faults: list[str]) -> Line:
    browsers = cluster.browsers(people)
    warm = _start(engine, people * 4)
    faults += Drive(browsers, warm).wait().faults
    waiting = _start(engine, tasks)
    before, begun = used(cluster.parts), time.perf_counter()
    tally = Drive(browsers, waiting).wait()
    spent, took = between(before, used(cluster.parts)), time.perf_counter() - begun
    faults += [*tally.faults, *cluster.complaints()]
    if cluster.shape.proxied and len(tally.machines) < cluster.shape.web:
        faults.append(f"{cluster.shape.words}: only {len(tally.machines)} machines were asked")
    return Line(
        shape=cluster.shape.words,
        completions=tally.completions,
        per_second=round(tally.rate, 1),
        median_ms=round(tally.quantile(0.5), 1),
        p95_ms=round(tally.quantile(0.95), 1),
        cpu_ms={name: round(1000 * seconds / max(1, tally.completions), 2) for name, seconds in spent.items()},
        busy_cores=round(sum(spent.values()) / took, 2),
    )


def _start(engine: ProcessEngine, count: int) -> list[str]:
    runs = [engine.start("soak_one").id for _ in range(count)]
    return [engine.tasks(instance_id=run)[0].id for run in runs]


def _timers(count: int) -> Check:
    """Every timer fires once, however many workers there are."""

    def check(cluster: Cluster, engine: ProcessEngine, faults: list[str]) -> str:
        for worker in cluster.workers.workers:
            worker.terminate()
            worker.wait()
        names = len(cluster.workers.workers)
        cluster.workers.workers.clear()
        due = SystemClock().now()
        runs = [engine.start("soak_alarm", {"at": due}).id for _ in range(count)]
        cluster.workers.environment["SAANPHAEN_LOG_LEVEL"] = "INFO"
        begun = time.perf_counter()
        cluster.workers.work(names)
        wait_for(
            lambda: all(engine.tasks(instance_id=run) for run in runs[-3:] + runs[:3]) and not _left(engine), "timers"
        )
        took = time.perf_counter() - begun
        awake = [len(engine.tasks(instance_id=run)) for run in runs]
        if awake != [1] * count:
            faults.append(f"of {count} timers {awake.count(1)} fired once")
        return f"{count} due timers fired once each, {took:.1f} s with the start of the workers"

    return check


def _left(engine: ProcessEngine) -> int:
    with engine.reading() as read:
        return read.jobs.count_due()


def _over_tls(cluster: Cluster, _engine: ProcessEngine, faults: list[str]) -> str:
    """The cookie is bound to TLS, and browsers are told to stay there."""
    trusting = ssl._create_unverified_context()
    with urllib.request.urlopen(f"https://127.0.0.1:{cluster.tls_port}/sign-in", context=trusting) as answer:
        cookies, strict = answer.headers.get_all("Set-Cookie", []), answer.headers.get("Strict-Transport-Security")
    proper = bool(cookies) and all(
        one.startswith("__Host-") and "Secure" in one and "HttpOnly" in one for one in cookies
    )
    if not (proper and strict):
        faults.append(f"over TLS: {cookies} {strict}")
    return "behind TLS the cookie is __Host-, Secure and HttpOnly, and HSTS is sent"


def _one_machine_restarts(tasks: int, people: int) -> Check:
    """A machine that is stopped and started under load fails no request."""

    def check(cluster: Cluster, engine: ProcessEngine, faults: list[str]) -> str:
        drive = Drive(cluster.browsers(people), _start(engine, tasks))
        time.sleep(1.0)
        took = cluster.machines[0].terminate()
        cluster.machines[0].serve()
        cluster.machines[0].wait_until_it_answers()
        tally = drive.wait()
        faults += tally.faults
        return f"a machine stopped ({took:.1f} s) and started under load: {len(tally.faults)} of {tally.completions} failed"

    return check


def _print(lines: list[Line], told: list[str]) -> None:
    parts = ("web", "postgresql", "pgbouncer", "nginx", "workers", "driver")
    table = Table(title="Completions (open, take, finish) over HTTP; CPU milliseconds for each")
    for head in ("shape", "per s", "median ms", "p95 ms", *parts, "cores busy"):
        table.add_column(head, justify="left" if head == "shape" else "right")
    for line in lines:
        spent = [f"{line.cpu_ms[name]:.1f}" if name in line.cpu_ms else "" for name in parts]
        row = (line.shape, f"{line.per_second:.0f}", f"{line.median_ms:.0f}", f"{line.p95_ms:.0f}", *spent)
        table.add_row(*row, f"{line.busy_cores:.2f}")
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    for words in told:
        console.print(words)


if __name__ == "__main__":
    main()
