"""DMN 1.5: decision files read, checked and made; the expressions in them are `engine.feel`.

    files = read_decisions({"risk.dmn": data}, limits)
    outcome = decide(files.files["risk.dmn"].decidable("risk"), files.files.values(), inputs, now=now, zone=zone)

`outcome.value` is a value of FEEL; `outcome.tables` tell which rules matched on which inputs; `outcome.failures` why
something is null that should not be: a hit policy that does not hold, a value of another type or not allowed.
"""

from engine.decisions.evaluation import Outcome, decide
from engine.decisions.model import Decision, DecisionFile, Service
from engine.decisions.reader import NO_DECISIONS, DecisionFiles, needed_with, read_decisions
from engine.decisions.rules import DECISION_RULES, UNREADABLE_TEXTS
from engine.decisions.trace import Failure, MatchedRule, TableRecord, shown

__all__ = [
    "DECISION_RULES",
    "NO_DECISIONS",
    "UNREADABLE_TEXTS",
    "Decision",
    "DecisionFile",
    "DecisionFiles",
    "Failure",
    "MatchedRule",
    "Outcome",
    "Service",
    "TableRecord",
    "decide",
    "needed_with",
    "read_decisions",
    "shown",
]
