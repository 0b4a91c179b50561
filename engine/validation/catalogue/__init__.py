"""Every rule of the deploy gate by its stable code: what it says is wrong, and how to mend it."""

from __future__ import annotations

from typing import Final

from engine.bpmn.rules import READER_RULES
from engine.decisions import DECISION_RULES
from engine.problems import Rule
from engine.validation.catalogue import bundle, refused, scopes, settings, structure

GATE_RULES: Final = {
    rule.code: rule
    for rules in (
        READER_RULES,
        DECISION_RULES,
        *(vars(group).values() for group in (bundle, refused, structure, scopes, settings)),
    )
    for rule in rules
    if isinstance(rule, Rule)
}
"""Rule by code: for hosts that translate, and for the documentation."""
