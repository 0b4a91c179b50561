"""The deploy gate: all files of a bundle → the definitions to run, and every problem at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from engine.bpmn.hardened_xml import is_bpmn_beyond_limits
from engine.bpmn.limits import Limits
from engine.bpmn.model import Definitions, Process
from engine.bpmn.reader import read
from engine.bpmn.rules import TOO_LARGE, UnreadableXml
from engine.decisions import NO_DECISIONS, DecisionFiles, read_decisions
from engine.ports import DefinitionRule
from engine.problems import Problem, Severity
from engine.validation.activities import check_activities
from engine.validation.bundle import Known, called_by, check_bundle, check_decisions, read_forms
from engine.validation.catalogue import bundle as c
from engine.validation.compensation import check_compensation
from engine.validation.events import check_events, check_uncaught
from engine.validation.expressions import check_expressions
from engine.validation.links import check_links
from engine.validation.reachability import check_reachability
from engine.validation.report import Report
from engine.validation.structure import check_structure
from engine.validation.unread import check_unread
from engine.validation.whitelist import check_whitelist

_RESOURCE_SUFFIXES: Final = frozenset({".form", ".json", ".dmn", ".txt", ".md", ".html", ".csv", ".po"})
_NOTHING_KNOWN: Final = Known()
_DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class GateResult:
    """What may run, and what is wrong; `definitions` are the files that could be read, in the order given."""

    definitions: tuple[Definitions, ...]
    problems: tuple[Problem, ...]
    unreadable: frozenset[str] = frozenset()  # files without definitions: no BPMN XML, or beyond the limits
    not_bpmn: frozenset[str] = frozenset()  # those among them that are no BPMN XML at all
    decisions: DecisionFiles = NO_DECISIONS

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that refuse the deployment."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that are shown and recorded with the deployment."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.WARNING)

    @property
    def deployable(self) -> bool:
        """Tell whether nothing refuses the deployment."""
        return not self.errors


def validate(
    files: Mapping[str, bytes],
    *,
    rules: Sequence[DefinitionRule] = (),
    limits: Limits = _DEFAULT_LIMITS,
    known: Known = _NOTHING_KNOWN,
) -> GateResult:
    """Check a bundle: BPMN files, and forms, decisions and texts beside them (told apart by their suffix)."""
    too_many = _too_many_files(files, limits)
    if too_many:
        return GateResult((), tuple(too_many))
    resources = {name: data for name, data in files.items() if is_resource(name)}
    problems = _check_resources(resources, limits)
    forms, form_problems = read_forms({n: d for n, d in resources.items() if len(d) <= limits.max_bytes})
    problems += form_problems
    definitions, refused, read_problems = _read(files, limits)
    problems += read_problems
    executed: list[tuple[Definitions, Process]] = []
    for definition in definitions:
        found, processes = _check_file(definition)
        problems += found
        executed += [(definition, process) for process in processes]
    decisions = read_decisions(_of_decisions(resources, limits), limits)
    problems += decisions.problems
    problems += check_bundle(executed, forms, known)
    problems += check_decisions(executed, decisions, known)
    problems += _check_uncaught(executed)
    for definition in definitions:
        for rule in rules:
            problems += rule(definition, resources)
    not_bpmn = frozenset(name for name, is_bpmn in refused.items() if not is_bpmn)
    return GateResult(tuple(definitions), tuple(_cut(problems, limits)), frozenset(refused), not_bpmn, decisions)


def is_resource(name: str) -> bool:
    """Tell whether a file goes beside the processes; every other file has to be BPMN."""
    return PurePosixPath(name).suffix.lower() in _RESOURCE_SUFFIXES


def is_decision(name: str) -> bool:
    """Tell whether a file holds decisions."""
    return PurePosixPath(name).suffix.lower() == ".dmn"


def executable_processes(definitions: Definitions) -> tuple[Process, ...]:
    """Return the processes of a file that are run; the others are drawings."""
    return tuple(process for process in definitions.processes if process.executable)


def _cut(problems: list[Problem], limits: Limits) -> list[Problem]:
    """Keep as many problems as a report may have, errors before warnings, and say how many there are."""
    if len(problems) <= limits.max_problems:
        return problems
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    warnings = [problem for problem in problems if problem.severity is not Severity.ERROR]
    more = c.TOO_MANY_PROBLEMS if errors else c.TOO_MANY_WARNINGS
    shown = [*errors, *warnings][: limits.max_problems]
    return [*shown, more.problem(limit=limits.max_problems, size=len(problems))]


def _too_many_files(files: Mapping[str, bytes], limits: Limits) -> list[Problem]:
    if not any(is_decision(name) or not is_resource(name) for name in files):
        return [c.NO_PROCESS_FILE.problem()]
    if len(files) > limits.max_files:
        return [c.TOO_MANY_FILES.problem(limit=limits.max_files, size=len(files))]
    return []


def _check_resources(resources: Mapping[str, bytes], limits: Limits) -> list[Problem]:
    problems = []
    for name, data in resources.items():
        if len(data) > limits.max_bytes:
            problems.append(TOO_LARGE.problem(file=name, limit=limits.max_bytes, size=len(data)))
    return problems


def _of_decisions(resources: Mapping[str, bytes], limits: Limits) -> dict[str, bytes]:
    return {name: data for name, data in resources.items() if is_decision(name) and len(data) <= limits.max_bytes}


def _read(files: Mapping[str, bytes], limits: Limits) -> tuple[list[Definitions], dict[str, bool], list[Problem]]:
    """Return what could be read; and the files that could not, with whether they are BPMN XML beyond the limits."""
    definitions: list[Definitions] = []
    problems: list[Problem] = []
    refused: dict[str, bool] = {}
    for name, data in files.items():
        if is_resource(name):
            continue
        try:
            definition = read(data, name, limits)
        except UnreadableXml as error:
            problems += error.problems
            refused[name] = is_bpmn_beyond_limits(data, error.problems)
        else:
            definitions.append(definition)
            problems += definition.problems
    return definitions, refused, problems


def _check_file(definitions: Definitions) -> tuple[list[Problem], tuple[Process, ...]]:
    """Check one file; without an executable process its drawings are checked, so that all reasons are told at once."""
    report = Report(definitions.file)
    executable = executable_processes(definitions)
    checked = executable or definitions.processes
    drawings = frozenset(process.id for process in definitions.processes) - {process.id for process in checked}
    if not definitions.processes:
        report.problems.append(c.NO_PROCESS.problem(file=definitions.file))
    elif not executable:
        report(c.NOT_EXECUTABLE, checked[0])
    if executable:
        for process in definitions.processes:
            if not process.executable:
                report(c.POOL_NOT_EXECUTED, process, process=process.id)
    refused: set[str] = set()
    for process in checked:
        refused |= check_whitelist(process, report)
        check_structure(process, report)
        check_reachability(process, report)
        check_events(process, report)
        check_links(process, report)
        check_compensation(process, report)
        check_activities(process, report)
        check_expressions(process, report)
    report.problems += check_unread(definitions.unread, definitions.file, drawings=drawings, refused=frozenset(refused))
    return report.problems, executable


def _check_uncaught(executed: Sequence[tuple[Definitions, Process]]) -> list[Problem]:
    called = called_by(executed)
    problems: list[Problem] = []
    for definitions, process in executed:
        if process.id not in called:
            report = Report(definitions.file)
            check_uncaught(process, report)
            problems += report.problems
    return problems
