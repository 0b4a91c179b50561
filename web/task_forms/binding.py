"""A form with what the process knows and what a person typed: what to show, what is wrong, what to hand over."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from web.task_forms.schema import WITHOUT_VALUE, Field, FieldType, FormSchema, Option, read_option
from web.task_forms.values import Raw, Wrong, clean_text, read_value, show_value

Evaluate = Callable[[str, Mapping[str, object]], object]
"""Evaluates a FEEL expression (without its `=`) over variables; answers None where it fails."""

References = Callable[[str], Sequence[Option]]
"""Answers the choices of a kind of record, e.g. the editions of the plan that the task is about."""

MAX_OPTIONS = 500
_PLACEHOLDER = re.compile(r"\{\{(.+?)\}\}")


@dataclass(frozen=True, slots=True)
class FormError:
    """One line of the error summary, and the same beside its field."""

    html_id: str
    message: str


@dataclass(slots=True)
class Control:
    """One field as it is shown now."""

    field: Field
    options: tuple[Option, ...] = ()
    shown: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)
    text: str = ""
    hidden: bool = False
    error: str = ""
    children: tuple[Control, ...] = ()

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
        return f"box-{self.field.index}"

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


@dataclass(frozen=True, slots=True)
class _View:
    variables: Mapping[str, object]
    shown: Raw
    options: Mapping[int, tuple[Option, ...]]
    hidden: frozenset[int]
    wrong: Mapping[int, str]


class TaskForm:
    """A form schema that can be opened and submitted."""

    def __init__(
        self, schema: FormSchema, *, evaluate: Evaluate, today: dt.date, references: References | None = None
    ) -> None:
        self._schema = schema
        self._evaluate = evaluate
        self._today = today
        self._references = references or (lambda _kind: ())

    def input_names(self) -> frozenset[str]:
        """Return every name that a browser may send for this form."""
        return frozenset(name for entry in self._schema.walk() for name in entry.names())

    def keep_declared(self, typed: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """Return only what belongs to fields of this form, as it was typed."""
        known = self.input_names()
        return {name: list(values) for name, values in typed.items() if name in known and any(values)}

    def open(self, variables: Mapping[str, object], typed: Raw | None = None) -> BoundForm:
        """Show the form with what was typed before, else with what the process knows, else with defaults; no errors."""
        shown = dict(typed) if typed is not None else self._known(variables)
        options = self._all_options(variables)
        values, _wrong = self._read(shown, options)
        hidden = self._hidden({**variables, **values})
        return BoundForm(self._schema, self._controls(_View(variables, shown, options, hidden, {})))

    def submit(self, variables: Mapping[str, object], typed: Raw) -> BoundForm:
        """Check what was typed; the result has errors, or the values of all visible fields."""
        shown = self.keep_declared(typed)
        options = self._all_options(variables)
        values, wrong = self._read(shown, options)
        hidden = self._hidden({**variables, **values})
        outcome = self._outcome(values, options)
        for entry in self._schema.walk():
            if entry.index in hidden or not entry.has_value or entry.index in wrong:
                continue
            if self._is_missing(entry, values.get(entry.key), outcome):
                wrong[entry.index] = _missing_message(entry)
        wrong = {index: message for index, message in wrong.items() if index not in hidden}
        bound = BoundForm(
            self._schema, self._controls(_View(variables, shown, options, hidden, wrong)), outcome=outcome
        )
        bound.errors = tuple(
            FormError(control.first_input_id, control.error) for control in bound.walk() if control.error
        )
        if not bound.errors:
            visible = {e.key for e in self._schema.walk() if e.has_value and e.index not in hidden}
            bound.values = {key: value for key, value in values.items() if key in visible}
        return bound

    def _known(self, variables: Mapping[str, object]) -> dict[str, list[str]]:
        shown: dict[str, list[str]] = {}
        for entry in self._schema.walk():
            if entry.type not in WITHOUT_VALUE and not entry.outcome:
                shown |= show_value(entry, variables.get(entry.key, entry.default))
        return shown

    def _all_options(self, variables: Mapping[str, object]) -> dict[int, tuple[Option, ...]]:
        return {entry.index: self._options(entry, variables) for entry in self._schema.walk()}

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

    def _read(self, shown: Raw, options: Mapping[int, tuple[Option, ...]]) -> tuple[dict[str, object], dict[int, str]]:
        values: dict[str, object] = {}
        wrong: dict[int, str] = {}
        for entry in self._schema.walk():
            if not entry.has_value:
                continue
            try:
                values[entry.key] = read_value(entry, shown, options[entry.index], self._today)
            except Wrong as error:
                wrong[entry.index] = str(error)
        return values, wrong

    def _hidden(self, scope: Mapping[str, object]) -> frozenset[int]:
        """Return the fields that are hidden; a hidden field's value counts as none for the others' conditions."""
        hidden: frozenset[int] = frozenset()
        for _round in range(8):
            now = frozenset(self._hidden_of(self._schema.fields, scope, within=False))
            if now == hidden:
                break
            hidden = now
            gone = {entry.key for entry in self._schema.walk() if entry.index in hidden and entry.has_value}
            scope = {**scope, **dict.fromkeys(gone)}
        return hidden

    def _hidden_of(self, fields: tuple[Field, ...], scope: Mapping[str, object], *, within: bool) -> Iterator[int]:
        for entry in fields:
            hides = within or (bool(entry.hide) and self._evaluate(entry.hide.removeprefix("="), scope) is True)
            if hides:
                yield entry.index
            yield from self._hidden_of(entry.children, scope, within=hides)

    def _outcome(self, values: Mapping[str, object], options: Mapping[int, tuple[Option, ...]]) -> Option | None:
        entry = self._schema.outcome
        if entry is None:
            return None
        return next((option for option in options[entry.index] if option.value == values.get(entry.key)), None)

    def _is_missing(self, entry: Field, value: object, outcome: Option | None) -> bool:
        decides = self._schema.outcome
        needed = entry.required or entry.outcome
        if decides and outcome and outcome.reason_required and entry.key == decides.reason_key:
            needed = True
        empty = value is None or value == [] or (entry.type is FieldType.CHECKBOX and value is False)
        return needed and empty

    def _controls(self, view: _View, fields: tuple[Field, ...] | None = None) -> tuple[Control, ...]:
        known = self._known(view.variables)
        return tuple(
            Control(
                entry,
                options=view.options[entry.index],
                shown=known if entry.readonly else view.shown,
                text=self._text(entry.hint, view.variables) if entry.type is FieldType.TEXT else "",
                hidden=entry.index in view.hidden,
                error=view.wrong.get(entry.index, ""),
                children=self._controls(view, entry.children),
            )
            for entry in (self._schema.fields if fields is None else fields)
        )

    def _text(self, text: str, variables: Mapping[str, object]) -> str:
        if text.startswith("="):
            return _spoken(self._evaluate(text[1:], variables))
        return _PLACEHOLDER.sub(lambda match: _spoken(self._evaluate(match[1].strip(), variables)), clean_text(text))


def _spoken(value: object) -> str:
    return "" if value is None else str(value)


def _missing_message(entry: Field) -> str:
    if entry.outcome:
        return str(_("Choose what you decide."))
    if entry.type is FieldType.CHECKBOX:
        return str(_("Tick “%(label)s” to go on.", label=entry.label))
    if entry.type in {FieldType.RADIO, FieldType.SELECT, FieldType.CHECKLIST, FieldType.REFERENCE}:
        return str(_("Choose %(label)s.", label=entry.label))
    return str(_("Enter %(label)s.", label=entry.label))
