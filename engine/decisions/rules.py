"""What can be wrong with a decision file, each rule with its remedy."""

from __future__ import annotations

from typing import Final

from engine.problems import Rule, Severity

_WARNING: Final = Severity.WARNING

NOT_DMN = Rule(
    "not_dmn",
    "Expected DMN 1.1 to 1.5 `definitions`, but the file begins with `{tag}` of `{namespace}`.",
    "Export the decision as DMN 1.5 XML (1.1 to 1.4 are read, too).",
)
DECISION_SYNTAX = Rule(
    "decision_syntax",
    "Expected FEEL in {place}, but `{text}` is none: {reason}.",
    "Correct the expression.",
)
DECISION_LANGUAGE = Rule(
    "decision_language",
    "Expected FEEL as expression language in {place}, but it is `{language}`.",
    "Write the expression in FEEL.",
)
DECISION_EXPRESSION = Rule(
    "decision_expression",
    "Expected an expression in {place}, but there is none.",
    "Write one; `null` is an expression, too.",
)
DECISION_WITHOUT_LOGIC = Rule(
    "decision_without_logic",
    "The decision has no expression: it is always null.",
    "Nothing to do if it only stands for a decision that people take.",
    _WARNING,
)
DECISION_UNREAD = Rule(
    "decision_unread",
    "The engine does not know `{name}` in {place}.",
    "Remove it, or say what it means with the elements of DMN 1.5.",
)
DECISION_TYPE = Rule(
    "decision_type",
    "Expected `{type}` to be a type of FEEL or an item definition of the file, but it is neither.",
    "Define the type, or correct its name.",
)
DECISION_REFERENCE = Rule(
    "decision_reference",
    "Expected `{reference}` to be {expected} of the file or of its imports, but it is not.",
    "Draw the requirement again, or remove it.",
)
DECISION_CYCLE = Rule(
    "decision_cycle",
    "Expected requirements without a ring, but these need each other: {elements}.",
    "Take one requirement out of the ring.",
)
DECISION_NAME = Rule(
    "decision_name",
    "Expected a name, but this `{tag}` has none.",
    "Give it a name; expressions find it by that.",
)
DUPLICATE_DECISION = Rule(
    "duplicate_decision",
    "Expected every name and id once in a decision model, but `{name}` stands more than once.",
    "Give one of them another name.",
)
DECISION_HIT_POLICY = Rule(
    "decision_hit_policy",
    "Expected a hit policy of DMN 1.5 that fits the table, but it has {policy} with {outputs} outputs.",
    "Choose UNIQUE, ANY, PRIORITY, FIRST, COLLECT, RULE ORDER or OUTPUT ORDER; "
    "only COLLECT of a single output has SUM, MIN, MAX or COUNT.",
)
DECISION_ENTRIES = Rule(
    "decision_entries",
    "Expected {expected} {kind} entries in rule {rule}, but there are {size}.",
    "Give the rule one entry for each column.",
)
DECISION_OUTPUT_NAME = Rule(
    "decision_output_name",
    "Expected each of several outputs to have a name of its own, but output {output} has `{name}`.",
    "Name every output column.",
)
DECISION_OUTPUT_VALUES = Rule(
    "decision_output_values",
    "Expected output values for hit policy {policy}, which orders results by them, but no output has any.",
    "List the output values from the highest to the lowest priority.",
)
DECISION_IMPORT = Rule(
    "decision_import",
    "Expected one decision file with namespace `{namespace}` in the bundle to import, but there are {size}.",
    "Deploy the imported file together with this one.",
)
DECISION_IMPORT_KIND = Rule(
    "decision_import_kind",
    "Expected an import of decisions (DMN), but this one imports `{kind}`.",
    "Remove the import; define the types as item definitions.",
)
DECISION_EXTERNAL = Rule(
    "decision_external",
    "The function is of kind {kind}: no foreign code is called, the function is always null.",
    "Write the function in FEEL.",
    _WARNING,
)
DECISION_SERVICE = Rule(
    "decision_service",
    "Expected at least one output decision of the decision service, but there is none.",
    "Draw a decision into the upper part of the service.",
)

UNREADABLE_TEXTS: Final = frozenset({DECISION_SYNTAX.code, DECISION_LANGUAGE.code, DECISION_EXPRESSION.code})
"""Rules about single texts: the rest of the file still means something."""

DECISION_RULES: Final = tuple(rule for rule in tuple(globals().values()) if isinstance(rule, Rule))
