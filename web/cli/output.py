"""What commands write: results to standard output, progress to standard error, wide where nobody looks at a screen."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from rich.console import Console

_PIPED_WIDTH: Final = 240  # a table that another program reads is not folded

Tell = Callable[[int, int], None]
"""Told how much of how much is done."""


def say(text: str = "") -> None:
    """Write a line of the result."""
    click.echo(text)


def say_json(content: Mapping[str, object] | Sequence[object]) -> None:
    """Write a result for machines, and nothing else."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2))


def table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> None:
    """Write a table; the columns named in `right` hold numbers."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for head in heads:
        drawn.add_column(head, justify="right" if head in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(str(cell)) for cell in row))
    _console(sys.stdout).print(drawn)


@contextmanager
def progress(words: str) -> Iterator[Tell]:
    """Show how far something has come, on standard error; nothing remains of it in a pipe."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_console(sys.stderr), disable=not sys.stderr.isatty()) as shown:
        task = shown.add_task(words, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


@contextmanager
def steps(total: int) -> Iterator[Callable[[str], None]]:
    """Show which of so many steps is being done, on standard error; call it with the words of each as it begins."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=_console(sys.stderr), disable=not sys.stderr.isatty()) as shown:
        task = shown.add_task("", total=total, completed=-1)

        def begin(words: str) -> None:
            shown.update(task, advance=1, description=words)

        yield begin
        shown.update(task, completed=total)


@contextmanager
def stages() -> Iterator[Callable[[str, int, int], None]]:
    """Show what is being done and how far it has come, stage after stage, on standard error.

    Call it with the words, what is done and the total; a total of 0 is not known.
    """
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_console(sys.stderr), disable=not sys.stderr.isatty()) as shown:
        known: dict[str, TaskID] = {}

        def tell(words: str, done: int, total: int) -> None:
            if words not in known:
                known[words] = shown.add_task(words, total=None)
            shown.update(known[words], completed=done, total=total or None)

        yield tell


def _console(stream: object) -> Console:
    from rich.console import Console

    is_screen = bool(getattr(stream, "isatty", bool)())
    return Console(
        file=stream,  # type: ignore[arg-type]  # the streams of sys
        width=None if is_screen else _PIPED_WIDTH,
        highlight=False,
        soft_wrap=False,
        legacy_windows=False,
    )
