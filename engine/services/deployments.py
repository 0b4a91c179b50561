"""Deployments: check files at the gate, store them as new versions, read what is deployed."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import PurePath
from typing import Any, Final

import orjson
from sqlalchemy import bindparam, func, insert, select

from engine import codec
from engine.bpmn.layout import with_layout
from engine.bpmn.limits import Limits
from engine.bpmn.model import Definitions, Process
from engine.errors import DeploymentRejected, NotFound, ProcessNotFound
from engine.events import DefinitionDeployed
from engine.execution.models import definition_view
from engine.execution.start_events import replace_start_events
from engine.execution.stepper import StepFailed
from engine.execution.transaction import Transaction
from engine.problems import Problem, Severity
from engine.services.authority import check
from engine.services.decision_versions import define_decisions, deployed_decisions, keep_content
from engine.services.pages import bounded
from engine.store import BundleFileRow, DefinitionRow, DeploymentRow, ResourceRow, TaskNameRow
from engine.store.prepared import Prepared
from engine.validation import START_EVENT_VALUE, GateResult, Known, executable_processes, is_resource, validate
from engine.views import Deployment, ProcessDefinition
from engine.words import fold

_D: Final = DefinitionRow.__table__.c
_B: Final = BundleFileRow.__table__.c
_R: Final = ResourceRow.__table__.c
_LATEST: Final = (
    select(DefinitionRow.__table__).where(_D.key == bindparam("process")).order_by(_D.version.desc()).limit(1)
)
_FIND: Final = select(DefinitionRow.__table__).where(_D.id == bindparam("key"))
_FILE: Final = (
    select(_R.content)
    .join(BundleFileRow.__table__, _B.sha256 == _R.sha256)
    .where(_B.definition_id == bindparam("definition"), _B.name == bindparam("file"))
)
_FORM: Final = Prepared(
    select(_R.content)
    .join(BundleFileRow.__table__, _B.sha256 == _R.sha256)
    .where(_B.definition_id == bindparam("definition"), _B.form_id == bindparam("form"))
)
_WARNINGS: Final = (
    select(DeploymentRow.__table__.c.warnings)
    .join(DefinitionRow.__table__, _D.deployment_id == DeploymentRow.__table__.c.id)
    .where(_D.id == bindparam("key"))
)
_DEPLOY: Final = insert(DeploymentRow).returning(DeploymentRow.__table__.c.id)
_DEFINE: Final = insert(DefinitionRow).returning(_D.id)
_BUNDLE: Final = insert(BundleFileRow)
_NAME_TASKS: Final = insert(TaskNameRow)

Files = Mapping[str, bytes]


@dataclasses.dataclass(frozen=True, slots=True)
class _Act:
    """One deployment: what all its versions share."""

    deployment_id: int
    files: Files
    note: str
    version_tag: str | None


class Deployments:
    """Verbs and reads of deployed processes."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def check(self, files: Files) -> list[Problem]:
        """Ask the gate about files without deploying them: every problem at once."""
        return list(self._validate(files).problems)

    def deploy(self, files: Files, *, note: str = "", version_tag: str | None = None) -> Deployment:
        """Make files runnable: a new version of each process whose bundle differs from its newest.

        Raises:
            DeploymentRejected: The gate found problems; all of them are in it.
            NotAuthorized: The actor may not.
        """
        tx = self._tx
        check(tx, "deploy")
        result = self._validate(files)
        if not result.deployable:
            raise DeploymentRejected(result.problems)
        warnings = [dataclasses.asdict(problem) for problem in result.warnings]
        deployment_id: int = tx.connection.execute(
            _DEPLOY,
            {
                "at": tx.now,
                "author": tx.actor.id,
                "capacity": tx.actor.capacity,
                "note": note,
                "warnings": codec.dumps(warnings).decode(),
            },
        ).scalar_one()
        act = _Act(deployment_id, files, note, version_tag)
        found = [
            self._define(act, definitions, process)
            for definitions in result.definitions
            for process in executable_processes(definitions)
        ]
        decided = define_decisions(tx, act.deployment_id, files, result.decisions, version_tag)
        tx.dispatch()
        return Deployment(
            id=deployment_id,
            definitions=tuple(definition for definition, _created in found),
            decisions=tuple(decision for decision, _created in decided),
            created=any(created for _definition, created in (*found, *decided)),
            warnings=result.warnings,
            at=tx.now,
            new_ids=frozenset(definition.id for definition, created in found if created),
        )

    def get(self, definition_id: int) -> ProcessDefinition:
        """Return a version.

        Raises:
            ProcessNotFound: There is none with this id.
        """
        row = self._tx.connection.execute(_FIND, {"key": definition_id}).first()
        if row is None:
            raise ProcessNotFound(definition_id=definition_id)
        return definition_view(row)

    def latest(self, process_id: str) -> ProcessDefinition:
        """Return the newest version of a process.

        Raises:
            ProcessNotFound: It is not deployed.
        """
        row = self._tx.connection.execute(_LATEST, {"process": process_id}).first()
        if row is None:
            raise ProcessNotFound(process_id=process_id)
        return definition_view(row)

    def find(
        self, *, process_id: str | None = None, latest_only: bool = False, limit: int = 100, after: int | None = None
    ) -> list[ProcessDefinition]:
        """List versions, newest first; `after` is the last id of the page before."""
        statement = select(DefinitionRow.__table__).order_by(_D.id.desc()).limit(bounded(self._tx, limit))
        if process_id is not None:
            statement = statement.where(_D.key == process_id)
        if latest_only:
            newest = select(_D.key, func.max(_D.version).label("version")).group_by(_D.key).subquery()
            statement = statement.join(newest, (newest.c.key == _D.key) & (newest.c.version == _D.version))
        if after is not None:
            statement = statement.where(_D.id < after)
        return [definition_view(row) for row in self._tx.connection.execute(statement)]

    def process(self, definition_id: int) -> Process:
        """Return a version's diagram as read: elements, names, forms, documentation.

        Raises:
            ProcessNotFound: There is none with this id.
        """
        return self._tx.models.get(self._tx.connection, definition_id).process

    def xml(self, definition_id: int) -> bytes:
        """Return a version's diagram as it was deployed.

        Raises:
            ProcessNotFound: There is none with this id.
        """
        return self.resource(definition_id, self.get(definition_id).file)

    def drawing(self, definition_id: int) -> bytes:
        """Return a version's diagram for people to look at: with a layout, where its file brings none.

        Raises:
            ProcessNotFound: There is none with this id.
        """
        return _drawn(self.xml(definition_id), self._limits())

    def resource(self, definition_id: int, name: str) -> bytes:
        """Return a file of a version's bundle.

        Raises:
            NotFound: The bundle has no such file.
        """
        values = {"definition": definition_id, "file": name}
        content = self._tx.connection.execute(_FILE, values).scalar()
        if content is None:
            raise NotFound(f"Expected a file {name!r} in the bundle, but there is none.", definition_id=definition_id)
        return bytes(content)

    def form(self, definition_id: int, form_id: str) -> bytes:
        """Return a form of a version's bundle.

        Raises:
            NotFound: The bundle has no such form.
        """
        values = {"definition": definition_id, "form": form_id}
        content = _FORM.scalar(self._tx.connection, values)
        if content is None:
            raise NotFound(
                f"Expected a form {form_id!r} in the bundle, but there is none.", definition_id=definition_id
            )
        return bytes(content)

    def warnings(self, definition_id: int) -> tuple[Problem, ...]:
        """Return what the gate warned of when a version was deployed.

        Raises:
            ProcessNotFound: There is none with this id.
        """
        told = self._tx.connection.execute(_WARNINGS, {"key": definition_id}).scalar()
        if told is None:
            raise ProcessNotFound(definition_id=definition_id)
        return tuple(Problem(**{**row, "severity": Severity(row["severity"])}) for row in codec.loads(told))

    def resources(self, definition_id: int) -> list[str]:
        """List the names of the files in a version's bundle."""
        statement = select(_B.name).where(_B.definition_id == definition_id).order_by(_B.name)
        return list(self._tx.connection.execute(statement).scalars())

    def _validate(self, files: Files) -> GateResult:
        deployed = frozenset(self._tx.connection.execute(select(_D.key).distinct()).scalars())
        known = Known(processes=deployed, decisions=deployed_decisions(self._tx))
        return validate(files, rules=self._tx.ports.rules, limits=self._limits(), known=known)

    def _define(self, act: _Act, definitions: Definitions, process: Process) -> tuple[ProcessDefinition, bool]:
        tx = self._tx
        bundle = _bundle(definitions.file, process, act.files)
        bundle_hash = _hash(process.id, bundle)
        newest = tx.connection.execute(_LATEST, {"process": process.id}).first()
        if newest is not None and newest.bundle_hash == bundle_hash:
            return definition_view(newest), False
        row: dict[str, Any] = {
            "deployment_id": act.deployment_id,
            "key": process.id,
            # Two at once would choose the same number: one of them is refused by the database and tries again.
            "version": (newest.version if newest is not None else 0) + 1,
            "version_tag": act.version_tag or process.version_tag,
            "name": process.name,
            "bundle_hash": bundle_hash,
            "file": definitions.file,
            "deployed_at": tx.now,
            "author": tx.actor.id,
            "note": act.note,
        }
        definition_id: int = tx.connection.execute(_DEFINE, row).scalar_one()
        tx.deployed.append(definition_id)
        for name, (kind, form_id, sha256) in bundle.items():
            keep_content(tx, sha256, act.files[name])
            file = {"definition_id": definition_id, "name": name, "kind": kind, "form_id": form_id, "sha256": sha256}
            tx.connection.execute(_BUNDLE, file)
        named = [
            {"definition_id": definition_id, "element_id": element.id, "words": fold(element.name or element.id)}
            for element in process.elements.values()
            if element.user_task
        ]
        if named:
            tx.connection.execute(_NAME_TASKS, named)
        try:
            replace_start_events(tx, definition_id, process)
        except StepFailed as failure:
            raise DeploymentRejected([_unstartable(definitions.file, failure)]) from failure
        actor = tx.actor
        tx.emit(
            DefinitionDeployed(
                at=tx.now,
                actor=actor.id,
                capacity=actor.capacity,
                definition_id=definition_id,
                process_id=process.id,
                version=row["version"],
            )
        )
        return self.get(definition_id), True

    def _limits(self) -> Limits:
        config = self._tx.config
        return Limits(
            max_bytes=config.max_file_bytes,
            max_elements=config.max_elements,
            max_depth=config.max_depth,
            max_name=config.max_name,
        )


