"""What a decision table makes of the rules that match (DMN 1.5, 8.2.10 and 8.2.11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.decisions.trace import DecisionRun, shown
from engine.feel.builtins import BUILTINS
from engine.feel.comparison import equal
from engine.feel.environment import Closure, Run, Scope
from engine.feel.values import Value


class HitPolicy(StrEnum):
    """How many rules may match, and which of them count."""

    UNIQUE = "UNIQUE"
    ANY = "ANY"
    PRIORITY = "PRIORITY"
    FIRST = "FIRST"
    COLLECT = "COLLECT"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"


ORDERED: Final = frozenset({HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER})  # by the order of the output values
LISTING: Final = frozenset({HitPolicy.COLLECT, HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER})
AGGREGATIONS: Final = {"SUM": "sum", "MIN": "min", "MAX": "max", "COUNT": "count"}

Rank = Callable[[Value, Run], int]


@dataclass(frozen=True, slots=True)
class Policy:
    """A table's hit policy with its aggregation; `ranks` are the orders of its outputs' values."""

    hit: HitPolicy
    aggregation: str | None = None
    ranks: tuple[Rank | None, ...] = ()

    @property
    def stops_at_first(self) -> bool:
        """Tell whether the rules after the first that matches say nothing."""
        return self.hit is HitPolicy.FIRST

    def choose(self, hits: Sequence[tuple[Value, ...]], whole: Sequence[Value], run: DecisionRun, table: str) -> Value:
        """Return the result of the rules that matched: their outputs one by one, and each rule's as one value."""
        if self.hit in ORDERED:
            whole = [whole[place] for place in self._by_priority(hits, run)]
        if self.hit in LISTING:
            return self._collected(list(whole), run)
        if self.hit is HitPolicy.UNIQUE and len(whole) > 1:
            run.fail("hit_policy", table, f"Expected one rule to match (UNIQUE), but {len(whole)} did.")
            return None
        if self.hit is HitPolicy.ANY:
            for other in whole[1:]:
                if equal(whole[0], other, run) is not True:
                    told = f"{shown(whole[0])} and {shown(other)}"
                    run.fail("hit_policy", table, f"Expected all rules that match to agree (ANY), but got {told}.")
                    return None
        return whole[0]

    def nothing(self, run: DecisionRun) -> Value:
        """Return the result of a table without default output of which no rule matches."""
        return self._collected([], run) if self.hit in LISTING else None

    def _collected(self, values: list[Value], run: Run) -> Value:
        if self.aggregation is None:
            return values
        return BUILTINS[AGGREGATIONS[self.aggregation]].call(run, [values])

    def _by_priority(self, hits: Sequence[tuple[Value, ...]], run: Run) -> list[int]:
        """Return the places of the hits, the highest priority first; the first output column counts most."""

        def order(place: int) -> tuple[int, ...]:
            ranked = zip(hits[place], self.ranks, strict=True)
            return tuple(0 if rank is None else rank(value, run) for value, rank in ranked)

        return sorted(range(len(hits)), key=order)


def rank_by(tests: Sequence[Closure]) -> Rank:
    """Return how high a value stands among the tests of its output values; what none of them knows stands last."""

    def rank(value: Value, run: Run) -> int:
        scope = Scope({"?": value}, None, run)
        run.spend(len(tests))
        return next((place for place, test in enumerate(tests) if test(scope) is True), len(tests))

    return rank
