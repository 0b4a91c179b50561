"""Reads the subset of the form-js JSON schema that task pages show; what it does not know it refuses by name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote

from web.task_forms.patterns import SafePattern, UnsafePattern

MAX_FIELDS = 300
MAX_DEPTH = 8


class FormSchemaError(Exception):
    """Expected a form of the documented subset, but it is not."""


class FieldType(StrEnum):
    """The component types of form-js that are shown."""

    TEXTFIELD = "textfield"
    TEXTAREA = "textarea"
    NUMBER = "number"
    CHECKBOX = "checkbox"
    RADIO = "radio"
    SELECT = "select"
    CHECKLIST = "checklist"
    DATETIME = "datetime"
    TEXT = "text"
    GROUP = "group"
    LIST = "dynamiclist"
    REFERENCE = "reference"  # ours: a textfield with saanphaen.reference, a choice among records of the plan


WITHOUT_VALUE = frozenset({FieldType.TEXT, FieldType.GROUP})
_ALIASES = {"taglist": FieldType.CHECKLIST}
_IGNORED = frozenset({"spacer", "separator", "button"})


@dataclass(frozen=True, slots=True)
class Option:
    """One choice; `value` is what becomes the variable, `code` what stands in HTML."""

    label: str
    value: object
    explain: str = ""  # for an outcome: what will happen
    reason_required: bool = False
    quiet: bool = False  # for an outcome: not the usual way, shown less loudly

    @property
    def code(self) -> str:
        """The value as the text that the browser sends back."""
        return self.value if isinstance(self.value, str) else json.dumps(self.value, ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One component of a form."""

    index: int
    type: FieldType
    key: str = ""
    label: str = ""
    hint: str = ""
    required: bool = False
    min_length: int | None = None
    max_length: int | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimal_digits: int | None = None
    pattern: SafePattern | None = None
    pattern_message: str = ""
    text_kind: str = ""  # email or phone
    subtype: str = "date"  # of datetime: date, time, datetime
    no_past: bool = False
    options: tuple[Option, ...] = ()
    options_key: str = ""  # a variable that holds the options
    options_expression: str = ""
    reference: str = ""  # kind of record to choose from
    default: object = None
    readonly: bool = False
    prefix: str = ""
    unit: str = ""
    hide: str = ""  # FEEL; true hides
    outcome: bool = False  # its options are the buttons at the end
    reason_key: str = ""  # of an outcome: the field that holds the reason
    source: str = ""  # FEEL for what is filled in at first; of a list: its rows
    fixed_rows: bool = False  # of a list: rows come from the source only
    keep: tuple[str, ...] = ()  # of a list: keys of the source's rows handed back without being shown
    shown: bool = False  # in a list: shown as text and handed back unchanged
    children: tuple[Field, ...] = ()
    scope: str = ""  # of a field in a list: its list and row, as part of the name

    @property
    def name(self) -> str:
        """The HTML name: any key is allowed, so it is quoted and set apart from our own fields."""
        return f"v:{self.scope}{quote(self.key, safe='')}"

    @property
    def html_id(self) -> str:
        """The HTML id."""
        row = self.scope.split(":")[1] if self.scope else ""
        return f"field-{self.index}-{row}" if row else f"field-{self.index}"

    def in_row(self, parent: Field, row: str) -> Field:
        """Return this field as it stands in one row of a list."""
        return replace(self, scope=f"{quote(parent.key, safe='')}:{row}:")

    @property
    def has_value(self) -> bool:
        """Tell whether it contributes a variable."""
        return self.type not in WITHOUT_VALUE and not self.readonly and not self.shown

    def names(self) -> tuple[str, ...]:
        """Return every HTML name that carries a part of this field."""
        if self.type in WITHOUT_VALUE:
            return ()
        if self.type is FieldType.LIST:
            return (f"{self.name}:row",)
        if self.type is not FieldType.DATETIME:
            return (self.name,)
        date = tuple(f"{self.name}:{part}" for part in ("day", "month", "year"))
        time = (f"{self.name}:time",)
        return {"date": date, "time": time}.get(self.subtype, date + time)


