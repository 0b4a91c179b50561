"""A read BPMN file as typed, immutable values; knows the XML's meaning, not how it is executed.

Everything the reader met is here or in `Definitions.unread`, so that nothing is cut without a word. Texts that start
with `=` are FEEL expressions (kept without the `=` in `Expression.text`), all others are literals, as Camunda 8 reads
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.problems import Problem


class ElementKind(StrEnum):
    """The BPMN tag of a flow node (local name)."""

    START_EVENT = "startEvent"
    END_EVENT = "endEvent"
    INTERMEDIATE_CATCH_EVENT = "intermediateCatchEvent"
    INTERMEDIATE_THROW_EVENT = "intermediateThrowEvent"
    BOUNDARY_EVENT = "boundaryEvent"
    TASK = "task"
    USER_TASK = "userTask"
    MANUAL_TASK = "manualTask"
    SERVICE_TASK = "serviceTask"
    SCRIPT_TASK = "scriptTask"
    SEND_TASK = "sendTask"
    RECEIVE_TASK = "receiveTask"
    BUSINESS_RULE_TASK = "businessRuleTask"
    CALL_ACTIVITY = "callActivity"
    SUB_PROCESS = "subProcess"
    AD_HOC_SUB_PROCESS = "adHocSubProcess"
    TRANSACTION = "transaction"
    EXCLUSIVE_GATEWAY = "exclusiveGateway"
    PARALLEL_GATEWAY = "parallelGateway"
    INCLUSIVE_GATEWAY = "inclusiveGateway"
    COMPLEX_GATEWAY = "complexGateway"
    EVENT_BASED_GATEWAY = "eventBasedGateway"


class EventKind(StrEnum):
    """What an event waits for or throws; NONE is an event without a definition."""

    NONE = "none"
    MESSAGE = "message"
    TIMER = "timer"
    SIGNAL = "signal"
    ERROR = "error"
    ESCALATION = "escalation"
    TERMINATE = "terminate"
    CONDITIONAL = "conditional"
    LINK = "link"
    COMPENSATE = "compensate"
    CANCEL = "cancel"


class TimerKind(StrEnum):
    """Which of the three children a timer definition has."""

    DATE = "timeDate"
    DURATION = "timeDuration"
    CYCLE = "timeCycle"


@dataclass(frozen=True, slots=True)
class Expression:
    """A text of the diagram: FEEL when `is_feel` (its leading `=` removed), else a literal."""

    text: str
    is_feel: bool
    written: str = ""  # what the file says, where the FEEL was translated from another language
    language: str = ""  # what the file names, where it is no language that is read or translated


@dataclass(frozen=True, slots=True)
class Mapping_:  # noqa: N801 - `Mapping` is taken by the standard library
    """One zeebe:input or zeebe:output: the source is evaluated, the result goes to the target variable path."""

    source: Expression
    target: str


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer definition: its kind and the ISO 8601 (or R/…, or FEEL) text."""

    kind: TimerKind
    value: Expression


@dataclass(frozen=True, slots=True)
class Message:
    """A message: its name, and the correlation key expression of zeebe:subscription (None on start events)."""

    id: str
    name: Expression
    correlation_key: Expression | None = None
    by_name: bool = False  # the file is of a dialect without such keys: its name alone finds the receiver


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """One event definition; `name` is the signal's name, `code` an error or escalation code (None catches all)."""

    kind: EventKind
    id: str | None = None
    timer: Timer | None = None
    message: Message | None = None
    name: Expression | None = None
    code: Expression | None = None
    reference: str | None = None  # id of the message, signal, error, escalation or activity as written
    wait_for_completion: bool = True  # of compensation: whether a throw waits until all is undone
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """zeebe:loopCharacteristics: a body for each item of a collection, in parallel or one after another."""

    sequential: bool
    input_collection: Expression | None = None
    input_element: str | None = None
    output_collection: str | None = None
    output_element: Expression | None = None
    completion_condition: Expression | None = None
    cardinality: Expression | None = None  # bpmn:loopCardinality
    behavior: str = "All"  # All | None | One | Complex: when an instance that completes throws an event
    none_event: EventDefinition | None = None
    one_event: EventDefinition | None = None
    complex_events: tuple[tuple[Expression, EventDefinition], ...] = ()


@dataclass(frozen=True, slots=True)
class StandardLoop:
    """bpmn:standardLoopCharacteristics: again while the condition holds, at most so many runs."""

    test_before: bool = False
    maximum: int | None = None
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class AdHoc:
    """What an ad-hoc sub-process says of what is inside it."""

    sequential: bool = False  # ordering: one after another
    completion_condition: Expression | None = None
    cancel_remaining: bool = True  # what still runs when the condition holds is called off
    active_elements: Expression | None = None  # zeebe:adHoc: ids of what begins at once


