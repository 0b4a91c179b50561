"""The functions that every expression can call: DMN 1.5 (10.3.4), a few of Camunda's, and two of working days."""

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
    working_days,
)
from engine.feel.values import Function

BUILTINS: Final[Mapping[str, Function]] = {
    name: function
    for room in (
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
        working_days,
    )
    for name, function in room.LIBRARY.functions().items()
}
