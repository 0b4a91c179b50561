"""The only driver of the interpreter: load a run's state, act, run to the next wait states, write what happened.

A step that fails leaves nothing behind: the interpreter is thrown away and what handlers wrote is undone. It is then
done again without the token that failed, which is parked where it failed and left to a job of its own; that job becomes
an incident when it fails for good. Where no token is to blame, or too many are, the act alone (a person's, a worker's,
a timer's) is done again with a budget of nothing, so that it is kept, and all that follows is left to a job.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from engine import codec
from engine.execution.decisions import DecisionCalls
from engine.execution.handlers import HandlerCalls
from engine.execution.jobs import continue_later, continue_parked, settle_continuation, settle_parked
from engine.execution.lent import lent_functions
from engine.execution.run import Run
from engine.execution.sync import Sync
from engine.execution.transaction import Transaction
from engine.spiff.process import SpiffProcess
from engine.spiff.steps import InstanceEnded, ProcessState, StateChange, StepContext, StepFailed
from engine.store import InstanceRow, StatePartRow
from engine.store.prepared import Prepared
from engine.views import Token

__all__ = [
    "Act",
    "SpiffProcess",
    "StepFailed",
    "advance",
    "begin",
    "choices",
    "handler_facts",
    "is_waiting",
    "read_variables",
    "tokens",
    "visible_variables",
]

log = logging.getLogger(__name__)

_P: Final = StatePartRow.__table__.c
_HEAD: Final = ""
_MOST_PARKED: Final = 10  # by one step, each found by a further attempt
_LOAD: Final = select(_P.part, _P.data).where(
    _P.instance_id == bindparam("run"), _P.part.in_(bindparam("parts", expanding=True))
)
_LOAD_ONE: Final = Prepared(select(_P.data).where(_P.instance_id == bindparam("run"), _P.part == bindparam("name")))
_DEFINITION: Final = Prepared(
    select(InstanceRow.__table__.c.definition_id).where(InstanceRow.__table__.c.id == bindparam("run"))
)
_ADD: Final = Prepared(insert(StatePartRow))
_WRITE: Final = Prepared(
    update(StatePartRow)
    .where(_P.instance_id == bindparam("run"), _P.part == bindparam("name"))
    .values(data=bindparam("content"))
)
_REMOVE: Final = Prepared(delete(StatePartRow).where(_P.instance_id == bindparam("run"), _P.part == bindparam("name")))

Act = Callable[[SpiffProcess], None]


def begin(run: Run, variables: Mapping[str, object], *, start_element_id: str | None = None, keep: bool = True) -> None:
    """Start a run that has just been inserted, and run it to its first wait states.

    Raises:
        StepFailed: Not even its start can be made.
    """
    model = run.deployed.model

    def make(context: StepContext, _parts: ProcessState) -> SpiffProcess:
        return SpiffProcess.start(model, dict(variables), context, start_element_id=start_element_id)

    _step(_Step(run, make, submitted=variables), keep=keep)


def advance(
    run: Run,
    act: Act,
    *,
    part: str = _HEAD,
    submitted: Mapping[str, object] | None = None,
    handled: frozenset[str] = frozenset(),
    keep: bool = True,
    steps_before: int = 0,
    retried: str | None = None,
) -> None:
    """Do an act in a run and run it to its next wait states.

    Args:
        run: The locked instance.
        act: What happens, told to the interpreter.
        part: The state part that holds the token acted on.
        submitted: Variables that the command's own line of history holds.
        handled: Waits whose rows the command has closed.
        keep: Whether the act is kept, and what follows left to a job, when the whole step fails.
        steps_before: Automatic elements since the last wait state, in the transactions before.
        retried: The parked token that the act takes up: its failure is that of the step.

    Raises:
        StepFailed: The step fails, and with `keep` even the act alone.
    """
    model = run.deployed.model

    def make(context: StepContext, state: ProcessState) -> SpiffProcess:
        process = SpiffProcess.load(model, state, context)
        act(process)
        return process

    _step(_Step(run, make, part, submitted or {}, handled, steps_before, retried), keep=keep)


def is_waiting(run: Run, wait_id: str, part: str) -> bool:
    """Tell whether something still waits under this id; nothing is written."""
    tx = run.tx
    state = _load(tx, run.id, part)
    run.head = state.parts[_HEAD]
    return SpiffProcess.load(run.deployed.model, state, _context(tx, HandlerCalls(tx, {}))).is_waiting(wait_id)


def visible_variables(tx: Transaction, run_id: int, wait_id: str | None = None, part: str = _HEAD) -> dict[str, Any]:
    """Return what a wait sees, or without one the variables of the process scope; nothing is written."""
    return dict(_look(tx, run_id, part).variables(wait_id, part))


def tokens(tx: Transaction, run_id: int) -> list[Token]:
    """Return where a run stands; nothing is written."""
    found = _look(tx, run_id, _HEAD).tokens()
    return [Token(id=token, element_id=element, since=None, kind=str(kind)) for token, element, kind in found]


def choices(tx: Transaction, run_id: int) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return the ad-hoc sub-processes that run, and what may be begun in each; nothing is written."""
    return _look(tx, run_id, _HEAD).choices()


def read_variables(text: str) -> dict[str, Any]:
    """Decode variables that a row holds."""
    found: dict[str, Any] = codec.loads(text)
    return found


