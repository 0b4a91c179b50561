"""Every rule of the deploy gate in one place: its stable code, what it says is wrong, and how to mend it."""

from __future__ import annotations

from typing import Final

from engine.bpmn.rules import READER_RULES
from engine.problems import Rule, Severity

_WARNING: Final = Severity.WARNING

# What this engine does not execute, and says so.
BUSINESS_RULE_TASK = Rule(
    "business_rule_task",
    "This version of the engine does not execute business rule tasks.",
    "Use a service task, or a script task with a FEEL expression.",
)
AD_HOC_SUB_PROCESS = Rule(
    "ad_hoc_sub_process",
    "This version of the engine does not execute ad-hoc sub-processes.",
    "Draw the order as an embedded sub-process with gateways.",
)
TRANSACTION = Rule(
    "transaction",
    "This version of the engine does not execute transactions.",
    "Use an embedded sub-process with an error boundary event.",
)
COMPLEX_GATEWAY = Rule(
    "complex_gateway",
    "This version of the engine does not execute complex gateways.",
    "Use exclusive, inclusive and parallel gateways.",
)
EVENT_SUB_PROCESS = Rule(
    "event_sub_process",
    "This version of the engine does not execute event sub-processes.",
    "Put the steps into an embedded sub-process and attach a boundary event to it.",
)
STANDARD_LOOP = Rule(
    "standard_loop",
    "This version of the engine does not execute loop markers.",
    "Draw the loop with an exclusive gateway, or use multi-instance.",
)
COMPENSATION = Rule(
    "compensation",
    "This version of the engine does not execute compensation.",
    "Draw the undoing steps after a gateway or an error boundary event.",
)
CONDITIONAL_EVENT = Rule(
    "conditional_event",
    "This version of the engine does not execute conditional events.",
    "Send a message or a signal when the condition becomes true, and wait for that.",
)
LINK_EVENT = Rule(
    "link_event",
    "This version of the engine does not execute link events.",
    "Draw a sequence flow instead of the pair of links.",
)
CANCEL_EVENT = Rule(
    "cancel_event",
    "This version of the engine does not execute cancel events.",
    "Use an error end event and an error boundary event.",
)
MULTIPLE_EVENT = Rule(
    "multiple_event",
    "This version of the engine does not execute events with {count} event definitions.",
    "Draw one event for each, after an event-based gateway if one of them is waited for.",
)
PARALLEL_MULTIPLE = Rule(
    "parallel_multiple",
    "This version of the engine does not execute parallel multiple events.",
    "Draw one event for each between two parallel gateways.",
)
INSTANTIATE = Rule(
    "instantiate",
    "This version of the engine does not start processes with `{kind}`.",
    "Draw a message start event before it.",
)
PARALLEL_EVENT_GATEWAY = Rule(
    "parallel_event_gateway",
    "This version of the engine does not execute event-based gateways of type {type}.",
    "Use a parallel gateway followed by the events.",
)
EVENT_POSITION = Rule(
    "event_position",
    "The standard has no {event} event as {position}.",
    "Choose another kind of event for this place.",
)
SUB_PROCESS_START = Rule(
    "sub_process_start",
    "A sub-process begins with a plain start event, but this one is a {event} start.",
    "Make it a plain start event; wait for the event after it.",
)
ERROR_NON_INTERRUPTING = Rule(
    "error_non_interrupting",
    "An error always interrupts, but this boundary event is drawn as non-interrupting.",
    "Make it interrupting, or use an escalation.",
)

# What stands in the file and has no place in the executable model.
NOT_EXECUTED = Rule(
    "not_executed",
    "The engine does not execute `{name}` here.",
    "Remove it, or draw what it means with elements that are executed (docs/bpmn-support.md).",
)
QUANTITY = Rule(
    "quantity",
    "This version of the engine counts one token at a time, but {name} is {value}.",
    "Remove {name}; use a parallel gateway or multi-instance for several tokens.",
)
DATA_ASSOCIATION = Rule(
    "data_association",
    "This version of the engine does not move data along `{name}`.",
    "Remove it and use input and output mappings.",
)
RESOURCE_ROLE = Rule(
    "resource_role",
    "The engine does not read people from `{name}`.",
    "Write assignee or candidate groups in zeebe:assignmentDefinition.",
)
LISTENER = Rule(
    "listener",
    "This version of the engine does not call listeners.",
    "Draw the work as a service task.",
)
FOREIGN_SCRIPT = Rule(
    "foreign_script",
    "Scripts of a diagram are FEEL, but this one is {value}.",
    "Write it as zeebe:script with a FEEL expression, or make it a service task.",
)
FOREIGN_EXTENSION = Rule(
    "foreign_extension",
    "`{name}` is an instruction to another engine ({namespace}), which this one does not follow.",
    "Write it with zeebe: elements (Camunda 8 mode of the modeler), or remove it.",
)
UNKNOWN_EXTENSION = Rule(
    "unknown_extension",
    "`{name}` ({namespace}) is kept in the file but means nothing to the engine.",
    "Remove it if it was meant to change what happens.",
    _WARNING,
)
EMBEDDED_FORM = Rule(
    "embedded_form",
    "The engine does not read forms inside a diagram.",
    "Save the form as a .form file in the bundle and name its id in zeebe:formDefinition.",
)
MISPLACED_SETTING = Rule(
    "misplaced_setting",
    "`{name}` means nothing on this element.",
    "Remove it, or change the type of the element.",
)

