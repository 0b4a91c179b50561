"""Where names are looked up while an expression runs, and what it has used up of its limits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.feel.errors import LimitReached
from engine.feel.limits import MAX_STEPS

if TYPE_CHECKING:
    from engine.feel.values import Value

Closure = Callable[["Scope"], Any]
HostFunctions = Mapping[str, Callable[..., Any]]


class Scope:
    """Names with values, and the scope around them."""

    __slots__ = ("names", "outer", "run")

    def __init__(self, names: Mapping[str, Value], outer: Scope | None, run: Run) -> None:
        self.names = names
        self.outer = outer
        self.run = run

    def inner(self, names: Mapping[str, Value]) -> Scope:
        """Return a scope within this one."""
        return Scope(names, self, self.run)


class Run(Scope):
    """The outermost scope of one evaluation: its variables, its time, and how many steps are left."""

    __slots__ = ("functions", "now", "steps", "zone")

    def __init__(
        self, variables: Mapping[str, Value], now: dt.datetime, zone: dt.tzinfo, functions: HostFunctions | None
    ) -> None:
        self.names = variables
        self.outer = None
        self.run = self
        self.now = now
        self.zone = zone
        self.functions = functions
        self.steps = MAX_STEPS

    def spend(self, steps: int) -> None:
        """Use up steps.

        Raises:
            LimitReached: None are left.
        """
        self.steps -= steps
        if self.steps < 0:
            raise LimitReached(f"Expected at most {MAX_STEPS} steps, but the expression takes more")
