"""A form's fields laid out for one task: lists become rows, each field knows its name, and what it shows at first."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from web.task_forms.schema import WITHOUT_VALUE, Field, FieldType, FormSchema
from web.task_forms.values import Raw, show_value

MAX_ROWS = 500
Evaluate = Callable[[str, Mapping[str, object]], object]
"""Evaluates a FEEL expression (without its `=`) over variables; answers None where it fails."""
_ROW = re.compile(r"[sn]\d{1,4}")


@dataclass(slots=True)
class Node:
    """A field, or one row of a list (`row` is its id; `base` the row that it began with)."""

    field: Field
    children: tuple[Node, ...] = ()
    row: str = ""
    base: Mapping[str, object] = dataclasses.field(default_factory=dict)

    @property
    def id(self) -> str:
        """What tells this node from all others."""
        return f"{self.field.html_id}/{self.row}" if self.row else self.field.html_id

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


class Tree:
    """All nodes of a form for these variables and, if something was typed, for the rows that were typed."""

    def __init__(
        self, schema: FormSchema, *, evaluate: Evaluate, variables: Mapping[str, object], typed: Raw | None
    ) -> None:
        self._evaluate = evaluate
        self._variables = variables
        self._typed = typed
        self.nodes = self._layout(schema.fields)

    def walk(self) -> Iterator[Node]:
        """Yield all nodes."""
        for node in self.nodes:
            yield from node.walk()

    def known(self) -> dict[str, list[str]]:
        """Return what the inputs show before anything is typed."""
        shown: dict[str, list[str]] = {}
        for node in self.nodes:
            shown |= self._shown(node, self._variables)
        return shown

    def _layout(self, fields: tuple[Field, ...]) -> tuple[Node, ...]:
        return tuple(
            Node(entry, self._rows(entry) if entry.type is FieldType.LIST else self._layout(entry.children))
            for entry in fields
        )

    def _rows(self, parent: Field) -> tuple[Node, ...]:
        base = self._base_rows(parent)
        ids = [f"s{position}" for position in range(len(base))]
        if self._typed is not None and not parent.fixed_rows:
            ids = [row for row in self._typed.get(f"{parent.name}:row", ()) if _ROW.fullmatch(row)][:MAX_ROWS]
        if not ids and not parent.fixed_rows:
            ids = ["n0"]
        return tuple(self._row(parent, row, base) for row in dict.fromkeys(ids))

    @staticmethod
    def _row(parent: Field, row: str, base: list[Mapping[str, object]]) -> Node:
        position = int(row[1:])
        began = base[position] if row.startswith("s") and position < len(base) else {}
        return Node(parent, tuple(Node(child.in_row(parent, row)) for child in parent.children), row=row, base=began)

    def _base_rows(self, parent: Field) -> list[Mapping[str, object]]:
        found: object = None
        if parent.source:
            found = self._evaluate(parent.source.removeprefix("="), self._variables)
        if found is None and not parent.fixed_rows:
            found = self._variables.get(parent.key)
        rows = found if isinstance(found, (list, tuple)) else []
        return [row if isinstance(row, Mapping) else {} for row in rows[:MAX_ROWS]]

    def _shown(self, node: Node, scope: Mapping[str, object]) -> dict[str, list[str]]:
        entry = node.field
        shown: dict[str, list[str]] = {}
        if entry.type is FieldType.LIST and not node.row:
            shown[f"{entry.name}:row"] = [child.row for child in node.children]
        elif entry.type not in WITHOUT_VALUE and entry.type is not FieldType.LIST and not entry.outcome:
            shown |= show_value(entry, self._first_value(entry, scope))
        for child in node.children:
            shown |= self._shown(child, node.base if node.row else scope)
        return shown

    def _first_value(self, entry: Field, scope: Mapping[str, object]) -> object:
        value = scope.get(entry.key)
        if value is None and entry.source:
            value = self._evaluate(entry.source.removeprefix("="), {**self._variables, **scope})
        return entry.default if value is None else value
