"""A form with what the process knows and what a person typed: what to show, what is wrong, what to hand over."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from flask_babel import gettext as _

from web.formatting import date_time, long_date
from web.task_forms.schema import Field, FieldType, FormSchema, Option, read_option
from web.task_forms.tree import Evaluate, Node, Tree
from web.task_forms.values import Raw, Wrong, clean_text, read_value

References = Callable[[str], Sequence[Option]]
"""Answers the choices of a kind of record, e.g. the editions of the plan that the task is about."""

MAX_OPTIONS = 500
BLANK = "__row__"  # stands for the row id in a row that the browser copies
_PLACEHOLDER = re.compile(r"\{\{(.+?)\}\}")


@dataclass(frozen=True, slots=True)
class FormError:
    """One line of the error summary, and the same beside its field."""

    html_id: str
    message: str


@dataclass(slots=True)
class Control:
    """One field, or one row of a list, as it is shown now."""

    field: Field
    options: tuple[Option, ...] = ()
    shown: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)
    text: str = ""  # of a text, or of what a list shows without asking
    hidden: bool = False
    error: str = ""
    row: str = ""
    children: tuple[Control, ...] = ()
    blank: Control | None = None  # of a list to which rows may be added: a row to copy

    def value(self, part: str = "") -> str:
        """Return what an input shows: the field's own, or a part of a date."""
        name = f"{self.field.name}:{part}" if part else self.field.name
        values = self.shown.get(name, ())
        return values[0] if values else ""

    def has(self, option: Option) -> bool:
        """Tell whether an option is chosen."""
        return option.code in self.shown.get(self.field.name, ())

    @property
    def box_id(self) -> str:
        """The id of the element around it, which is hidden and shown."""
        return f"box-{self.field.html_id.removeprefix('field-')}{f'-{self.row}' if self.row else ''}"

    @property
    def first_input_id(self) -> str:
        """Where the error summary leads."""
        if self.field.type is FieldType.DATETIME:
            return f"{self.field.html_id}-{'time' if self.field.subtype == 'time' else 'day'}"
        if self.field.type in {FieldType.RADIO, FieldType.CHECKLIST}:
            return f"{self.field.html_id}-1"
        return self.field.html_id

    def walk(self) -> Iterator[Control]:
        """Yield this control and those inside it."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(slots=True)
class BoundForm:
    """What the page shows, and after a submission either errors or values."""

    schema: FormSchema
    controls: tuple[Control, ...]
    errors: tuple[FormError, ...] = ()
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)
    outcome: Option | None = None

    def walk(self) -> Iterator[Control]:
        """Yield all controls."""
        for control in self.controls:
            yield from control.walk()

    @property
    def outcome_control(self) -> Control | None:
        """The control whose options are the buttons at the end."""
        return next((control for control in self.walk() if control.field.outcome), None)

    @property
    def hidden_boxes(self) -> list[str]:
        """The ids of the boxes that are hidden now."""
        return [control.box_id for control in self.walk() if control.hidden]


@dataclass(slots=True)
class _Reading:
    """One pass over what was typed: values by place, what is wrong and what is hidden by node."""

    tree: Tree
    variables: Mapping[str, object]
    shown: Raw
    values: dict[str, object] = dataclasses.field(default_factory=dict)
    by_node: dict[str, object] = dataclasses.field(default_factory=dict)
    wrong: dict[str, str] = dataclasses.field(default_factory=dict)
    hidden: frozenset[str] = frozenset()


class TaskForm:
    """A form schema that can be opened and submitted."""

    def __init__(
        self, schema: FormSchema, *, evaluate: Evaluate, today: dt.date, references: References | None = None
    ) -> None:
        self._schema = schema
        self._evaluate = evaluate
        self._today = today
        self._references = references or (lambda _kind: ())

    def keep_declared(self, typed: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """Return only what belongs to fields of this form, as it was typed."""
        known = frozenset(name for entry in self._schema.walk() for name in entry.names())
        lists = tuple(f"v:{quote(e.key, safe='')}:" for e in self._schema.walk() if e.type is FieldType.LIST)
        return {
            name: list(values)
            for name, values in typed.items()
            if (name in known or (lists and name.startswith(lists))) and any(values)
        }

    def open(
        self, variables: Mapping[str, object], typed: Raw | None = None, *, chosen: Mapping[str, str] | None = None
    ) -> BoundForm:
        """Show the form with what was typed before, else with what the process knows, else with defaults; no errors.

        `chosen` names records by kind that are chosen from now on: the edition that has just been uploaded.
        """
        fields = [entry for entry in self._schema.walk() if chosen and entry.reference in chosen]
        if chosen and fields:
            known = self._read(variables, typed).shown
            typed = {**known, **{entry.name: [chosen[entry.reference]] for entry in fields}}
        reading = self._read(variables, typed)
        return BoundForm(self._schema, self._controls(reading, {}))

    def submit(self, variables: Mapping[str, object], typed: Raw) -> BoundForm:
        """Check what was typed; the result has errors, or the values of all visible fields."""
        reading = self._read(variables, self.keep_declared(typed))
        outcome = self._outcome(reading)
        wrong = {id_: message for id_, message in reading.wrong.items() if id_ not in reading.hidden}
        for node in reading.tree.walk():
            if node.id in reading.hidden or node.id in wrong or node.row or not node.field.has_value:
                continue
            if self._is_missing(node, reading.by_node.get(node.id), outcome) and not self._in_empty_row(node, reading):
                wrong[node.id] = _missing_message(node.field)
        bound = BoundForm(self._schema, self._controls(reading, wrong), outcome=outcome)
        bound.errors = tuple(FormError(c.first_input_id, c.error) for c in bound.walk() if c.error)
        if not bound.errors:
            bound.values = self._visible_values(reading)
        return bound

    def _read(self, variables: Mapping[str, object], typed: Raw | None) -> _Reading:
        tree = Tree(self._schema, evaluate=self._evaluate, variables=variables, typed=typed)
        reading = _Reading(tree, variables, tree.known() if typed is None else typed)
        for node in tree.nodes:
            self._read_node(node, reading, reading.values)
        reading.hidden = self._hidden(reading)
        return reading

    def _read_node(self, node: Node, reading: _Reading, into: dict[str, object]) -> None:
        entry = node.field
        if node.row:
            row = {key: node.base.get(key) for key in entry.keep}
            for child in node.children:
                if child.field.shown:
                    row[child.field.key] = node.base.get(child.field.key)
                else:
                    self._read_node(child, reading, row)
            reading.by_node[node.id] = row
            return
        if entry.type is FieldType.LIST:
            for child in node.children:
                self._read_node(child, reading, into)
            rows = [reading.by_node[child.id] for child in node.children if not self._is_empty_row(child, reading)]
            into[entry.key] = reading.by_node[node.id] = rows
            return
        if entry.has_value:
            try:
                options = self._options(entry, reading.variables)
                into[entry.key] = reading.by_node[node.id] = read_value(entry, reading.shown, options, self._today)
            except Wrong as error:
                reading.wrong[node.id] = str(error)
        for child in node.children:
            self._read_node(child, reading, into)

    def _is_empty_row(self, row: Node, reading: _Reading) -> bool:
        """Tell whether nothing was typed into a row that can be dropped."""
        if row.base or row.field.fixed_rows:
            return False
        names = {name for child in row.children for name in child.field.names()}
        return not any("".join(reading.shown.get(name, ())).strip() for name in names)

    def _in_empty_row(self, node: Node, reading: _Reading) -> bool:
        if not node.field.scope:
            return False
        row = _row_of(node, reading.tree)
        return row is not None and self._is_empty_row(row, reading)

    def _visible_values(self, reading: _Reading) -> dict[str, object]:
        gone: set[str] = set()
        for node in reading.tree.walk():
            if node.id in reading.hidden and node.field.has_value and not node.row:
                if node.field.scope:
                    self._drop_from_row(node, reading)
                else:
                    gone.add(node.field.key)
        return {key: value for key, value in reading.values.items() if key not in gone}

    def _drop_from_row(self, node: Node, reading: _Reading) -> None:
        parent = _row_of(node, reading.tree)
        row = reading.by_node[parent.id] if parent else None
        if isinstance(row, dict):
            row.pop(node.field.key, None)

    def _hidden(self, reading: _Reading) -> frozenset[str]:
        """Return the nodes that are hidden; a hidden field's value counts as none for the others' conditions."""
        scope: Mapping[str, object] = {**reading.variables, **reading.values}
        hidden: frozenset[str] = frozenset()
        for _round in range(8):
            now = frozenset(self._hidden_of(reading.tree.nodes, scope, reading, within=False))
            if now == hidden:
                break
            hidden = now
            gone = [
                n.field.key for n in reading.tree.walk() if n.id in hidden and n.field.has_value and not n.field.scope
            ]
            scope = {**scope, **dict.fromkeys(gone)}
        return hidden

    def _hidden_of(
        self, nodes: tuple[Node, ...], scope: Mapping[str, object], reading: _Reading, *, within: bool
    ) -> Iterator[str]:
        for node in nodes:
            rule = "" if node.row else node.field.hide.removeprefix("=")
            hides = within or (bool(rule) and self._evaluate(rule, scope) is True)
            if hides:
                yield node.id
            row = reading.by_node.get(node.id) if node.row else None
            inner = {**scope, **row} if isinstance(row, dict) else scope
            yield from self._hidden_of(node.children, inner, reading, within=hides)

    def _outcome(self, reading: _Reading) -> Option | None:
        entry = self._schema.outcome
        if entry is None:
            return None
        options = self._options(entry, reading.variables)
        return next((option for option in options if option.value == reading.values.get(entry.key)), None)

    def _is_missing(self, node: Node, value: object, outcome: Option | None) -> bool:
        entry = node.field
        decides = self._schema.outcome
        needed = entry.required or entry.outcome
        if decides and outcome and outcome.reason_required and entry.key == decides.reason_key and not entry.scope:
            needed = True
        empty = value is None or value == [] or (entry.type is FieldType.CHECKBOX and value is False)
        return needed and empty

    def _options(self, entry: Field, variables: Mapping[str, object]) -> tuple[Option, ...]:
        if entry.reference:
            return tuple(self._references(entry.reference))
        found: object = None
        if entry.options_key:
            found = variables.get(entry.options_key)
        elif entry.options_expression:
            found = self._evaluate(entry.options_expression.removeprefix("="), variables)
        if isinstance(found, (list, tuple)):
            return tuple(read_option(value) for value in found[:MAX_OPTIONS])
        return entry.options

    def _controls(self, reading: _Reading, wrong: Mapping[str, str]) -> tuple[Control, ...]:
        known = reading.tree.known()
        return tuple(self._control(node, reading, wrong, known) for node in reading.tree.nodes)

    def _control(self, node: Node, reading: _Reading, wrong: Mapping[str, str], known: Raw) -> Control:
        entry = node.field
        control = Control(
            entry,
            options=self._options(entry, reading.variables),
            shown=known if entry.readonly or entry.shown else reading.shown,
            text=self._text(entry.hint, reading.variables) if entry.type is FieldType.TEXT else "",
            hidden=node.id in reading.hidden,
            error="" if node.row else wrong.get(node.id, ""),
            row=node.row,
            children=tuple(self._control(child, reading, wrong, known) for child in node.children),
        )
        if node.row:
            for child in control.children:
                if child.field.shown:
                    child.text = _label_of(child, node.base.get(child.field.key))
        elif entry.type is FieldType.LIST and not entry.fixed_rows:
            blank = Node(entry, tuple(Node(child.in_row(entry, BLANK)) for child in entry.children), row=BLANK)
            control.blank = self._control(blank, reading, {}, known)
        return control

    def _text(self, text: str, variables: Mapping[str, object]) -> str:
        if text.startswith("="):
            return _spoken(self._evaluate(text[1:], variables))
        return _PLACEHOLDER.sub(lambda match: _spoken(self._evaluate(match[1].strip(), variables)), clean_text(text))


def _row_of(node: Node, tree: Tree) -> Node | None:
    return next((row for row in tree.walk() if row.row and any(child is node for child in row.children)), None)


def _label_of(control: Control, value: object) -> str:
    """Return a value that a list only shows: in the words of its options where it has them."""
    for option in control.options:
        if option.value == value:
            return option.label
    return _spoken(value)


def _spoken(value: object) -> str:
    """Return a value as people read it: dates in the Buddhist era."""
    if isinstance(value, dt.datetime):
        return date_time(value)
    if isinstance(value, dt.date):
        return long_date(value)
    return "" if value is None else str(value)


def _missing_message(entry: Field) -> str:
    if entry.outcome:
        return str(_("Choose what you decide."))
    if entry.type is FieldType.CHECKBOX:
        return str(_("Tick “%(label)s” to go on.", label=entry.label))
    if entry.type in {FieldType.RADIO, FieldType.SELECT, FieldType.CHECKLIST, FieldType.REFERENCE}:
        return str(_("Choose %(label)s.", label=entry.label))
    return str(_("Enter %(label)s.", label=entry.label))
