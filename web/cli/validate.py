"""`saanphaen validate`: whether files could be deployed, and every reason why not, without a database."""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from web.cli.output import say_json
from web.cli.problems import write_problems

if TYPE_CHECKING:
    from engine import Definitions, GateResult, Problem

_STANDARD_INPUT: Final = "-"
_NOTHING_IS_BPMN: Final = "no_process_file"


class Verdict(IntEnum):
    """What is to be said of a file; the number is the exit status."""

    DEPLOYABLE = 0
    REFUSED = 1
    UNREADABLE = 2


@dataclass(slots=True)
class _Given:
    """What the command was given: contents by name, and what is wrong with files that cannot be opened."""

    contents: dict[str, bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@click.command("validate", short_help="Tell whether diagrams could be deployed, and why not.")
@click.argument("files", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object instead of lines.")
@click.option("--product", is_flag=True, help="What this product asks beside the engine refuses too, as in `deploy`.")
@click.pass_context
def command(ctx: click.Context, *, files: tuple[str, ...], as_json: bool, product: bool) -> None:
    """Check FILES (diagrams with their forms and decisions, `-` for standard input) as one bundle.

    Problems are written one a line, `file:element: rule: what is wrong · remedy`; a warning has `warning:` before its
    rule. Exit status 0: deployable, warnings or not; 1: refused; 2: a file cannot be read as BPMN XML at all. The
    worst file counts. Nothing is stored, and no database is needed. What this product asks of roles, forms and
    handlers beside the engine's rules is told as warnings, unless --product is given.
    """
    from engine import Limits, Severity, validate

    limits = Limits(max_problems=1_000_000)
    given = _read(dict.fromkeys(files), limits.max_bytes)
    result = validate(given.contents, limits=limits)
    asked = list(_asked_by_the_product(result.definitions, given.contents))
    if not product:
        asked = [replace(problem, severity=Severity.WARNING) for problem in asked]
    problems = [*given.problems, *(result.problems if given.contents else ()), *asked]
    verdicts = {name: _verdict(name, result, problems, given) for name in dict.fromkeys(files)}
    worst = max(*verdicts.values(), _verdict_of_the_bundle(problems))
    if as_json:
        say_json(_as_json(verdicts, worst, problems))
    else:
        write_problems(problems)
    ctx.exit(int(worst))


def _read(names: Iterable[str], most: int) -> _Given:
    """Read files as far as the gate needs; what is no file is a problem, not an end."""
    given = _Given()
    for name in names:
        try:
            given.contents[name] = _bytes_of(name, most + 1)
        except (OSError, ValueError) as error:
            given.problems.append(_cannot_be_opened(name, error))
    return given


def _bytes_of(name: str, most: int) -> bytes:
    if name == _STANDARD_INPUT:
        return sys.stdin.buffer.read(most)
    path = Path(name)
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError("it is a folder")
    if not stat.S_ISREG(mode):
        raise OSError("it is no file but a device or pipe")
    with path.open("rb") as file:
        return file.read(most)


def _cannot_be_opened(name: str, error: OSError | ValueError) -> Problem:
    from engine import GATE_RULES

    reason = getattr(error, "strerror", None) or str(error)
    return GATE_RULES["file_missing"].problem(file=name, reason=reason)


def _asked_by_the_product(definitions: Sequence[Definitions], contents: Mapping[str, bytes]) -> Iterator[Problem]:
    from workflows.install import rules

    for each in definitions:
        for rule in rules():
            yield from rule(each, contents)


def _verdict(name: str, result: GateResult, problems: Iterable[Problem], given: _Given) -> Verdict:
    if name not in given.contents or name in result.not_bpmn:
        return Verdict.UNREADABLE
    return Verdict.REFUSED if any(_refuses(found) and found.file == name for found in problems) else Verdict.DEPLOYABLE


def _verdict_of_the_bundle(problems: Iterable[Problem]) -> Verdict:
    if any(problem.rule == _NOTHING_IS_BPMN for problem in problems):
        return Verdict.UNREADABLE
    return Verdict.REFUSED if any(map(_refuses, problems)) else Verdict.DEPLOYABLE


def _refuses(problem: Problem) -> bool:
    return problem.severity == "error"


def _as_json(verdicts: Mapping[str, Verdict], worst: Verdict, problems: Sequence[Problem]) -> dict[str, Any]:
    return {
        "status": worst.name.lower(),
        "files": [{"file": name, "status": verdict.name.lower()} for name, verdict in verdicts.items()],
        "problems": [
            {key: told[key] for key in ("file", "element_id", "line", "severity", "rule", "message", "remedy", "facts")}
            for told in map(asdict, problems)
        ],
    }