def _look(tx: Transaction, run_id: int, part: str) -> SpiffProcess:
    definition_id = _DEFINITION.scalar(tx.connection, {"run": run_id})
    model = tx.models.get(tx.connection, definition_id).model
    return SpiffProcess.load(model, _load(tx, run_id, part), _context(tx, HandlerCalls(tx, {})))


@dataclass(frozen=True, slots=True)
class _Step:
    run: Run
    make: Callable[[StepContext, ProcessState], SpiffProcess]
    part: str = _HEAD
    submitted: Mapping[str, object] = field(default_factory=dict)
    handled: frozenset[str] = frozenset()
    steps_before: int = 0
    retried: str | None = None


def _step(step: _Step, *, keep: bool) -> None:
    config = step.run.tx.config
    if step.steps_before >= config.steps_without_wait:
        raise StepFailed(
            "",
            "step_limit",
            f"Expected a wait state within {config.steps_without_wait} elements, but met none: an endless loop.",
        )
    avoid: set[str] = set()
    while True:
        try:
            _attempt(step, config.step_budget, frozenset(avoid))
        except StepFailed as failure:
            facts = {"instance_id": step.run.id, "element_id": failure.element_id, "code": failure.code}
            if failure.token not in {None, step.retried, *avoid} and len(avoid) < _MOST_PARKED:
                log.info("token_parked", extra=facts)
                avoid.add(str(failure.token))
                continue
            if not keep:
                raise
            log.info("step_kept_alone", extra=facts)
            _attempt(step, 0)
        return


def _attempt(step: _Step, budget: int, avoid: frozenset[str] = frozenset()) -> None:
    run, tx = step.run, step.run.tx
    state = _load(tx, run.id, step.part, run.head)
    loaded = _note_loads(state)
    calls = HandlerCalls(tx, handler_facts(run))
    with ExitStack() as undo:
        calls.undo = undo
        decisions = DecisionCalls(tx, run.definition_id)
        process = step.make(_context(tx, calls, decisions, called=run.parent_id is not None), state)
        finished = process.run(budget, avoid)
        effects = process.drain()
        sync = Sync(tx, run, effects)
        sync.prepare(process.variables)
        change = process.change()
    run.head = None
    sync.write(submitted=step.submitted, handled=step.handled)
    if not any(isinstance(effect, InstanceEnded) for effect in effects):
        _save(tx, run.id, change, loaded)
        if not finished:
            continue_later(run, step.steps_before + budget)
        elif run.incidents:
            settle_continuation(run)
        before, after = process.parked_before, process.parked
        settle_parked(run, [token for token in before if token not in after])
        continue_parked(run, {token: process.attempts_of(token) for token in after if token not in before})


def _load(tx: Transaction, run_id: int, part: str, head: bytes | None = None) -> ProcessState:
    def load_parts(names: Sequence[str]) -> dict[str, bytes]:
        if len(names) == 1:
            (name,) = names
            data = _LOAD_ONE.scalar(tx.connection, {"run": run_id, "name": name})
            return {} if data is None else {name: bytes(data)}
        rows = tx.connection.execute(_LOAD, {"run": run_id, "parts": list(names)})
        return {row.part: bytes(row.data) for row in rows}

    parts = {_HEAD: bytes(head)} if head is not None else {}
    wanted = [name for name in dict.fromkeys((_HEAD, part)) if name not in parts]
    if wanted:
        parts |= load_parts(wanted)
    return ProcessState(parts, lambda name: load_parts([name])[name], load_parts)


def _note_loads(state: ProcessState) -> set[str]:
    """Note which parts the interpreter has asked for: they stand in the store."""
    loaded = set(state.parts)
    fetch = state.load_parts
    assert fetch is not None

    def load_parts(names: Sequence[str]) -> Mapping[str, bytes]:
        found = fetch(names)
        loaded.update(found)
        return found

    state.load_parts = load_parts
    state.load_part = lambda name: load_parts([name])[name]
    return loaded


def _save(tx: Transaction, run_id: int, change: StateChange, loaded: set[str]) -> None:
    _REMOVE.put(tx.connection, *({"run": run_id, "name": name} for name in change.removed))
    fresh = [
        {"instance_id": run_id, "part": name, "data": data}
        for name, data in change.written.items()
        if name not in loaded
    ]
    for name, data in change.written.items():
        if name in loaded:
            _WRITE.put(tx.connection, {"run": run_id, "name": name, "content": data})
    _ADD.put(tx.connection, *fresh)


def _context(
    tx: Transaction, calls: HandlerCalls, decisions: DecisionCalls | None = None, *, called: bool = False
) -> StepContext:
    config = tx.config
    return StepContext(
        now=tx.now,
        has_handler=calls.has,
        call_handler=calls.call,
        call_decision=None if decisions is None else decisions.call,
        functions=lent_functions(tx.ports, lambda: tx.session),
        zone=config.zone,
        max_items=config.max_items,
        called=called,
    )


def handler_facts(run: Run) -> dict[str, Any]:
    """Return what a handler is told of the run it works in."""
    deployed = run.deployed
    return {
        "instance_id": str(run.id),
        "process_id": deployed.definition.key,
        "business_key": run.business_key,
        "process": deployed.process,
    }
