"""What an evaluation tells besides its value: which rules matched on which inputs, and what went wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.feel.builtins.conversions import string
from engine.feel.environment import HostFunctions, Run
from engine.feel.errors import FeelError
from engine.feel.values import Value, kind_of

MAX_RECORDS: Final = 1_000  # of one evaluation: a table may stand in a loop
_SHOWN: Final = 200  # characters
_NEVER: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class MatchedRule:
    """A rule whose conditions held: its place from 1, its id, what it brings by output, its annotations."""

    rule: int
    id: str | None
    outputs: Mapping[str, Value]
    annotations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableRecord:
    """One evaluation of a decision table."""

    element_id: str
    name: str
    hit_policy: str
    inputs: tuple[tuple[str, Value], ...]  # what the columns ask, and the values
    matched: tuple[MatchedRule, ...]
    result: Value


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a value is null that should not be: a stable code, the element, and the story."""

    code: str  # input_type, input_value, result_type, result_value, table_input, table_output, hit_policy
    element_id: str
    message: str


class DecisionRun(Run):
    """One evaluation of decisions: its limits, and what it tells."""

    __slots__ = ("failures", "tables")

    def __init__(
        self, variables: Mapping[str, Value], now: dt.datetime, zone: dt.tzinfo, functions: HostFunctions | None
    ) -> None:
        super().__init__(variables, now, zone, functions)
        self.tables: list[TableRecord] = []
        self.failures: list[Failure] = []

    def fail(self, code: str, element_id: str, message: str) -> None:
        """Note why a value is null."""
        if len(self.failures) < MAX_RECORDS:
            self.failures.append(Failure(code, element_id, message))

    def record(self, table: TableRecord) -> None:
        """Note what a table did."""
        if len(self.tables) < MAX_RECORDS:
            self.tables.append(table)

    def told_values(self) -> list[Value]:
        """Return every value that the records hold."""
        inputs = [value for table in self.tables for _, value in table.inputs]
        return [*inputs, *(table.result for table in self.tables)]


def shown(value: Value) -> str:
    """Write a value as FEEL for a message, cut where it is long."""
    if value is None:
        return "null"
    if isinstance(value, str):
        text = f'"{value}"'
    else:
        try:
            text = str(string(Run({}, _NEVER, dt.UTC, None), value))
        except FeelError:
            return f"a large {kind_of(value)}"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