# Structure
NO_PROCESS_FILE = Rule(
    "no_process_file",
    "Expected at least one BPMN file in the bundle, but there is none.",
    "Add a .bpmn file.",
)
TOO_MANY_FILES = Rule(
    "too_many_files",
    "Expected at most {limit} files in a bundle, but there are {size}.",
    "Deploy them in several bundles.",
)
TOO_MANY_PROBLEMS = Rule(
    "too_many_problems",
    "Only the first {limit} of {size} problems are shown.",
    "Mend these first; the others show then.",
)
NO_PROCESS = Rule(
    "no_process",
    "Expected a process in the file, but there is none.",
    "Draw a process, or leave the file out.",
)
NOT_EXECUTABLE = Rule(
    "not_executable",
    "Expected an executable process, but none in the file is marked so.",
    "Tick Executable in the modeler (isExecutable is true).",
)
SEVERAL_EXECUTABLE = Rule(
    "several_executable",
    "This version of the engine runs one process of a file, but {count} are executable.",
    "Put each process in a file of its own.",
)
POOL_NOT_EXECUTED = Rule(
    "pool_not_executed",
    "Process {process} is not executable and stays a drawing.",
    "Nothing to do if it only shows whom the process talks to.",
    _WARNING,
)
DUPLICATE_PROCESS = Rule(
    "duplicate_process",
    "Expected every process id once in a bundle, but {process} stands also in {other}.",
    "Give one of them another id.",
)
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

# Events
MESSAGE_MISSING = Rule(
    "message_missing",
    "Expected a message, but the element names none.",
    "Choose a message in the modeler.",
)
MESSAGE_NAME_MISSING = Rule(
    "message_name_missing",
    "Expected message {message} to have a name, but it has none.",
    "Give the message a name; it is found by that.",
)
CORRELATION_KEY_MISSING = Rule(
    "correlation_key_missing",
    "A running process finds its message by name and correlation key, but {message} has no key.",
    "Write a subscription correlation key on the message.",
)
START_KEY_UNUSED = Rule(
    "start_key_unused",
    "A message that starts a process needs no correlation key; the key of {message} is not used here.",
    "Nothing to do if the message is also waited for elsewhere.",
    _WARNING,
)
START_NAME_NOT_LITERAL = Rule(
    "start_name_not_literal",
    "The {event} that starts a process has a fixed name, but this one is an expression.",
    "Write the name as plain text.",
)
DUPLICATE_START = Rule(
    "duplicate_start",
    "Expected one start event for each name, but `{name}` starts this process twice.",
    "Keep one and branch after it.",
)
DUPLICATE_HANDLER = Rule(
    "duplicate_handler",
    "Expected one boundary event for each {event}, but `{name}` is caught twice on {host}.",
    "Keep one and branch after it.",
)
SIGNAL_MISSING = Rule(
    "signal_missing",
    "Expected a signal with a name, but the element names none.",
    "Choose a signal in the modeler and name it.",
)
CODE_MISSING = Rule(
    "code_missing",
    "Expected {event} code, but there is none.",
    "Choose an {event} in the modeler and give it a code.",
)
CODE_NOT_LITERAL = Rule(
    "code_not_literal",
    "What is caught has a fixed {event} code, but this one is an expression.",
    "Write the code as plain text, or leave it out to catch all.",
)
ERROR_UNCAUGHT = Rule(
    "error_uncaught",
    "Nobody catches error `{code}` in this file; its token ends and administrators are told.",
    "Attach an error boundary event to the sub-process around it, or to the call activity that calls this process.",
    _WARNING,
)
TIMER_MISSING = Rule(
    "timer_missing",
    "Expected a date, a duration or a cycle, but the timer has none.",
    "Write one in the modeler.",
)
TIMER_SYNTAX = Rule(
    "timer_syntax",
    "Expected {expected}, but the timer says `{value}`.",
    "Write for example {example}, or a FEEL expression that begins with `=`.",
)
TIMER_CRON = Rule(
    "timer_cron",
    "This version of the engine does not read cron (`{value}`).",
    "Write a repeating interval, for example R/P1D.",
)
TIMER_POSITION = Rule(
    "timer_position",
    "{position} has no timer of kind {kind}.",
    "Use {instead}.",
)