@dataclass(frozen=True, slots=True)
class FormSchema:
    """A whole form."""

    id: str
    fields: tuple[Field, ...]
    submit_label: str = ""
    confirm: str = ""  # what finishing the task will do, said before the button

    def walk(self) -> Iterator[Field]:
        """Yield all fields, groups before their children; what is inside lists belongs to their rows."""
        yield from _walk(self.fields)

    @property
    def outcome(self) -> Field | None:
        """The field whose options are the outcome buttons, if any."""
        return next((field for field in self.walk() if field.outcome), None)


@lru_cache(maxsize=256)  # a form never changes within its version
def parse_form(content: bytes | str) -> FormSchema:
    """Read a form.

    Raises:
        FormSchemaError: It is not JSON, or uses what the subset does not have.
    """
    try:
        document = json.loads(content)
    except ValueError as error:
        raise FormSchemaError(f"Expected JSON, but {error}.") from error
    if not isinstance(document, dict) or not isinstance(document.get("components"), list):
        raise FormSchemaError("Expected an object with a list `components`, but there is none.")
    reader = _Reader()
    fields = reader.fields(document["components"], depth=0)
    own = _mapping(document, "saanphaen")
    form = FormSchema(
        id=_text(document, "id"),
        fields=fields,
        submit_label=_text(own, "submitLabel"),
        confirm=_text(own, "confirm"),
    )
    _refuse_doubled(tuple(form.walk()))
    if len([field for field in form.walk() if field.outcome]) > 1:
        raise FormSchemaError("Expected one outcome at most, but found several.")
    return form


class _Reader:
    def __init__(self) -> None:
        self._count = 0

    def fields(self, components: list[object], *, depth: int) -> tuple[Field, ...]:
        if depth > MAX_DEPTH:
            raise FormSchemaError(f"Expected groups in at most {MAX_DEPTH} levels, but found more.")
        found = []
        for component in components:
            if not isinstance(component, dict):
                raise FormSchemaError("Expected components to be objects, but found something else.")
            if component.get("type") in _IGNORED:
                continue
            found.append(self._field(component, depth=depth))
        return tuple(found)

    def _field(self, component: Mapping[str, object], *, depth: int) -> Field:
        self._count += 1
        if self._count > MAX_FIELDS:
            raise FormSchemaError(f"Expected at most {MAX_FIELDS} components, but found more.")
        own = _mapping(component, "saanphaen")
        kind = _type_of(component, own)
        key = _text(component, "path" if kind is FieldType.LIST else "key")
        if kind not in WITHOUT_VALUE and not key:
            raise FormSchemaError(f"Expected a key on every {kind}, but `{_text(component, 'label')}` has none.")
        index = self._count
        children = self._children(component, kind, depth)
        validate = _mapping(component, "validate")
        look = _mapping(component, "appearance")
        is_outcome = own.get("role") == "outcome" or (
            key == "outcome" and kind in {FieldType.RADIO, FieldType.SELECT} and own.get("role") is None
        )
        needs_reason = own.get("reasonRequiredFor")
        return Field(
            index=index,
            type=kind,
            key=key,
            label=_text(component, "label") or _text(component, "dateLabel") or _text(component, "timeLabel"),
            hint=_text(component, "text") if kind is FieldType.TEXT else _text(component, "description"),
            required=validate.get("required") is True,
            min_length=_whole(validate, "minLength"),
            max_length=_whole(validate, "maxLength"),
            minimum=_decimal(validate, "min"),
            maximum=_decimal(validate, "max"),
            decimal_digits=_whole(component, "decimalDigits"),
            pattern=_pattern(validate),
            pattern_message=_text(own, "patternMessage"),
            text_kind=_text(validate, "validationType") if validate.get("validationType") in {"email", "phone"} else "",
            subtype=_text(component, "subtype") or "date",
            no_past=component.get("disallowPassedDates") is True,
            options=_options(component, needs_reason if isinstance(needs_reason, list) else []),
            options_key=_text(component, "valuesKey"),
            options_expression=_text(component, "valuesExpression"),
            reference=_text(own, "reference"),
            default=component.get("defaultValue"),
            readonly=component.get("disabled") is True or component.get("readonly") is True,
            prefix=_text(look, "prefixAdorner"),
            unit=_text(look, "suffixAdorner"),
            hide=_text(_mapping(component, "conditional"), "hide"),
            outcome=is_outcome,
            reason_key=_text(own, "reason") or ("comment" if is_outcome else ""),
            source=_text(own, "source"),
            fixed_rows=own.get("fixedRows") is True,
            keep=tuple(str(name) for name in keep) if isinstance(keep := own.get("keep"), list) else (),
            shown=own.get("shown") is True,
            children=children,
        )

    def _children(self, component: Mapping[str, object], kind: FieldType, depth: int) -> tuple[Field, ...]:
        if kind not in {FieldType.GROUP, FieldType.LIST}:
            return ()
        nested = component.get("components", [])
        if not isinstance(nested, list) or (kind is FieldType.GROUP and component.get("path")):
            raise FormSchemaError("Expected a group without `path` and with a list of components, but it differs.")
        children = self.fields(nested, depth=depth + 1)
        if kind is FieldType.LIST:
            inside = {child.type for child in children}
            if not children or inside & {FieldType.LIST, FieldType.GROUP} or any(child.outcome for child in children):
                raise FormSchemaError(
                    "Expected a list of plain fields, but it has none, or groups, lists or an outcome."
                )
            _refuse_doubled(children)
        return children


