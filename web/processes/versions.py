"""Deployed processes, and one version of one: diagram, steps in words, forms, runs, files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from flask import Response, abort, render_template, request, send_file
from flask_babel import gettext as _

from engine import SYSTEM, Instance, InstanceState, Process, ProcessDefinition
from web.access import requires_role
from web.composition import Reading, composition, directory, reading
from web.diagrams import Step, steps_of
from web.panels import Subject
from web.processes.blueprint import ADMINISTRATOR, blueprint
from web.processes.gate_texts import ToldProblem, told_all
from web.task_forms import FieldType, FormSchemaError, parse_form

PROCESSES_OF_PAGE = 50
VERSIONS_SHOWN = 5
VERSIONS_OF_PAGE = 20
RUNS_OF_PAGE = 25


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version with its author by name and its runs counted."""

    definition: ProcessDefinition
    author: str
    running: int
    paused: int
    ended: int
    stuck: int


@dataclass(frozen=True, slots=True)
class ProcessLine:
    """One process with its newest versions, the newest first."""

    versions: Sequence[VersionLine]
    has_more: bool

    @property
    def newest(self) -> VersionLine:
        """The version that new runs use."""
        return self.versions[0]


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of the diagram in words, with its form and how many tasks wait there."""

    step: Step
    form: str
    waiting: int


@dataclass(frozen=True, slots=True)
class FormLine:
    """A form of the bundle: the steps that use it, and what it asks."""

    form_id: str
    steps: Sequence[str]
    fields: Sequence[str]


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run with what it is about."""

    instance: Instance
    subject: Subject | None


@dataclass(frozen=True, slots=True)
class VersionPage:
    """Everything that the page of a version shows."""

    line: VersionLine
    newest: ProcessDefinition
    steps: Sequence[StepLine]
    tokens: Sequence[Mapping[str, object]]
    forms: Sequence[FormLine]
    files: Sequence[str]
    warnings: Sequence[ToldProblem]
    runs: Sequence[RunLine]
    next_runs: str
    versions: Sequence[VersionLine]
    next_versions: int | None


@blueprint.get("/processes")
@requires_role(ADMINISTRATOR)
def index() -> str:
    """List the deployed processes with their newest versions."""
    after = request.args.get("after", type=int)
    with reading() as read:
        found = read.deployments.find(latest_only=True, limit=PROCESSES_OF_PAGE + 1, after=after)
        page, rest = found[:PROCESSES_OF_PAGE], found[PROCESSES_OF_PAGE:]
        lines = _process_lines(read, page)
        total = sum(count.get(InstanceState.ACTIVE, 0) for count in read.instances.count_by_version().values())
        return render_template(
            "processes/index.html",
            lines=lines,
            total=total,
            next=page[-1].id if rest else None,
            after=after,
            now=read.now,
        )


@blueprint.get("/processes/<int:definition_id>")
@requires_role(ADMINISTRATOR)
def version(definition_id: int) -> str:
    """Show one version."""
    with reading() as read:
        page = _version_page(
            read,
            read.deployments.get(definition_id),
            state=_state(request.args.get("state", "")),
            runs_after=request.args.get("after"),
            versions_after=request.args.get("versions_after", type=int),
        )
        return render_template("processes/version.html", page=page, now=read.now)


@blueprint.get("/processes/<int:definition_id>/diagram.bpmn")
@requires_role(ADMINISTRATOR)
def diagram(definition_id: int) -> Response:
    """Answer the diagram of a version to be looked at: laid out, where its file brings no layout."""
    with reading() as read:
        return _file(read.deployments.drawing(definition_id), read.deployments.get(definition_id).file)


@blueprint.get("/processes/<int:definition_id>/files/<path:name>")
@requires_role(ADMINISTRATOR)
def file(definition_id: int, name: str) -> Response:
    """Answer a file of a version's bundle, as it was deployed."""
    with reading() as read:
        return _file(read.deployments.resource(definition_id, name), name)


def version_lines(read: Reading, definitions: Sequence[ProcessDefinition]) -> list[VersionLine]:
    """Return versions with their authors and counts."""
    names = directory().names_of(read.session, {definition.author for definition in definitions})
    counts: dict[int, dict[str, int]] = {}
    for key in {definition.key for definition in definitions}:
        counts |= read.instances.count_by_version(key)
    return [
        _line(definition, author_of(definition, names), counts.get(definition.id, {})) for definition in definitions
    ]


