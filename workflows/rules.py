"""What the deploy gate asks on top of the engine's own rules: known roles, known fields of forms, known handlers."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from engine import DefinitionRule, Problem, Rule
from workflows.plans.progress import CYCLE_DUE
from workflows.plans.steps import CALENDAR_NAMES

if TYPE_CHECKING:
    from engine import Definitions, Element, Expression

UNKNOWN_ROLE: Final = Rule(
    "unknown_role",
    "Expected a role of the table of roles, but found `{role}`.",
    "Choose one of the roles, written `role@unit`.",
)
NOBODY_MAY_TAKE_IT: Final = Rule(
    "nobody_may_take_it",
    "Expected a role or a person for this task, but it has none.",
    "Choose who may take it.",
)
TASK_WITHOUT_FORM: Final = Rule(
    "task_without_form",
    "Expected a form for this task, but it has none.",
    "Choose the form that the person fills in.",
)
FORM_SHAPE: Final = Rule(
    "form_shape",
    "Expected form `{form}` to be a list of fields, not nested too deep, but it is not.",
    "Draw the form again.",
)
FORM_FIELD_TYPE: Final = Rule(
    "form_field_type",
    "Expected in form `{form}` a field that pages can show, but found `{field}`.",
    "Use another field (docs/forms.md).",
)
FORM_FIELD_KEY: Final = Rule(
    "form_field_key",
    "Expected a key on every field of form `{form}`, but a field of type `{field}` has none.",
    "Give the field a key.",
)
FORM_FIELD_TWICE: Final = Rule(
    "form_field_twice",
    "Expected every key once in form `{form}`, but `{key}` stands twice.",
    "Rename one of the fields.",
)
UNKNOWN_HANDLER: Final = Rule(
    "unknown_handler",
    "Expected work that the product does, but `{handler}` is none.",
    "Choose one of the kinds of work from the list.",
)
UNKNOWN_DUE_STEP: Final = Rule(
    "unknown_due_step",
    "Expected a step of the cycle's calendar, but `{step}` is none.",
    "Use one of: {known}.",
)
DOMAIN_RULES: Final = {
    rule.code: rule
    for rule in (
        UNKNOWN_ROLE,
        NOBODY_MAY_TAKE_IT,
        TASK_WITHOUT_FORM,
        FORM_SHAPE,
        FORM_FIELD_TYPE,
        FORM_FIELD_KEY,
        FORM_FIELD_TWICE,
        UNKNOWN_HANDLER,
        UNKNOWN_DUE_STEP,
    )
}
"""Rule by code: for pages that say it in Thai."""

FIELD_TYPES = frozenset(
    {
        "textfield",
        "textarea",
        "number",
        "checkbox",
        "radio",
        "select",
        "checklist",
        "datetime",
        "text",
        "group",
        "dynamiclist",
    }
)
MAX_FORM_DEPTH = 8
_GROUP = re.compile(r"\"([^\"@]*)@[^\"]*\"|'([^'@]*)@[^']*'")


def definition_rules(*, roles: Collection[str], handlers: Collection[str]) -> tuple[DefinitionRule, ...]:
    """Return the domain's rules over these roles and handler types."""
    return (KnownRoles(roles), KnownForms(), KnownHandlers(handlers), known_due_steps)


class KnownRoles:
    """A candidate group is `role@UNIT`; its role must be one of the table of roles."""

    def __init__(self, roles: Collection[str]) -> None:
        self._roles = frozenset(roles)

    def __call__(self, definitions: Definitions, resources: Mapping[str, bytes]) -> Sequence[Problem]:  # noqa: ARG002
        """Return the unknown roles of a file."""
        problems: list[Problem] = []
        for element in _elements(definitions):
            unknown = {role for text in _texts(element) for role in _roles_in(text)} - self._roles
            problems += [_problem(definitions, element, UNKNOWN_ROLE, role=role) for role in sorted(unknown)]
            settings = element.user_task
            if settings is not None and settings.candidate_groups is None and settings.assignee is None:
                problems.append(_problem(definitions, element, NOBODY_MAY_TAKE_IT))
        return problems