@dataclass(frozen=True, slots=True)
class UserTaskSettings:
    """Who may do a user task and until when; all texts literal or FEEL."""

    assignee: Expression | None = None
    candidate_groups: Expression | None = None  # literal: comma-separated; FEEL: a list or a string
    candidate_users: Expression | None = None
    due_date: Expression | None = None
    follow_up_date: Expression | None = None
    priority: Expression | None = None
    form_id: str | None = None
    form_key: str | None = None  # a form outside the bundle, as written
    form_binding: str = "latest"  # as written; a form always comes from the bundle of the instance's version
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorkSettings:
    """zeebe:taskDefinition with its zeebe:taskHeaders: work for a handler or an external worker."""

    type: Expression
    retries: Expression | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScriptSettings:
    """zeebe:script: a FEEL expression and the variable that takes its result."""

    expression: Expression
    result_variable: str | None = None


@dataclass(frozen=True, slots=True)
class CallSettings:
    """zeebe:calledElement: which process is called, bound how, and whether all variables are handed over."""

    process_id: Expression
    binding: str = "latest"  # latest | deployment | versionTag | version
    version_tag: str | None = None
    version: int | None = None  # with binding `version`
    propagate_all_parent_variables: bool = True
    propagate_all_child_variables: bool = False
    is_standard: bool = False  # said by the standard's own attribute: data associations alone hand variables over


@dataclass(frozen=True, slots=True)
class DecisionSettings:
    """zeebe:calledDecision: which decision is made, bound how, and the variable that takes its result."""

    decision_id: Expression
    result_variable: str | None = None
    binding: str = "latest"  # latest | deployment | versionTag
    version_tag: str | None = None


@dataclass(frozen=True, slots=True)
class SequenceFlow:
    """An arrow; an id is made of source and target where the file has none."""

    id: str
    source: str
    target: str
    condition: Expression | None = None
    name: str | None = None
    scope: str = ""  # the (sub-)process in which the file has it
    properties: Mapping[str, str] = field(default_factory=dict)
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """A flow node. `incoming` and `outgoing` are flow ids in document order; `scope` is the enclosing (sub-)process."""

    id: str
    kind: ElementKind
    scope: str
    name: str | None = None
    documentation: str | None = None
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    default_flow: str | None = None
    events: tuple[EventDefinition, ...] = ()
    attached_to: str | None = None  # boundary events
    handler: str | None = None  # compensation boundary events: the activity that their association leads to
    interrupting: bool = True  # boundary events (cancelActivity) and starts of event sub-processes (isInterrupting)
    triggered_by_event: bool = False  # event sub-processes
    parallel_multiple: bool = False
    instantiate: bool = False
    for_compensation: bool = False
    start_quantity: int = 1  # tokens that must come before an activity begins
    completion_quantity: int = 1  # tokens that leave it on each flow that is taken
    event_gateway_type: str = "Exclusive"
    activation: Expression | None = None  # complex gateways: the activation condition
    boundary: tuple[str, ...] = ()  # ids of attached boundary events
    multi_instance: MultiInstance | None = None
    standard_loop: StandardLoop | None = None
    ad_hoc: AdHoc | None = None
    data: tuple[str, ...] = ()  # all that the file says of its data
    data_objects: tuple[str, ...] = ()  # of a sub-process: variables that are its own
    inputs: tuple[Mapping_, ...] = ()
    outputs: tuple[Mapping_, ...] = ()
    user_task: UserTaskSettings | None = None
    work: WorkSettings | None = None
    script: ScriptSettings | None = None
    call: CallSettings | None = None
    decision: DecisionSettings | None = None
    message: Message | None = None  # send and receive tasks
    lane: str | None = None  # innermost lane's name
    properties: Mapping[str, str] = field(default_factory=dict)  # zeebe:properties and saanphaen: attributes
    line: int | None = None

    @property
    def event_kind(self) -> EventKind:
        """The kind of the only event definition; NONE when there is none."""
        return self.events[0].kind if self.events else EventKind.NONE


@dataclass(frozen=True, slots=True)
class Process:
    """An executable process or, inside `scopes`, one of its sub-processes: elements in document order."""

    id: str
    name: str | None
    executable: bool
    version_tag: str | None
    elements: Mapping[str, Element]  # of all scopes, by id
    flows: Mapping[str, SequenceFlow]  # of all scopes, by id
    children: Mapping[str, tuple[str, ...]]  # scope id (process or sub-process) -> element ids directly in it
    documentation: str | None = None
    data: tuple[str, ...] = ()  # all that the file says of its data
    global_task: bool = False  # a global task, read as a process of one task
    properties: Mapping[str, str] = field(default_factory=dict)
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """An XML element or attribute that the reader has no place for; the gate refuses it or knows it is harmless."""

    element_id: str | None  # nearest element with an id
    tag: str  # "{namespace}local"
    attribute: str | None = None
    line: int | None = None
    owner: str = ""  # tag of the XML element around it
    value: str = ""  # of an attribute, or the text inside an element
    process: str = ""  # id of the process around it
    inside: str = ""  # the first flow node or flow that went with it


@dataclass(frozen=True, slots=True)
class Definitions:
    """One BPMN file."""

    file: str
    processes: tuple[Process, ...]
    unread: tuple[Unread, ...] = ()
    exporter: str | None = None
    has_diagram: bool = False
    problems: tuple[Problem, ...] = ()  # what contradicts itself in the file and has no place in the model