# Expressions and settings
FEEL_SYNTAX = Rule(
    "feel_syntax",
    "The expression in {place} is not FEEL: {reason} at position {position} of `{text}`.",
    "Correct the expression.",
)
EXPRESSION_EXPECTED = Rule(
    "expression_expected",
    "Expected a FEEL expression in {place}, but `{text}` does not begin with `=`.",
    "Write `=` before it.",
)
EXPRESSION_EMPTY = Rule(
    "expression_empty",
    "Expected something in {place}, but it is empty.",
    "Write it, or remove the setting.",
)
VENDOR_EXPRESSION = Rule(
    "vendor_expression",
    "`{text}` in {place} is an expression of another engine.",
    "Write it in FEEL, beginning with `=`.",
)
MAPPING_TARGET = Rule(
    "mapping_target",
    "Expected a variable name in {place}, but `{text}` is none.",
    "Name it with letters, digits and _; parts are joined with a full stop.",
)
MAPPING_NOT_APPLIED = Rule(
    "mapping_not_applied",
    "`{kind}` has no {direction} mappings, but this one has.",
    "Put the mapping on the activity before or after it.",
)
WORK_MISSING = Rule(
    "work_missing",
    "Expected a work type (zeebe:taskDefinition), but the `{kind}` has none.",
    "Write the type of the handler or worker.",
)
MESSAGE_AND_WORK = Rule(
    "message_and_work",
    "A `{kind}` sends a message or gives work to a worker, but this one has both.",
    "Remove the message or the task definition.",
)
RETRIES = Rule(
    "retries",
    "Expected a whole number of retries from 1 on, but it says `{value}`.",
    "Write a number, for example 3.",
)
PRIORITY = Rule(
    "priority",
    "Expected a priority from 0 to 100, but it says `{value}`.",
    "Write a whole number from 0 to 100.",
)
SCRIPT_MISSING = Rule(
    "script_missing",
    "Expected a FEEL script (zeebe:script), but the script task has none.",
    "Write an expression and the variable that takes its result.",
)
RESULT_VARIABLE_MISSING = Rule(
    "result_variable_missing",
    "Expected a variable for the script's result, but none is named.",
    "Write the result variable.",
)
CALL_MISSING = Rule(
    "call_missing",
    "Expected a called process (zeebe:calledElement), but the call activity names none.",
    "Write the id of the process.",
)
UNKNOWN_PROCESS = Rule(
    "unknown_process",
    "Expected process {process} to be in the bundle or deployed, but it is neither.",
    "Deploy it first or together, or correct the id.",
)
UNKNOWN_BINDING = Rule(
    "unknown_binding",
    "Expected binding latest, deployment or versionTag, but it says `{value}`.",
    "Choose one of the three.",
)
VERSION_TAG_MISSING = Rule(
    "version_tag_missing",
    "Expected a version tag beside the binding versionTag, but there is none.",
    "Write the version tag, or bind to latest.",
)
CALL_RECURSION = Rule(
    "call_recursion",
    "Processes call each other in a ring: {processes}.",
    "Make sure that a gateway ends the ring; the depth of calls is limited.",
    _WARNING,
)
UNKNOWN_FORM = Rule(
    "unknown_form",
    "Expected form {form} to be in the bundle, but it is not.",
    "Add the .form file with this id, or correct the id.",
)
FORM_ID_EXPRESSION = Rule(
    "form_id_expression",
    "A form is named by a fixed id, but this one is an expression.",
    "Write the id as plain text; choose between two user tasks with a gateway.",
)
FORM_KEY = Rule(
    "form_key",
    "The engine does not know forms outside the bundle, but the task names `{form}`.",
    "Name a form of the bundle by its id.",
)
FORM_JSON = Rule(
    "form_json",
    "Expected a form as a JSON object, but {reason}.",
    "Save the form again with the form editor.",
)
DUPLICATE_FORM = Rule(
    "duplicate_form",
    "Expected every form id once in a bundle, but {form} stands also in {other}.",
    "Give one of them another id.",
)
DECISION_NOT_EXECUTED = Rule(
    "decision_not_executed",
    "The decision file is kept with the bundle, but this version of the engine does not execute it.",
    "Nothing to do if it is only kept for the record.",
    _WARNING,
)
MULTI_INSTANCE_SOURCE = Rule(
    "multi_instance_source",
    "Expected what to repeat over, but there is neither an input collection nor a cardinality.",
    "Write an input collection.",
)
MULTI_INSTANCE_PAIR = Rule(
    "multi_instance_pair",
    "{one} goes with {other}, but that is not there.",
    "Write both, or neither.",
)
MULTI_INSTANCE_BOTH = Rule(
    "multi_instance_both",
    "A repetition goes over an input collection or a number of times, but this one has both.",
    "Remove the cardinality.",
)
CARDINALITY = Rule(
    "cardinality",
    "Expected a whole number or a FEEL expression as cardinality, but it says `{value}`.",
    "Write a number, or an expression that begins with `=`.",
)

CATALOGUE: Final = {rule.code: rule for rule in (*READER_RULES, *tuple(globals().values())) if isinstance(rule, Rule)}
"""Rule by code: for hosts that translate, and for the documentation."""
