"""What the interpreter did in one step, turned into rows, lines of history and events of one instance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from engine import codec, events
from engine.execution import correlation
from engine.execution.calendar import IsoCalendar
from engine.execution.closing import close_run, close_waits
from engine.execution.facts import run_facts
from engine.execution.incidents import open_incident, resolve_settled
from engine.execution.jobs import insert_immediate
from engine.execution.opening import correlation_pair, open_waits
from engine.execution.run import Run
from engine.execution.transaction import Transaction
from engine.spiff import steps
from engine.states import InstanceState, JobKind

VisibleVariables = Callable[[str, str], Mapping[str, object]]


class Sync:
    """One step's effects; `prepare` may still refuse, `write` then writes them all."""

    def __init__(self, tx: Transaction, run: Run, effects: Sequence[steps.Effect]) -> None:
        self._tx = tx
        self._run = run
        self._effects = effects
        self._opened: dict[str, steps.Wait] = {}
        self._closed: dict[str, steps.WaitClosed] = {}
        self._ended: steps.InstanceEnded | None = None
        self._due: dict[str, tuple[dt.datetime | None, dt.datetime | None]] = {}

    def prepare(self, visible: VisibleVariables) -> None:
        """Sort the effects and work out due dates; writes nothing, so that a failure costs nothing.

        Raises:
            StepFailed: A due date cannot be understood.
        """
        for effect in self._effects:
            if isinstance(effect, steps.WaitOpened):
                self._opened[effect.wait.id] = effect.wait
            elif isinstance(effect, steps.WaitClosed):
                if self._opened.pop(effect.wait_id, None) is None:
                    self._closed[effect.wait_id] = effect
            elif isinstance(effect, steps.InstanceEnded):
                self._ended = effect
        for wait in self._opened.values():
            if wait.kind is steps.WaitKind.USER_TASK and not (wait.due_date is None and wait.follow_up_date is None):
                seen = visible(wait.id, wait.part)
                self._due[wait.id] = (
                    self._moment(wait, wait.due_date, seen),
                    self._moment(wait, wait.follow_up_date, seen),
                )

    def write(self, *, submitted: Mapping[str, object], handled: frozenset[str]) -> None:
        """Write it all.

        Args:
            submitted: Variables that the command's own line of history holds already.
            handled: Waits whose rows the command itself has closed.
        """
        tx, run = self._tx, self._run
        thrown = [effect for effect in self._effects if isinstance(effect, steps.MessageThrown)]
        pairs = [(message.name, message.correlation_key) for message in thrown]
        pairs += [pair for wait in self._opened.values() if (pair := correlation_pair(wait))]
        if pairs:
            correlation.lock_correlation(tx, pairs)  # before any row, so that locks have one order
        self._record(submitted)
        close_waits(tx, run, self._closed.values(), handled=handled)
        open_waits(tx, run, self._opened.values(), self._due)
        self._throw(thrown)
        if self._ended is not None:
            self._end(self._ended)
        else:
            resolve_settled(tx, run)

    def _record(self, submitted: Mapping[str, object]) -> None:
        run, tells = self._run, bool(self._tx.ports.listeners) and self._tx.config.path_events
        changed: list[list[object]] = []
        flows: list[str] = []
        for effect in self._effects:
            if isinstance(effect, steps.ElementEntered):
                run.record("element_entered", effect.element_id, {"flows": flows} if flows else None)
                flows = []
                if tells:
                    facts = run_facts(self._tx, run)
                    self._tx.emit(events.ElementEntered(**facts, element_id=effect.element_id))
            elif isinstance(effect, steps.FlowTaken):
                flows.append(effect.flow_id)
            elif isinstance(effect, steps.VariableChanged):
                if effect.name not in submitted or submitted[effect.name] != effect.value:
                    changed.append([effect.scope_element_id, effect.name, effect.value])
            else:
                self._record_rare(effect)
        if changed:
            run.record("variables_changed", None, {"changes": changed})

    def _record_rare(self, effect: steps.Effect) -> None:
        run = self._run
        if isinstance(effect, steps.ElementLeft) and effect.cancelled:
            run.record("element_cancelled", effect.element_id)
        elif isinstance(effect, steps.MessageThrown):
            run.record("message_thrown", effect.element_id, {"name": effect.name, "key": effect.correlation_key})
        elif isinstance(effect, steps.SignalThrown):
            run.record("signal_thrown", effect.element_id, {"name": effect.name})
        elif isinstance(effect, steps.DecisionMade):
            run.record("decision_made", effect.element_id, effect.details)
        elif isinstance(effect, steps.ErrorUncaught):
            run.record("error_uncaught", effect.element_id, {"code": effect.code, "message": effect.message})
        elif isinstance(effect, steps.EscalationUncaught):
            run.record("escalation_uncaught", effect.element_id, {"code": effect.code})

    def _throw(self, thrown: Sequence[steps.MessageThrown]) -> None:
        for message in thrown:
            correlation.publish(
                self._tx, message.name, message.correlation_key, message.variables, time_to_live=message.time_to_live
            )
        for effect in self._effects:
            if isinstance(effect, steps.SignalThrown):
                correlation.broadcast(self._tx, effect.name, effect.variables, besides=self._run.id)
            elif isinstance(effect, steps.EscalationUncaught) and self._run.parent_id is not None:
                self._tell_parent(escalation=effect.code, variables=effect.variables)
            elif isinstance(effect, steps.ErrorUncaught):
                self._mark(effect)

    def _mark(self, error: steps.ErrorUncaught) -> None:
        """The run goes on, or ends, without this token; administrators must know."""
        self._run.end_reason = f"error:{error.code}"
        message = f"Expected an event that catches the error {error.code!r}, but there is none. {error.message}"
        open_incident(
            self._tx,
            self._run,
            job_id=None,
            element_id=error.element_id,
            code="error_uncaught",
            message=message.strip(),
        )

    def _tell_parent(self, **payload: object) -> None:
        run = self._run
        insert_immediate(
            self._tx,
            JobKind.CHILD_DONE,
            instance_id=run.parent_id,
            wait_id=run.parent_wait_id,
            part=run.parent_part,
            element_id=run.parent_element_id,
            payload={"child": run.id, **payload},
        )

    def _end(self, ended: steps.InstanceEnded) -> None:
        run = self._run
        failed = ended.kind is steps.EndKind.ERROR
        reason = f"error:{ended.error_code}" if failed else run.end_reason
        if reason is None and ended.kind is steps.EndKind.TERMINATED:
            reason = "terminated"
        run.variables = codec.dumps(ended.variables).decode()
        close_run(self._tx, run, InstanceState.COMPLETED, reason)
        if run.parent_id is not None:
            self._tell_parent(variables=ended.variables, error=ended.error_code if failed else None)

    def _moment(self, wait: steps.Wait, value: object, visible: Mapping[str, object]) -> dt.datetime | None:
        if value is None or value == "":
            return None
        tx = self._tx
        try:
            if tx.ports.calendar is not None:
                return tx.ports.calendar.resolve(tx.session, value, now=tx.now, variables=visible)
            return IsoCalendar(tx.config.zone).resolve(None, value, now=tx.now, variables=visible)
        except (ValueError, TypeError, OverflowError) as error:
            raise steps.StepFailed(wait.element_id, "due_date_error", str(error), wait.token) from error