class KnownForms:
    """A task has a form, and the form uses only the fields that pages can show; that it is there, the engine asks."""

    def __call__(self, definitions: Definitions, resources: Mapping[str, bytes]) -> Sequence[Problem]:
        """Return tasks without form, and fields that are not of the subset."""
        problems: list[Problem] = []
        forms = _read_forms(resources)
        used: dict[str, Element] = {}
        for element in _elements(definitions):
            if element.user_task is None:
                continue
            form_id = element.user_task.form_id
            if form_id is None:
                problems.append(_problem(definitions, element, TASK_WITHOUT_FORM))
            elif form_id in forms:
                used.setdefault(form_id, element)
        for form_id, element in used.items():
            problems += [
                _problem(definitions, element, rule, form=form_id, **facts)
                for rule, facts in _form_problems(forms[form_id])
            ]
        return problems


class KnownHandlers:
    """A service task's type is one that the product does."""

    def __init__(self, handlers: Collection[str]) -> None:
        self._handlers = frozenset(handlers)

    def __call__(self, definitions: Definitions, resources: Mapping[str, bytes]) -> Sequence[Problem]:  # noqa: ARG002
        """Return the unknown handlers of a file."""
        return [
            _problem(definitions, element, UNKNOWN_HANDLER, handler=element.work.type.text)
            for element in _elements(definitions)
            if element.work is not None and not element.work.type.is_feel
            if element.work.type.text not in self._handlers
        ]


def known_due_steps(definitions: Definitions, resources: Mapping[str, bytes]) -> Sequence[Problem]:  # noqa: ARG001
    """A due date `cycle:<step>` names a step of the calendar."""
    problems = []
    for element in _elements(definitions):
        due = element.user_task.due_date if element.user_task is not None else None
        text = due.text.strip().strip('"') if due is not None else ""
        if text.startswith(CYCLE_DUE) and text.removeprefix(CYCLE_DUE) not in CALENDAR_NAMES:
            known = ", ".join(CALENDAR_NAMES)
            problems.append(_problem(definitions, element, UNKNOWN_DUE_STEP, step=text, known=known))
    return problems


def _elements(definitions: Definitions) -> Iterator[Element]:
    for process in definitions.processes:
        yield from process.elements.values()


def _texts(element: Element) -> Iterator[str]:
    settings = element.user_task
    if settings is not None and settings.candidate_groups is not None:
        groups = settings.candidate_groups
        yield groups.text if groups.is_feel else ",".join(f'"{name.strip()}"' for name in groups.text.split(","))
    if element.call is not None:
        yield from (_feel(mapping.source) for mapping in element.inputs)


def _feel(expression: Expression) -> str:
    return expression.text if expression.is_feel else ""


def _roles_in(text: str) -> set[str]:
    return {first or second for first, second in _GROUP.findall(text)} - {""}


def _read_forms(resources: Mapping[str, bytes]) -> dict[str, Mapping[str, object]]:
    """Return the forms that can be read; the engine reports the others."""
    forms: dict[str, Mapping[str, object]] = {}
    for name, content in resources.items():
        if not name.endswith(".form"):
            continue
        try:
            form = json.loads(content)
        except (ValueError, RecursionError):
            continue
        if isinstance(form, dict):
            forms[str(form.get("id") or name.rpartition("/")[2].removesuffix(".form"))] = form
    return forms


def _form_problems(form: Mapping[str, object]) -> Iterator[tuple[Rule, dict[str, str]]]:
    seen: set[str] = set()
    waiting: list[tuple[object, int, bool]] = [(form.get("components"), 0, False)]
    while waiting:
        components, depth, in_list = waiting.pop()
        if not isinstance(components, list) or depth > MAX_FORM_DEPTH:
            yield FORM_SHAPE, {}
            continue
        for component in components:
            if not isinstance(component, Mapping):
                yield FORM_SHAPE, {}
                continue
            kind = str(component.get("type"))
            if kind not in FIELD_TYPES:
                yield FORM_FIELD_TYPE, {"field": kind}
                continue
            key = str(component.get("path" if kind == "dynamiclist" else "key") or "")
            if kind not in ("text", "group") and not key:
                yield FORM_FIELD_KEY, {"field": kind}
            if key and not in_list and key in seen:
                yield FORM_FIELD_TWICE, {"key": key}
            if not in_list:
                seen.add(key)
            if kind in ("group", "dynamiclist"):
                waiting.append((component.get("components"), depth + 1, in_list or kind == "dynamiclist"))


def _problem(definitions: Definitions, element: Element, rule: Rule, **facts: str) -> Problem:
    return rule.problem(element_id=element.id, file=definitions.file, line=element.line, **facts)