def _refuse_doubled(fields: tuple[Field, ...]) -> None:
    keys = [field.key for field in fields if field.type not in WITHOUT_VALUE]
    doubled = {key for key in keys if keys.count(key) > 1}
    if doubled:
        raise FormSchemaError(f"Expected each key once, but found several times: {', '.join(sorted(doubled))}.")


def _type_of(component: Mapping[str, object], own: Mapping[str, object]) -> FieldType:
    name = str(component.get("type"))
    if own.get("reference"):
        return FieldType.REFERENCE
    if name in _ALIASES:
        return _ALIASES[name]
    if name == FieldType.REFERENCE or name not in set(FieldType):
        raise FormSchemaError(f"Expected a component type of the subset, but found `{name}`.")
    return FieldType(name)


def _options(component: Mapping[str, object], needs_reason: list[object]) -> tuple[Option, ...]:
    values = component.get("values", [])
    if not isinstance(values, list):
        raise FormSchemaError("Expected `values` to be a list, but it is not.")
    return tuple(read_option(value, needs_reason) for value in values)


def read_option(value: object, needs_reason: list[object] | None = None) -> Option:
    """Read one choice: an object with label and value, or a plain value."""
    if not isinstance(value, Mapping):
        return Option(str(value), value)
    code = value.get("value")
    return Option(
        label=str(value.get("label", code)),
        value=code,
        explain=str(value.get("explain", "")),
        reason_required=value.get("reasonRequired") is True or code in (needs_reason or []),
        quiet=value.get("quiet") is True or code in {"return", "reject"},
    )


def _pattern(validate: Mapping[str, object]) -> SafePattern | None:
    text = _text(validate, "pattern")
    if not text:
        return None
    try:
        return SafePattern.compile(text)
    except UnsafePattern as error:
        raise FormSchemaError(str(error)) from error


def _walk(fields: tuple[Field, ...]) -> Iterator[Field]:
    for field in fields:
        yield field
        if field.type is not FieldType.LIST:
            yield from _walk(field.children)


def _mapping(component: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = component.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(component: Mapping[str, object], name: str) -> str:
    value = component.get(name)
    return value if isinstance(value, str) else ""


def _whole(component: Mapping[str, object], name: str) -> int | None:
    value = component.get(name)
    if value is None or isinstance(value, bool):
        return None
    try:
        return int(str(value))
    except ValueError as error:
        raise FormSchemaError(f"Expected `{name}` to be a whole number, but it is `{value}`.") from error


def _decimal(component: Mapping[str, object], name: str) -> Decimal | None:
    value = component.get(name)
    if value is None or isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise FormSchemaError(f"Expected `{name}` to be a number, but it is `{value}`.") from error
