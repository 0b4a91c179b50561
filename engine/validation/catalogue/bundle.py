"""Rules: what the files of a bundle must hold, and what they promise each other."""

from __future__ import annotations

from typing import Final

from engine.problems import Rule, Severity

_WARNING: Final = Severity.WARNING

FILE_MISSING = Rule(
    "file_missing",
    "Expected a file that can be opened, but {reason}.",
    "Correct the name; of a folder, name the files in it.",
)
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
TOO_MANY_WARNINGS = Rule(
    "too_many_warnings",
    "Only the first {limit} of {size} warnings are shown.",
    "Mend these first; the others show then.",
    _WARNING,
)
NO_PROCESS = Rule(
    "no_process",
    "Expected a process in the file, but there is none.",
    "Draw a process, or leave the file out.",
)
NOT_EXECUTABLE = Rule(
    "not_executable",
    "Expected an executable process, but none in the file says that it is: by the standard it is a drawing.",
    "Tick Executable in the modeler (isExecutable is true).",
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
UNKNOWN_PROCESS = Rule(
    "unknown_process",
    "Expected process {process} to be in the bundle or deployed, but it is neither.",
    "Deploy it first or together, or correct the id.",
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
UNKNOWN_DECISION = Rule(
    "unknown_decision",
    "Expected decision {decision} to be in the bundle or deployed, but it is neither.",
    "Deploy its .dmn file first or together, or correct the id (bound to the deployment it has to be in the bundle).",
)
DECISION_TWICE = Rule(
    "decision_twice",
    "Expected every decision id once in a bundle, but {name} stands also in {other}.",
    "Give one of them another id.",
)
