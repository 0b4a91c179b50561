"""Where variables live: the process, each sub-process, each multi-instance body, each element with input mappings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from typing_extensions import override

from engine.spiff.process_variables import ProcessVariables
from engine.spiff.steps import Variables


class Scope:
    """Named values with an outer scope; reading takes the innermost that has the name."""

    __slots__ = ("element_id", "id", "parent", "values", "writable")

    def __init__(
        self, scope_id: str, element_id: str, values: Any, parent: Scope | None = None, *, writable: bool = True
    ) -> None:
        self.id = scope_id
        self.element_id = element_id
        self.values: Variables = values
        self.parent = parent
        self.writable = writable

    def holder(self, name: str, *, within: frozenset[str] = frozenset()) -> Scope:
        """Return the scope that a write of `name` goes to: where the name is, else the outermost.

        Args:
            name: The variable.
            within: Ids of scopes that an unknown name does not leave.
        """
        scope, border = self, None
        while True:
            if scope.writable:
                if name in scope.values:
                    return scope
                if border is None and scope.id in within:
                    border = scope
            if scope.parent is None:
                return border or scope
            scope = scope.parent

    def get(self, name: str) -> Any:
        """Return the innermost value of a name; None when there is none."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            scope = scope.parent
        return None

    def visible(self) -> Mapping[str, Any]:
        """Return everything that can be read here, looked up when asked for."""
        return self.values if self.parent is None else Visible(self)

    def everything(self) -> Variables:
        """Return everything that can be read here as one table."""
        chain = []
        scope: Scope | None = self
        while scope is not None:
            chain.append(scope.values)
            scope = scope.parent
        found: Variables = {}
        for values in reversed(chain):
            found |= values.everything() if isinstance(values, ProcessVariables) else {n: values[n] for n in values}
        return found


class Visible(Mapping[str, Any]):
    """A scope and all around it as one table, without copying."""

    __slots__ = ("_scope",)

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    @override
    def __getitem__(self, name: str) -> Any:
        scope: Scope | None = self._scope
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            scope = scope.parent
        raise KeyError(name)

    @override
    def __contains__(self, name: object) -> bool:
        scope: Scope | None = self._scope
        while scope is not None:
            if name in scope.values:
                return True
            scope = scope.parent
        return False

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._scope.everything())

    @override
    def __len__(self) -> int:
        return len(self._scope.everything())


def copied(value: Any) -> Any:
    """Copy tables and lists all the way down, so that nobody outside can change what is stored."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value
