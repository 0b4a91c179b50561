"""The words between the interpreter and the rest of the engine: what it is asked, what it waits for, what it did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Variables = dict[str, Any]


class WaitKind(StrEnum):
    """What a live token waits for."""

    USER_TASK = "user_task"
    JOB = "job"  # external work: service, send or business rule task without an in-process handler
    TIMER = "timer"
    MESSAGE = "message"
    SIGNAL = "signal"
    CONDITION = "condition"  # becomes true when variables of the instance change: nothing outside is asked
    CHILD = "child"  # a call activity's child instance


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait state, opened. `id` is stable over save and load and unique in the instance (a token may have several).

    `part` names the state part (see ProcessState) that holds the token; `token` groups the waits of one element.
    """

    id: str
    token: str
    part: str
    kind: WaitKind
    element_id: str
    # user task: evaluated settings
    assignee: str | None = None
    candidate_groups: tuple[str, ...] = ()
    candidate_users: tuple[str, ...] = ()
    due_date: object = None  # evaluated, unresolved: the calendar port turns it into a moment
    follow_up_date: object = None
    priority: int | None = None
    form_id: str | None = None
    name: str | None = None
    # job
    type: str | None = None
    retries: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    # variables handed out: job and child input, a task's local scope
    variables: Variables = field(default_factory=dict)
    # timer
    due_at: dt.datetime | None = None
    repeat: int | None = None  # firings left after this one of a cycle; None = endless
    # message, signal
    message_name: str | None = None
    correlation_key: str | None = None
    # child
    process_id: str | None = None
    binding: str = "latest"
    version_tag: str | None = None
    version: int | None = None


class CloseReason(StrEnum):
    """Why a wait is over."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class WaitOpened:
    """A new wait state."""

    wait: Wait


@dataclass(frozen=True, slots=True)
class WaitClosed:
    """A wait state that is over; rows of it are closed by `wait_id`."""

    wait_id: str
    kind: WaitKind
    reason: CloseReason


@dataclass(frozen=True, slots=True)
class ElementEntered:
    """A token arrived at an element."""

    element_id: str
    token: str


@dataclass(frozen=True, slots=True)
class ElementLeft:
    """A token left an element: completed, or cancelled by an interruption."""

    element_id: str
    token: str
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class FlowTaken:
    """A token went along a sequence flow."""

    flow_id: str


@dataclass(frozen=True, slots=True)
class VariableChanged:
    """A variable got a value in a scope (`scope_element_id` is the process id, a sub-process or a body's element)."""

    scope: str
    scope_element_id: str
    name: str
    value: object


@dataclass(frozen=True, slots=True)
class MessageThrown:
    """A message left the instance: publish it."""

    element_id: str
    name: str
    correlation_key: str
    variables: Variables
    time_to_live: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class SignalThrown:
    """A signal left the instance for all others (listeners of the same instance have already had it)."""

    element_id: str
    name: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class ErrorUncaught:
    """An error end event that nobody caught: its token ended, administrators must know."""

    element_id: str
    code: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class EscalationUncaught:
    """An escalation that nobody in the instance caught: handed to the caller of a call activity, if there is one."""

    element_id: str
    code: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """A business rule task's decision; `details` are what history keeps: its version, rules that matched, result."""

    element_id: str
    details: Mapping[str, object]


class EndKind(StrEnum):
    """How an instance ended."""

    COMPLETED = "completed"
    TERMINATED = "terminated"
    ERROR = "error"  # an error left the instance (its caller must catch it)


@dataclass(frozen=True, slots=True)
class InstanceEnded:
    """No token is left; `variables` are the process scope's at the end."""

    kind: EndKind
    variables: Variables
    error_code: str | None = None


Effect = (
    WaitOpened
    | WaitClosed
    | ElementEntered
    | ElementLeft
    | FlowTaken
    | VariableChanged
    | MessageThrown
    | SignalThrown
    | ErrorUncaught
    | EscalationUncaught
    | DecisionMade
    | InstanceEnded
)


@dataclass
class StepFailed(Exception):
    """The interpreter cannot go on at an element: a failed expression, mapping, handler, or a join that can never fire.

    The in-memory process must be thrown away; the rows still hold the last good state. Where one token is to blame it
    is named: the step can be done again without it.
    """

    element_id: str
    code: str  # expression_error, no_flow, mapping_error, handler_error, timer_error, dead_join, item_limit …
    message: str
    token: str | None = None


# An in-process handler call: (element_id, work type, headers, input variables) -> result variables; None in place of
# a result table means that no handler has this type, so that the work becomes a job. May raise engine.ports.BpmnError.
CallHandler = Callable[[str, str, Mapping[str, str], Variables], Variables | None]
HasHandler = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class DecisionCall:
    """A decision that a business rule task asks for: by id, bound to a version, over variables."""

    element_id: str
    decision_id: str
    binding: str  # latest | deployment | versionTag
    version_tag: str | None
    variables: Variables


# Makes a decision: its result, and what history keeps of it. Raises StepFailed when it cannot be made.
CallDecision = Callable[[DecisionCall], tuple[object, Mapping[str, object]]]


@dataclass(frozen=True, slots=True)
class StepContext:
    """What one step may use of the outside."""

    now: dt.datetime
    has_handler: HasHandler
    call_handler: CallHandler
    zone: dt.tzinfo = dt.UTC  # zone of local dates and times without an offset
    max_items: int = 10_000  # of one multi-instance
    call_decision: CallDecision | None = None
    functions: Mapping[str, Callable[..., Any]] | None = None  # what the host lends to expressions
    called: bool = False  # whether a call activity waits for the instance, and may catch its errors


@dataclass(slots=True)
class ProcessState:
    """The stored state: parts by name. Part `""` is the head; each running parallel multi-instance body has its own.

    A part is bytes in the codec's own versioned format. A step reads the head and the parts on the path of its token;
    others come through `load_part` only when an interruption or a completion condition needs them.
    """

    parts: dict[str, bytes]
    load_part: Callable[[str], bytes] | None = None
    load_parts: Callable[[Sequence[str]], Mapping[str, bytes]] | None = None  # the same for many, where the store can


@dataclass(frozen=True, slots=True)
class StateChange:
    """What to write after a step: changed parts, and the names of those that are gone."""

    written: Mapping[str, bytes]
    removed: tuple[str, ...]
