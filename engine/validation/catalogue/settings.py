"""Rules: what events, expressions and tasks need before they can work."""

from __future__ import annotations

from typing import Final

from engine.problems import Rule, Severity

_WARNING: Final = Severity.WARNING

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
FOUND_BY_NAME = Rule(
    "found_by_name",
    "Message {message} has no correlation key: of several runs, the one that has waited longest takes it.",
    "Write a subscription correlation key (zeebe:subscription) on the message, if several runs may wait for it.",
    _WARNING,
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
    "Expected one handler for each {event}, but `{name}` is caught twice on {host}.",
    "Keep one and branch after it.",
)
START_EVENT_VALUE = Rule(
    "start_event_value",
    "What starts the process cannot be worked out: {reason}",
    "Write a value that needs no variables: nothing is running yet when a process waits to be started.",
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
    "Expected cron of six fields (second, minute, hour, day, month, day of week), but the timer says `{value}`.",
    "Write for example 0 0 9 * * MON-FRI; days of the week are named, or count from 0 (Sunday).",
)
TIMER_POSITION = Rule(
    "timer_position",
    "{position} has no timer of kind {kind}.",
    "Use {instead}.",
)
FEEL_SYNTAX = Rule(
    "feel_syntax",
    "The expression in {place} is not FEEL: {reason} at position {position} of `{text}`.",
    "Correct the expression.",
)
FEEL_FUNCTION = Rule(
    "feel_function",
    "The expression in {place} calls `{name}`, but FEEL has no such function: `{text}`.",
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
    "`{text}` in {place} is an expression of another engine that cannot be translated: {reason}.",
    "Write it in FEEL, beginning with `=`; what it calls becomes work of a service task before.",
)
EXPRESSION_TRANSLATED = Rule(
    "expression_translated",
    "`{text}` in {place} was translated to FEEL: `= {feel}`.",
    "Nothing to do if that is what was meant; else write the FEEL in its place.",
    _WARNING,
)
FOREIGN_LANGUAGE = Rule(
    "foreign_language",
    "Expressions are FEEL, but {place} is written in {language}: `{text}`.",
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
    "Expected a variable for the result, but none is named.",
    "Write the result variable.",
)
DECISION_MISSING = Rule(
    "decision_missing",
    "Expected the id of a decision (zeebe:calledDecision), but the business rule task has none.",
    "Write the id of a decision of the .dmn file, or the type of work that a worker does.",
)
DECISION_AND_WORK = Rule(
    "decision_and_work",
    "A business rule task makes a decision or gives work to a worker, but this one has both.",
    "Remove the called decision or the task definition.",
)
CALL_MISSING = Rule(
    "call_missing",
    "Expected a called process (zeebe:calledElement), but the call activity names none.",
    "Write the id of the process.",
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
VERSION_MISSING = Rule(
    "version_missing",
    "Expected the number of a version beside the binding version, but there is none.",
    "Write the version, or bind to latest.",
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
LOOP_ENDLESS = Rule(
    "loop_endless",
    "Expected a loop condition or a maximum, but the loop marker has neither: it would never end.",
    "Write a loop condition, or the greatest number of runs.",
)
BEHAVIOR_EVENT_MISSING = Rule(
    "behavior_event_missing",
    "With behavior {behavior} the multi-instance throws an event for its boundary events, but none is named.",
    "Name the event, or leave the behavior at All.",
)
BEHAVIOR_EVENT = Rule(
    "behavior_event",
    "A multi-instance throws named messages, signals, escalations and errors, but this is none: {event}.",
    "Name a signal, and catch it at the boundary.",
)
