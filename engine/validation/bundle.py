"""What the files of a bundle promise each other: processes that are called, forms that are shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from engine.bpmn.model import Definitions, Element, Process
from engine.decisions import DecisionFiles
from engine.problems import Problem
from engine.validation.catalogue import bundle as c
from engine.validation.catalogue.refused import MISPLACED_SETTING

_FORM_SUFFIXES: Final = frozenset({".form", ".json"})


@dataclass(frozen=True, slots=True)
class Known:
    """What is deployed already: ids of processes and decisions, and of forms the host brings itself."""

    processes: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    decisions: frozenset[str] = frozenset()


def check_bundle(
    executed: Iterable[tuple[Definitions, Process]], forms: frozenset[str], known: Known
) -> Iterator[Problem]:
    """Yield calls into nothing, rings of calls, forms that are missing, and processes that stand twice."""
    executed = tuple(executed)
    files: dict[str, str] = {}
    for definitions, process in executed:
        other = files.setdefault(process.id, definitions.file)
        if other != definitions.file:
            yield c.DUPLICATE_PROCESS.problem(
                element_id=process.id, file=definitions.file, line=process.line, process=process.id, other=other
            )
    for definitions, process in executed:
        for element in process.elements.values():
            yield from _check_call(element, definitions.file, files, known)
            yield from _check_form(element, definitions.file, forms | known.forms)
    yield from _check_rings([process for _, process in executed], files)


def check_decisions(
    executed: Iterable[tuple[Definitions, Process]], decisions: DecisionFiles, known: Known
) -> Iterator[Problem]:
    """Yield decisions that stand twice, and business rule tasks whose decision is missing."""
    files: dict[str, str] = {}
    for file in decisions.files.values():
        for decision in file.own():
            other = files.setdefault(decision.id, file.file)
            if other != file.file:
                yield c.DECISION_TWICE.problem(element_id=decision.id, file=file.file, name=decision.id, other=other)
    for definitions, process in executed:
        for element in process.elements.values():
            called = element.decision
            if called is None or called.decision_id.is_feel or not called.decision_id.text.strip():
                continue
            decision_id = called.decision_id.text.strip()
            deployed = called.binding != "deployment" and decision_id in known.decisions
            if decision_id not in files and not deployed:
                yield c.UNKNOWN_DECISION.problem(
                    element_id=element.id, file=definitions.file, line=element.line, decision=decision_id
                )


def read_forms(resources: Mapping[str, bytes]) -> tuple[frozenset[str], list[Problem]]:
    """Return the ids of the bundle's forms: the `id` in the form, else its file name; and what is wrong with them."""
    problems: list[Problem] = []
    files: dict[str, str] = {}
    for name, data in resources.items():
        path = PurePosixPath(name)
        if path.suffix.lower() not in _FORM_SUFFIXES:
            continue
        try:
            form = json.loads(data)
        except (ValueError, RecursionError) as error:
            reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
            problems.append(c.FORM_JSON.problem(file=name, reason=reason))
            continue
        if not isinstance(form, dict):
            problems.append(c.FORM_JSON.problem(file=name, reason="it holds something else"))
            continue
        written = form.get("id")
        form_id = written if isinstance(written, str) and written else path.stem
        other = files.setdefault(form_id, name)
        if other != name:
            problems.append(c.DUPLICATE_FORM.problem(element_id=form_id, file=name, form=form_id, other=other))
    return frozenset(files), problems


def called_by(executed: Iterable[tuple[Definitions, Process]]) -> frozenset[str]:
    """Return the ids of processes that a call activity of the bundle names, or may name by an expression."""
    return frozenset(
        element.call.process_id.text
        for _, process in executed
        for element in process.elements.values()
        if element.call is not None
    )


def _check_call(element: Element, file: str, files: Mapping[str, str], known: Known) -> Iterator[Problem]:
    call = element.call
    if call is None or call.process_id.is_feel or not call.process_id.text.strip():
        return
    process_id = call.process_id.text.strip()
    if process_id in files or (call.binding != "deployment" and process_id in known.processes):
        return
    yield c.UNKNOWN_PROCESS.problem(element_id=element.id, file=file, line=element.line, process=process_id)


def _check_form(element: Element, file: str, forms: frozenset[str]) -> Iterator[Problem]:
    settings = element.user_task
    if settings is None:
        return
    if settings.form_key:
        yield c.FORM_KEY.problem(element_id=element.id, file=file, line=element.line, form=settings.form_key)
    if settings.form_binding not in ("latest", "deployment"):
        rule, value = MISPLACED_SETTING, f"bindingType {settings.form_binding}"
        yield rule.problem(element_id=element.id, file=file, line=element.line, name=value)
    form = (settings.form_id or "").strip()
    if form.startswith("="):
        yield c.FORM_ID_EXPRESSION.problem(element_id=element.id, file=file, line=element.line)
    elif form and form not in forms:
        yield c.UNKNOWN_FORM.problem(element_id=element.id, file=file, line=element.line, form=form)


def _check_rings(processes: list[Process], files: Mapping[str, str]) -> Iterator[Problem]:
    """Take away processes that call none of those left, until only rings and what leads into them remain."""
    calls: dict[str, set[str]] = {}
    callers: dict[str, set[str]] = {}
    for process in processes:
        for element in process.elements.values():
            called = element.call.process_id.text if element.call is not None else ""
            if called in files:
                calls.setdefault(process.id, set()).add(called)
                callers.setdefault(called, set()).add(process.id)
    waiting = [process.id for process in processes if not calls.get(process.id)]
    while waiting:
        process_id = waiting.pop()
        for caller in callers.pop(process_id, set()):
            calls[caller].discard(process_id)
            if not calls[caller]:
                waiting.append(caller)
    ring = sorted(process_id for process_id, called in calls.items() if called)
    if ring:
        yield c.CALL_RECURSION.problem(element_id=ring[0], file=files[ring[0]], processes=", ".join(ring))
