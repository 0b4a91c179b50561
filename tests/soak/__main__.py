"""`make soak`: the reliability plans R1–R17 in full, one after another, with a table at the end; status 1 when one fails.

`python -m tests.soak R1,R4 --seed 7` runs some, with a seed of one's own; `--short` runs the short forms.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
import secrets
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import click
import structlog
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests import soak
from tests.soak.harness.outcome import Outcome
from tests.soak.harness.place import Place
from web.bench.throwaway_postgres import Postgres, find_binaries, throw_away_server


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    plan: str
    what: str
    outcome: Outcome
    seconds: float
    seed: int


def plans() -> dict[str, list[str]]:
    """Return the modules of the plans by id, in order; a plan may stand in several files."""
    found: dict[str, list[str]] = {}
    for info in sorted(pkgutil.iter_modules(soak.__path__), key=lambda info: info.name):
        if info.name.startswith("r") and info.name[1:3].isdecimal():
            found.setdefault(f"R{int(info.name[1:3])}", []).append(f"tests.soak.{info.name}")
    return found


@click.command()
@click.argument("which", default="")
@click.option("--seed", type=int, help="Repeat a run; without one a new seed is taken and printed.")
@click.option("--short", is_flag=True, help="The short forms, as `make test` runs them.")
def main(which: str, *, seed: int | None, short: bool) -> None:
    """Run the plans WHICH (R1,R4 …; all without it)."""
    known = plans()
    wanted = [name.strip().upper() for name in which.split(",") if name.strip()] or list(known)
    if unknown := [name for name in wanted if name not in known]:
        raise click.BadParameter(f"Expected some of {', '.join(known)}, but got {', '.join(unknown)}.")
    seed = secrets.randbelow(1_000_000) if seed is None else seed
    binaries = find_binaries()
    if binaries is None:
        raise click.ClickException("Expected PostgreSQL's programs on this machine, but found none; `make system`.")
    # Whoever ends this ends what it has started: servers, workers, a database.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # What the product says while it is tried goes to the plan's own folder, not between the lines of the table.
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    console = Console(stderr=True)
    lines: list[Line] = []
    with (
        tempfile.TemporaryDirectory(prefix="saanphaen-soak-") as folder,
        throw_away_server(binaries) as url,
        _progress(console) as bar,
    ):
        place = Place(Path(folder), Postgres(url, prefix="soak"))
        for name in wanted:
            for module in known[name]:
                lines.append(_run(name, importlib.import_module(module), place, seed, bar, short=short))
                _say(console, lines[-1])
        place.close()
    Console().print(_table(lines))
    sys.exit(0 if all(line.outcome.holds for line in lines) else 1)


def _run(name: str, module: ModuleType, place: Place, seed: int, bar: Progress, *, short: bool) -> Line:
    task = bar.add_task(f"{name} {module.WHAT}", total=None)
    began = time.monotonic()
    try:
        outcome: Outcome = module.run(
            place,
            module.SHORT if short else module.FULL,
            seed,
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    except Exception as error:  # noqa: BLE001 - one plan that breaks must not hide what the others find
        outcome = Outcome("-", "it broke off", [f"{type(error).__name__}: {error}", traceback.format_exc()])
    bar.remove_task(task)
    return Line(name, module.WHAT, outcome, time.monotonic() - began, seed)


def _progress(console: Console) -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console)


def _say(console: Console, line: Line) -> None:
    verdict = "holds" if line.outcome.holds else "FAILS"
    console.print(f"{line.plan} {line.what}: {verdict} ({line.seconds:.0f} s, seed {line.seed}). {line.outcome.figure}")
    for fault in line.outcome.faults:
        console.print(f"    {fault}", markup=False)


def _table(lines: list[Line]) -> Table:
    table = Table(title="Reliability", show_lines=True)
    for column in ("id", "what", "size", "figure", "verdict", "seconds", "seed"):
        table.add_column(column, overflow="fold", justify="right" if column in {"seconds", "seed"} else "left")
    for line in lines:
        table.add_row(
            line.plan, line.what, line.outcome.size, line.outcome.figure,
            "holds" if line.outcome.holds else "FAILS", f"{line.seconds:.0f}", str(line.seed),
        )  # fmt: skip
    return table


if __name__ == "__main__":
    main()
