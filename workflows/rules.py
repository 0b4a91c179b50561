"""What the deploy gate asks on top of the engine's own rules: known roles, known forms and fields, known handlers."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from engine import DefinitionRule, Problem
from workflows.plans.progress import CYCLE_DUE
from workflows.plans.steps import CALENDAR_NAMES

if TYPE_CHECKING:
    from engine import Definitions, Element, Expression

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
            problems += [
                _problem(
                    definitions,
                    element,
                    "unknown_role",
                    f"Expected a role of the table of roles, but found `{role}`.",
                    "Choose one of the roles, written `role@unit`.",
                    role=role,
                )
                for role in sorted(unknown)
            ]
            groups = element.user_task.candidate_groups if element.user_task is not None else None
            if element.user_task is not None and groups is None and element.user_task.assignee is None:
                problems.append(
                    _problem(
                        definitions,
                        element,
                        "nobody_may_take_it",
                        "Expected a role or a person for this task, but it has none.",
                        "Choose who may take it.",
                    )
                )
        return problems


class KnownForms:
    """A task's form stands in the bundle and uses only the fields that pages can show."""

    def __call__(self, definitions: Definitions, resources: Mapping[str, bytes]) -> Sequence[Problem]:
        """Return missing forms and fields that are not of the subset."""
        problems: list[Problem] = []
        forms, broken = _read_forms(resources)
        used: dict[str, Element] = {}
        for element in _elements(definitions):
            form_id = element.user_task.form_id if element.user_task is not None else None
            if element.user_task is not None and form_id is None:
                problems.append(
                    _problem(
                        definitions,
                        element,
                        "task_without_form",
                        "Expected a form for this task, but it has none.",
                        "Choose the form that the person fills in.",
                    )
                )
            if form_id is not None and form_id not in forms and form_id not in broken:
                problems.append(
                    _problem(
                        definitions,
                        element,
                        "unknown_form",
                        f"Expected the form `{form_id}` in the bundle, but it is not there.",
                        f"Add `{form_id}.form`, or choose another form.",
                        form=form_id,
                    )
                )
            if form_id is not None and form_id in forms:
                used.setdefault(form_id, element)
        for form_id, element in used.items():
            problems += [
                _problem(definitions, element, rule, f"Form `{form_id}`: {message}", remedy, form=form_id)
                for rule, message, remedy in _form_problems(forms[form_id])
            ]
        return problems


class KnownHandlers:
    """A service task's type is one that the product does."""

    def __init__(self, handlers: Collection[str]) -> None:
        self._handlers = frozenset(handlers)

    def __call__(self, definitions: Definitions, resources: Mapping[str, bytes]) -> Sequence[Problem]:  # noqa: ARG002
        """Return the unknown handlers of a file."""
        return [
            _problem(
                definitions,
                element,
                "unknown_handler",
                f"Expected work that the product does, but `{element.work.type.text}` is none.",
                "Choose one of the kinds of work from the list.",
                handler=element.work.type.text,
            )
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
            problems.append(
                _problem(
                    definitions,
                    element,
                    "unknown_due_step",
                    f"Expected a step of the cycle's calendar, but `{text}` is none.",
                    f"Use one of: {', '.join(CALENDAR_NAMES)}.",
                    step=text,
                )
            )
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


def _read_forms(resources: Mapping[str, bytes]) -> tuple[dict[str, Mapping[str, object]], set[str]]:
    forms: dict[str, Mapping[str, object]] = {}
    broken: set[str] = set()
    for name, content in resources.items():
        if not name.endswith(".form"):
            continue
        stem = name.rpartition("/")[2].removesuffix(".form")
        try:
            form = json.loads(content)
        except ValueError:
            broken.add(stem)  # the engine reports it
            continue
        if isinstance(form, dict):
            forms[str(form.get("id") or stem)] = form
    return forms, broken


def _form_problems(form: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    seen: set[str] = set()
    waiting: list[tuple[object, int, bool]] = [(form.get("components"), 0, False)]
    while waiting:
        components, depth, in_list = waiting.pop()
        if not isinstance(components, list) or depth > MAX_FORM_DEPTH:
            yield "form_shape", "expected a list of components, not nested too deep.", "Draw the form again."
            continue
        for component in components:
            if not isinstance(component, Mapping):
                yield "form_shape", "expected components to be objects.", "Draw the form again."
                continue
            kind = str(component.get("type"))
            if kind not in FIELD_TYPES:
                yield "form_field_type", f"expected a field of the subset, but found `{kind}`.", "Use another field."
                continue
            key = str(component.get("path" if kind == "dynamiclist" else "key") or "")
            if kind not in ("text", "group") and not key:
                yield "form_field_key", f"expected a key on every {kind}.", "Give the field a key."
            if key and not in_list and key in seen:
                yield "form_field_key", f"expected each key once, but `{key}` stands twice.", "Rename one of them."
            if not in_list:
                seen.add(key)
            if kind in ("group", "dynamiclist"):
                waiting.append((component.get("components"), depth + 1, in_list or kind == "dynamiclist"))


def _problem(definitions: Definitions, element: Element, rule: str, message: str, remedy: str, **facts: str) -> Problem:
    return Problem(
        rule=rule,
        message=message,
        remedy=remedy,
        element_id=element.id,
        file=definitions.file,
        line=element.line,
        facts=dict(facts),
    )
