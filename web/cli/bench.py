"""`saanphaen bench`: how fast the product is here, beside the same rows written by bare SQL in the same run."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Final

import click

from web.cli.output import say, say_json, steps, table

if TYPE_CHECKING:
    from web.bench.measures import Bench, Wish
    from web.bench.rows import Row

_CELLS: Final = 10
_WORDS: Final = {"goal": "✓ goal", "must": "✓ must", "short": "✗ short"}


@click.command("bench", short_help="Measure speed, storage and memory beside bare SQL.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="For machines: a list of rows.")
@click.option("--quick", is_flag=True, help="Small sizes, for continuous integration: a minute or two for all.")
@click.option("--list", "listed", is_flag=True, help="Tell what can be measured.")
@click.option("--store", "stores", type=click.Choice(["sqlite", "postgresql"]), multiple=True, help="Only this one.")
@click.option("--postgres", metavar="URL", help="A server to make databases on; default: a throw-away one.")
@click.option("--profile", is_flag=True, help="Tell in which functions the product's own time goes; slows it down.")
@click.option("--strict", is_flag=True, help="Exit status 1 when a bar that must be reached is not.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    names: tuple[str, ...],
    as_json: bool,
    quick: bool,
    listed: bool,
    stores: tuple[str, ...],
    postgres: str | None,
    profile: bool,
    strict: bool,
) -> None:
    """Measure what is named, or everything: docs/performance.md says what each figure is.

    Product and floor (the same rows by bare SQL, equally durable) take turns in one run, so that their ratio holds on
    a busy machine too. Nothing of the installation is touched: databases are made for it and removed.
    """
    from web.bench.measures import MEASURES, STORES, Wish
    from web.bench.served import NotServed
    from web.bench.stores import NoServer

    if listed:
        _list(MEASURES, as_json=as_json)
        return
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)}: expected one of {', '.join(MEASURES)}", param_hint="NAME")
    wish = Wish(
        names=list(dict.fromkeys(names)) or list(MEASURES),
        stores=stores or STORES,
        postgres=postgres,
        quick=quick,
        profile=profile,
    )
    try:
        rows, bench = _measure(wish)
    except (NoServer, NotServed, subprocess.CalledProcessError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        say_json([row.as_json() for row in rows])
    else:
        _write(rows, bench, quick=quick)
    for title, text in bench.profiles:
        click.echo(f"--- {title}: functions by their own time\n{text}", err=as_json)
    if strict and any(_verdict(row) == _WORDS["short"] for row in rows):
        ctx.exit(1)


def _measure(wish: Wish) -> tuple[list[Row], Bench]:
    from web.bench.measures import Bench

    with _tidy_when_ended(), Bench(wish) as bench:
        if not bench.stores:
            raise click.ClickException("Expected PostgreSQL on this machine or by --postgres URL, but there is none.")
        if bench.lacks_postgres:
            click.echo(_NO_POSTGRES, err=True)
        with steps(bench.steps) as tell:
            return list(bench.rows(tell)), bench


@contextmanager
def _tidy_when_ended() -> Iterator[None]:
    """Let SIGTERM, too, take servers and databases away before the process ends."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


_NO_POSTGRES: Final = (
    "*** NO POSTGRESQL on this machine: its rows are left out. Install the server, or name one by --postgres URL. ***"
)


def _list(measures: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        say_json([{"name": name, "measures": words} for name, words in measures.items()])
    else:
        table("", ("name", "measures"), measures.items())


def _write(rows: Sequence[Row], bench: Bench, *, quick: bool) -> None:
    heads = ("name", "store", "value", "unit", "floor", "ratio", "of the bar", "must", "goal", "reached")
    lines = [
        (
            row.name,
            row.store,
            _number(row.value),
            row.unit,
            _number(row.floor),
            "" if row.ratio is None else f"{_number(row.ratio)}x",
            _drawing(row),
            *_bars(row),
            _verdict(row),
        )
        for row in rows
    ]
    table("", heads, lines, right=("value", "floor", "ratio", "must", "goal"))
    say("floor: the same rows by bare SQL, equally durable, in the same run; ratio: value to floor.")
    say("of the bar: how much of what must be reached is used up; a full line stands exactly at it.")
    for note in bench.notes:
        say(f"note: {note}")
    if quick:
        say("QUICK: small sizes; figures of a quick run tell that it works, not how fast it is.")
    cores, load = os.cpu_count() or 1, os.getloadavg()[0]
    if load > cores + 1:
        say(f"BUSY: a load of {load:.1f} on {cores} cores; wall clocks measure the neighbours too, rows `/cpu` do not.")
    say(f"Measured on {cores} cores, load {load:.1f}, Python {platform.python_version()}.")
    for store in bench.stores:
        say(f"  {store.durability}")


def _bars(row: Row) -> tuple[str, str]:
    from web.bench.rows import bar_of

    bar = bar_of(row)
    if bar is None:
        return "", ""
    sign, unit = ("≥" if bar.higher_is_better else "≤"), ("x" if bar.of_ratio else "")
    return f"{sign} {_number(bar.must)}{unit}", f"{sign} {_number(bar.goal)}{unit}"


def _drawing(row: Row) -> str:
    from web.bench.rows import bar_of

    bar = bar_of(row)
    measured = bar.measured(row) if bar is not None else None
    if bar is None or measured is None:
        return ""
    share = bar.share(measured)
    if share > 1:
        return "█" * _CELLS + "▶"
    filled = max(1, round(share * _CELLS))
    return "█" * filled + "░" * (_CELLS - filled)


def _verdict(row: Row) -> str:
    from web.bench.rows import bar_of

    bar = bar_of(row)
    measured = bar.measured(row) if bar is not None else None
    return "" if bar is None or measured is None else _WORDS[bar.reached(measured)]


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value and abs(value) < 1:
        return f"{value:.3f}"
    return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"  # noqa: PLR2004 - three digits that count
