"""The functions that every expression can call: those of DMN 1.5 (10.3.4), and a few that Camunda has made common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.feel.builtins import (
    aggregates,
    contexts,
    conversions,
    lists,
    logic,
    matches,
    numbers,
    ranges,
    strings,
    temporals,
)
from engine.feel.values import Function

BUILTINS: Final[Mapping[str, Function]] = {
    name: function
    for room in (aggregates, contexts, conversions, lists, logic, matches, numbers, ranges, strings, temporals)
    for name, function in room.LIBRARY.functions().items()
}