def _unstartable(file: str, failure: StepFailed) -> Problem:
    return START_EVENT_VALUE.problem(element_id=failure.element_id, file=file, reason=failure.message)


@lru_cache(maxsize=64)
def _drawn(xml: bytes, limits: Limits) -> bytes:
    return with_layout(xml, limits=limits)


def form_ids(files: Files) -> dict[str, str]:
    """Map form ids to file names: the form's own `id`, else the name of its file."""
    found: dict[str, str] = {}
    for name, data in files.items():
        if PurePath(name).suffix in (".form", ".json"):
            try:
                content = orjson.loads(data)
            except orjson.JSONDecodeError:
                content = None
            own = content.get("id") if isinstance(content, dict) else None
            found.setdefault(str(own) if own else PurePath(name).stem, name)
    return found


def _bundle(file: str, process: Process, files: Files) -> dict[str, tuple[str, str | None, str]]:
    """Choose what belongs to a version: its diagram, its forms, and all decisions and texts beside them."""
    forms = form_ids(files)
    wanted = {element.user_task.form_id for element in process.elements.values() if element.user_task}
    chosen: dict[str, tuple[str, str | None]] = {file: ("diagram", None)}
    for form_id, name in forms.items():
        if form_id in wanted:
            chosen[name] = ("form", form_id)
    for name in files:
        if is_resource(name) and name not in forms.values():
            chosen[name] = ("other", None)
    return {
        name: (kind, form_id, hashlib.sha256(files[name]).hexdigest())
        for name, (kind, form_id) in sorted(chosen.items())
    }


def _hash(process_id: str, bundle: Mapping[str, tuple[str, str | None, str]]) -> str:
    # The diagram's file name says nothing about what is executed; the names of the others are how they are found.
    parts: Iterable[list[str]] = (
        [kind, "" if kind == "diagram" else name, sha] for name, (kind, _, sha) in bundle.items()
    )
    return hashlib.sha256(orjson.dumps([process_id, sorted(parts)])).hexdigest()
