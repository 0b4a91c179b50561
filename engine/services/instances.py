"""Process instances: start, cancel, suspend, resume; look them up, with their variables and tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import bindparam, func, select, update

from engine import events
from engine.errors import ExpressionError, InstanceNotActive, InstanceNotFound, StateConflict
from engine.execution import stepper
from engine.execution.closing import close_run
from engine.execution.facts import run_facts
from engine.execution.rows import instance_view
from engine.execution.run import Run, lock_run
from engine.execution.stepper import SpiffProcess, StepFailed
from engine.execution.transaction import Transaction
from engine.services.authority import check
from engine.services.commands import Commands
from engine.services.ids import number
from engine.services.pages import bounded
from engine.services.starting import find_version, plain_start, start_run
from engine.services.tasks import checked_variables
from engine.states import INSTANCE_TRANSITIONS, InstanceState
from engine.store import DefinitionRow, IncidentRow, InstanceRow, JobRow
from engine.store.incident import OPEN as OPEN_INCIDENT
from engine.store.job import OPEN as OPEN_JOB
from engine.views import Instance, Token

_I: Final = InstanceRow.__table__.c
_N: Final = IncidentRow.__table__.c
_D: Final = DefinitionRow.__table__.c
_J: Final = JobRow.__table__.c
_FIND: Final = select(InstanceRow.__table__).where(_I.id == bindparam("key"))
_BELOW: Final = select(_I.id).where(
    _I.parent_id == bindparam("run"), _I.state.in_([InstanceState.ACTIVE, InstanceState.SUSPENDED])
)
_HOLD: Final = update(JobRow).where(_J.instance_id == bindparam("run"), OPEN_JOB).values(held=bindparam("hold"))


class Instances:
    """Verbs and reads of process instances."""

    def __init__(self, tx: Transaction, commands: Commands) -> None:
        self._tx = tx
        self._commands = commands

    def start(
        self,
        process_id: str,
        variables: Mapping[str, object] | None = None,
        business_key: str | None = None,
        *,
        version: int | None = None,
        version_tag: str | None = None,
        start_event: str | None = None,
        idempotency_key: str | None = None,
    ) -> Instance:
        """Start a run of the newest (or the named) version and run it to its first wait states.

        It begins at the plain start event that is named, else at all of them.

        Raises:
            ProcessNotFound: There is no such process.
            InvalidVariables: A variable cannot be stored exactly.
            NotAuthorized: The actor may not.
            IdempotencyMismatch: The key was used for another command.
        """
        handed = checked_variables(self._tx, variables)
        arguments = {
            "process": process_id,
            "variables": handed,
            "business_key": business_key,
            "version": version,
            "version_tag": version_tag,
            **({"start_event": start_event} if start_event is not None else {}),
        }

        def act() -> Instance:
            check(self._tx, "start")
            definition_id = find_version(self._tx, process_id, version=version, version_tag=version_tag)
            try:
                plain = start_event and plain_start(self._tx, definition_id, start_event)
                run = start_run(self._tx, definition_id, handed, start_element_id=plain, business_key=business_key)
            except StepFailed as failure:
                raise ExpressionError(
                    f"Expected a process that can start, but at {failure.element_id!r}: {failure.message}",
                    element_id=failure.element_id,
                    reason=failure.code,
                ) from failure
            return self._plain(run.id)

        return self._commands.once(Instance, "start", arguments, act, idempotency_key)

    def cancel(self, instance_id: str, *, reason: str) -> Instance:
        """End a run and everything below it.

        Raises:
            InstanceNotFound: There is none with this id.
            InstanceNotActive: It has ended.
            StateConflict: It was called by another run: cancel that one.
            NotAuthorized: The actor may not.
        """
        run = self._lock(instance_id, "cancel", InstanceState.CANCELLED)
        if run.parent_id is not None:
            raise StateConflict(
                "Expected a run that no other run has called, but this one is a child; cancel its root.",
                instance_id=instance_id,
                root_id=str(run.root_id),
            )
        close_run(self._tx, run, InstanceState.CANCELLED, reason)
        return self._saved(run)

    def suspend(self, instance_id: str, *, reason: str = "") -> Instance:
        """Stop a run and everything below it: no task of it can be completed, no job of it runs.

        Raises:
            InstanceNotFound: There is none with this id.
            InstanceNotActive: It is not active.
            NotAuthorized: The actor may not.
        """
        run = self._lock(instance_id, "suspend", InstanceState.SUSPENDED)
        self._hold_tree(run, InstanceState.SUSPENDED, reason)
        return self._saved(run)

    def resume(self, instance_id: str) -> Instance:
        """Let a suspended run and everything below it go on; what fell due meanwhile happens now, once.

        Raises:
            InstanceNotFound: There is none with this id.
            InstanceNotActive: It is not suspended.
            NotAuthorized: The actor may not.
        """
        run = self._lock(instance_id, "resume", InstanceState.ACTIVE)
        self._hold_tree(run, InstanceState.ACTIVE, "")
        return self._saved(run)

    def set_variables(
        self,
        instance_id: str,
        variables: Mapping[str, object],
        *,
        reason: str = "",
        idempotency_key: str | None = None,
    ) -> Instance:
        """Set variables of a run's process scope, a repair by an administrator: what it had stopped tries again.

        Raises:
            InstanceNotFound: There is none with this id.
            InstanceNotActive: It is not active.
            InvalidVariables: A variable cannot be stored exactly.
            NotAuthorized: The actor may not.
            IdempotencyMismatch: The key was used for another command.
        """
        handed = checked_variables(self._tx, variables)
        run_id = number(instance_id, InstanceNotFound)
        check(self._tx, "set_variables", self._plain(run_id))
        arguments = {"instance": instance_id, "variables": handed, "reason": reason}
        return self._commands.once(
            Instance, "set_variables", arguments, lambda: self._set_variables(run_id, handed, reason), idempotency_key
        )

    def _set_variables(self, run_id: int, handed: dict[str, object], reason: str) -> Instance:
        run = lock_run(self._tx, run_id)
        run.ensure_active()
        run.record("variables_set", None, {"variables": handed, "reason": reason}, by=self._tx.actor)
        process_id = run.deployed.process.id

        def repair(process: SpiffProcess) -> None:
            process.set_variables(process_id, handed)
            process.take_up()

        stepper.advance(run, repair, submitted=handed)
        return self._saved(run)

    def get(self, instance_id: str) -> Instance:
        """Return a run with the variables of its process scope.

        Raises:
            InstanceNotFound: There is none with this id.
        """
        found = self._plain(number(instance_id, InstanceNotFound))
        if found.state in (InstanceState.ACTIVE, InstanceState.SUSPENDED):
            return replace(found, variables=stepper.visible_variables(self._tx, int(found.id)))
        return found

    def find(
        self,
        *,
        process_id: str | None = None,
        version: int | None = None,
        definition_id: int | None = None,
        business_key: str | None = None,
        state: InstanceState | str | None = None,
        parent_id: str | None = None,
        root_id: str | None = None,
        roots_only: bool = False,
        with_incident: bool = False,
        limit: int = 100,
        after: str | None = None,
    ) -> list[Instance]:
        """List runs, newest first, without variables of running ones; `after` is the last id of the page before."""
        statement = select(InstanceRow.__table__).order_by(_I.id.desc()).limit(bounded(self._tx, limit))
        if process_id is not None:
            versions = select(_D.id).where(_D.key == process_id)
            statement = statement.where(
                _I.definition_id.in_(versions if version is None else versions.where(_D.version == version))
            )
        for column, value in ((_I.definition_id, definition_id), (_I.business_key, business_key)):
            if value is not None:
                statement = statement.where(column == value)
        for column, text in ((_I.parent_id, parent_id), (_I.root_id, root_id)):
            if text is not None:
                statement = statement.where(column == number(text, InstanceNotFound))
        if state is not None:
            statement = statement.where(_I.state == str(InstanceState(state)))
        if roots_only:
            statement = statement.where(_I.parent_id.is_(None))
        if with_incident:
            statement = statement.where(_I.incidents > 0)
        if after is not None:
            statement = statement.where(_I.id < number(after, InstanceNotFound))
        get = self._tx.models.get
        return [
            instance_view(row, get(self._tx.connection, row["definition_id"]).definition)
            for row in self._tx.connection.execute(statement).mappings().all()
        ]

    def count_by_version(self, process_id: str | None = None) -> dict[int, dict[str, int]]:
        """Count runs by definition id and state; `incidents` counts those that are stuck."""
        runs = select(_I.definition_id, _I.state, func.count().label("runs")).group_by(_I.definition_id, _I.state)
        open_ones = select(_N.instance_id).where(OPEN_INCIDENT)
        stuck = select(_I.definition_id, func.count().label("runs")).where(_I.id.in_(open_ones))
        stuck = stuck.group_by(_I.definition_id)
        if process_id is not None:
            versions = _I.definition_id.in_(select(_D.id).where(_D.key == process_id))
            runs, stuck = runs.where(versions), stuck.where(versions)
        counts: dict[int, dict[str, int]] = {}
        for row in self._tx.connection.execute(runs):
            counts.setdefault(row.definition_id, {"incidents": 0})[row.state] = row.runs
        for row in self._tx.connection.execute(stuck):
            counts.setdefault(row.definition_id, {})["incidents"] = row.runs
        return counts

    def tokens(self, instance_id: str) -> list[Token]:
        """Return where a run stands.

        Raises:
            InstanceNotFound: There is none with this id.
        """
        key = number(instance_id, InstanceNotFound)
        found = self._plain(key)
        if found.state not in (InstanceState.ACTIVE, InstanceState.SUSPENDED):
            return []
        return stepper.tokens(self._tx, key)

    def variables(self, instance_id: str) -> Mapping[str, object]:
        """Return the variables of a run's process scope; at the end, those it ended with.

        Raises:
            InstanceNotFound: There is none with this id.
        """
        return self.get(instance_id).variables

    def _hold_tree(self, run: Run, state: InstanceState, reason: str) -> None:
        suspends = state is InstanceState.SUSPENDED
        pending = [run]
        while pending:
            current = pending.pop()
            if state in INSTANCE_TRANSITIONS[current.state]:
                current.state = state
                self._tx.connection.execute(_HOLD, {"run": current.id, "hold": suspends})
                kind = "instance_suspended" if suspends else "instance_resumed"
                current.record(kind, None, {"reason": reason} if reason else None, by=self._tx.actor)
                event = events.InstanceSuspended if suspends else events.InstanceResumed
                self._tx.emit(event(**run_facts(self._tx, current)))
                if current is not run:
                    current.save()
            below = self._tx.connection.execute(_BELOW, {"run": current.id}).scalars().all()
            pending += [lock_run(self._tx, child) for child in sorted(below)]

    def _lock(self, instance_id: str, act: str, becomes: InstanceState) -> Run:
        run = lock_run(self._tx, number(instance_id, InstanceNotFound))
        check(self._tx, act, self._plain(run.id))
        if becomes not in INSTANCE_TRANSITIONS[run.state]:
            raise InstanceNotActive(
                f"Expected a run that can be {becomes}, but {instance_id} is {run.state}.",
                instance_id=instance_id,
                state=str(run.state),
            )
        return run

    def _saved(self, run: Run) -> Instance:
        run.save()
        self._tx.dispatch()
        return self._plain(run.id)

    def _plain(self, key: int) -> Instance:
        row: Any = self._tx.connection.execute(_FIND, {"key": key}).mappings().first()
        if row is None:
            raise InstanceNotFound(instance_id=str(key))
        return instance_view(row, self._tx.models.get(self._tx.connection, row["definition_id"]).definition)