def author_of(definition: ProcessDefinition, names: Mapping[str, str]) -> str:
    """Return who deployed a version, in words."""
    if definition.author == SYSTEM.id:
        return str(_("the system, by command"))
    return names.get(definition.author, definition.author)


def run_lines(read: Reading, instances: Sequence[Instance]) -> list[RunLine]:
    """Return runs with what they are about."""
    keys = [instance.business_key for instance in instances if instance.business_key]
    subjects = composition().panels.subjects(read, keys)
    return [RunLine(instance, subjects.get(instance.business_key or "")) for instance in instances]


def _process_lines(read: Reading, newest: Iterable[ProcessDefinition]) -> list[ProcessLine]:
    lines = []
    for definition in newest:
        found = read.deployments.find(process_id=definition.key, limit=VERSIONS_SHOWN + 1)
        lines.append(ProcessLine(version_lines(read, found[:VERSIONS_SHOWN]), len(found) > VERSIONS_SHOWN))
    return sorted(lines, key=lambda line: line.newest.definition.name or line.newest.definition.key)


def _line(definition: ProcessDefinition, author: str, count: Mapping[str, int]) -> VersionLine:
    return VersionLine(
        definition,
        author,
        running=count.get(InstanceState.ACTIVE, 0),
        paused=count.get(InstanceState.SUSPENDED, 0),
        ended=count.get(InstanceState.COMPLETED, 0) + count.get(InstanceState.CANCELLED, 0),
        stuck=count.get("incidents", 0),
    )


def _version_page(
    read: Reading,
    definition: ProcessDefinition,
    *,
    state: InstanceState | None,
    runs_after: str | None,
    versions_after: int | None,
) -> VersionPage:
    process = read.deployments.process(definition.id)
    steps = steps_of(read.deployments.xml(definition.id), definition.key)
    waiting = read.tasks.count_by_element(definition.id)
    files = read.deployments.resources(definition.id)
    runs = read.instances.find(definition_id=definition.id, state=state, limit=RUNS_OF_PAGE + 1, after=runs_after)
    versions = read.deployments.find(process_id=definition.key, limit=VERSIONS_OF_PAGE + 1, after=versions_after)
    return VersionPage(
        line=version_lines(read, [definition])[0],
        newest=read.deployments.latest(definition.key),
        steps=[StepLine(step, _form_of(process, step), waiting.get(step.element_id, 0)) for step in steps],
        tokens=[{"element": element, "count": count, "late": False} for element, count in waiting.items()],
        forms=list(_form_lines(read, definition, process)),
        files=files,
        warnings=told_all(read.deployments.warnings(definition.id)),
        runs=run_lines(read, runs[:RUNS_OF_PAGE]),
        next_runs=runs[RUNS_OF_PAGE - 1].id if len(runs) > RUNS_OF_PAGE else "",
        versions=version_lines(read, versions[:VERSIONS_OF_PAGE]),
        next_versions=versions[VERSIONS_OF_PAGE - 1].id if len(versions) > VERSIONS_OF_PAGE else None,
    )


def _form_of(process: Process, step: Step) -> str:
    element = process.elements.get(step.element_id)
    return (element.user_task.form_id if element and element.user_task else None) or ""


def _form_lines(read: Reading, definition: ProcessDefinition, process: Process) -> Iterable[FormLine]:
    used: dict[str, list[str]] = {}
    for element in process.elements.values():
        if element.user_task is not None and element.user_task.form_id:
            used.setdefault(element.user_task.form_id, []).append(element.name or element.id)
    for form_id in sorted(used):
        yield FormLine(form_id, used[form_id], _fields(read.deployments.form(definition.id, form_id)))


def _fields(content: bytes) -> list[str]:
    """Return what a form asks, in its own words; nothing where it cannot be read."""
    try:
        schema = parse_form(content)
    except FormSchemaError:
        return []
    return [field.label for field in schema.walk() if field.type is not FieldType.TEXT and field.label]


def _state(text: str) -> InstanceState | None:
    if not text:
        return None
    if text not in set(InstanceState):
        abort(404)
    return InstanceState(text)


def _file(content: bytes, name: str) -> Response:
    kind = "application/xml" if name.endswith((".bpmn", ".dmn", ".xml")) else "application/octet-stream"
    answer = send_file(BytesIO(content), mimetype=kind, as_attachment=True, download_name=name.rpartition("/")[2])
    answer.headers["Cache-Control"] = "no-store"
    return answer
