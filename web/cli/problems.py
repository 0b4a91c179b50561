"""What the deploy gate found, one line a problem, for commands that show it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from web.cli.output import say

if TYPE_CHECKING:
    from engine import Problem

_NOWHERE: Final = "-"


def write_problems(problems: Iterable[Problem]) -> None:
    """Write `file:element: rule: message · remedy` for each; a warning says so before its rule."""
    for problem in problems:
        say(in_one_line(problem))


def in_one_line(problem: Problem) -> str:
    """Return a problem as one line, whatever the file's names and ids hold."""
    kind = "" if problem.severity == "error" else f"{problem.severity}: "
    place = f"{problem.file or _NOWHERE}:{problem.element_id or _line(problem)}"
    return " ".join(f"{place}: {kind}{problem.rule}: {problem.message} · {problem.remedy}".split())


def _line(problem: Problem) -> str:
    return _NOWHERE if problem.line is None else f"line-{problem.line}"
