"""Rules: how elements and flows may be joined, and where tokens can come."""

from __future__ import annotations

from typing import Final

from engine.problems import Rule, Severity

_WARNING: Final = Severity.WARNING

NO_START = Rule(
    "no_start",
    "Expected a start, but nothing in `{scope}` can begin.",
    "Draw a start event.",
)
SEVERAL_STARTS = Rule(
    "several_starts",
    "Expected one plain start event in `{scope}`, but there are {count}.",
    "Keep one and branch after it with a gateway.",
)
SEVERAL_PLAIN_STARTS = Rule(
    "several_plain_starts",
    "A run begins at all plain start events at once, unless whoever starts it names one: {starts}.",
    "Keep one and branch after it with a gateway, if a run never begins at one alone.",
    _WARNING,
)
INSTANTIATE = Rule(
    "instantiate",
    "A `{kind}` that starts a process stands at its beginning and only receives, but this one has {what}.",
    "Draw a message start event before it, and let it wait as any other.",
)
INSTANTIATE_EVENT = Rule(
    "instantiate_event",
    "A gateway of type {type} starts a process by {events}, but {target} waits for something else.",
    "Draw a start event for it.",
)
PARALLEL_EVENT_GATEWAY = Rule(
    "parallel_event_gateway",
    "Only an event-based gateway that starts a process may be of type Parallel.",
    "Use a parallel gateway followed by the events.",
)
AD_HOC_CONTENT = Rule(
    "ad_hoc_content",
    "What is inside an ad-hoc sub-process begins when it is chosen: it has no start and no end, but here is {kind}.",
    "Remove the event, or use an embedded sub-process.",
)
AD_HOC_EMPTY = Rule(
    "ad_hoc_empty",
    "Expected something that can be chosen in the ad-hoc sub-process, but there is nothing without a flow into it.",
    "Draw the activities that may be done.",
)
IMPLICIT_START = Rule(
    "implicit_start",
    "Nothing leads here, so the element begins together with `{scope}`.",
    "Connect it, or draw a start event before it if it is meant so.",
    _WARNING,
)
START_WITH_INCOMING = Rule(
    "start_with_incoming",
    "A start event has no incoming flow, but this one has {flow}.",
    "Lead the flow to the element after the start event.",
)
END_WITH_OUTGOING = Rule(
    "end_with_outgoing",
    "An end event has no outgoing flow, but this one has {flow}.",
    "Use an intermediate event, or remove the flow.",
)
BOUNDARY_WITH_INCOMING = Rule(
    "boundary_with_incoming",
    "A boundary event has no incoming flow, but this one has {flow}.",
    "Lead the flow to the activity.",
)
BOUNDARY_WITHOUT_OUTGOING = Rule(
    "boundary_without_outgoing",
    "A boundary event leads somewhere, but this one has no outgoing flow.",
    "Draw what happens then, if only an end event.",
)
BOUNDARY_HOST = Rule(
    "boundary_host",
    "A boundary event is attached to an activity of its scope, but this one is attached to {host}.",
    "Attach it to a task, sub-process or call activity beside it.",
)
FLOW_CROSSES = Rule(
    "flow_crosses",
    "A sequence flow stays in its scope, but this one goes from {source} to {target}.",
    "End the flow at the border; leave a sub-process through its own outgoing flow or a boundary event.",
)
UNREACHABLE = Rule(
    "unreachable",
    "No token can ever reach this element.",
    "Connect it or remove it.",
    _WARNING,
)
CANNOT_END = Rule(
    "cannot_end",
    "A token here can never reach an end: {elements}.",
    "Draw a way out of the loop.",
    _WARNING,
)
JOIN_NEVER_FIRES = Rule(
    "join_never_fires",
    "This parallel gateway waits for flows that cannot all come: {flows}.",
    "Join alternatives with an exclusive gateway.",
    _WARNING,
)
CONDITION_MISSING = Rule(
    "condition_missing",
    "Every flow out of a gateway that decides has a condition or is its default, but {flow} has none.",
    "Write a condition, or make the flow the default.",
)
CONDITION_NOT_ALLOWED = Rule(
    "condition_not_allowed",
    "A flow out of `{kind}` has no condition, but this one has.",
    "Remove the condition, or decide with an exclusive or inclusive gateway.",
)
ACTIVATION_MISSING = Rule(
    "activation_missing",
    "A complex gateway where flows meet waits for its activation condition, but this one has none.",
    "Write an activation condition, for example = activationCount >= 2, or use another gateway.",
)
DEFAULT_MISSING = Rule(
    "default_missing",
    "If no condition holds, the process stops here with an incident.",
    "Make one flow the default.",
    _WARNING,
)
DEFAULT_WITH_CONDITION = Rule(
    "default_with_condition",
    "A default flow has no condition, but {flow} has.",
    "Remove the condition or choose another default.",
)
DEFAULT_NOT_OUTGOING = Rule(
    "default_not_outgoing",
    "A default is one of the element's own outgoing flows, but {flow} is not.",
    "Choose the default again.",
)
DEFAULT_NOT_ALLOWED = Rule(
    "default_not_allowed",
    "`{kind}` has no default flow, but this one names {flow}.",
    "Remove the default.",
)
EVENT_GATEWAY_SUCCESSOR = Rule(
    "event_gateway_successor",
    "An event-based gateway leads to message, timer or signal catch events or receive tasks, but {target} is none.",
    "Put a catch event directly behind the gateway.",
)
EVENT_GATEWAY_SHARED = Rule(
    "event_gateway_shared",
    "What follows an event-based gateway has only that one incoming flow, but {target} has more.",
    "Draw a second event.",
)
EVENT_GATEWAY_FEW = Rule(
    "event_gateway_few",
    "An event-based gateway chooses between two events at least, but this one has {count}.",
    "Add an event or replace the gateway by the event.",
)
EVENT_GATEWAY_MIXED = Rule(
    "event_gateway_mixed",
    "An event-based gateway leads to message events or to receive tasks, but this one has both.",
    "Use message catch events only.",
)
EVENT_GATEWAY_PLAIN = Rule(
    "event_gateway_plain",
    "A receive task behind an event-based gateway only receives, but {target} has {what}.",
    "Use a message catch event; put a timer beside it behind the gateway, or repeat in a sub-process around both.",
)
