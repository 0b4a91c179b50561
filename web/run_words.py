"""A run in words, for administrators: its history line by line, its jobs, what keeps it from going on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from engine import SYSTEM, HistoryEntry, Incident, Process
from web import labels
from web.composition import Reading, directory
from web.variables import feel_text

KINDS: Final[dict[str, LazyString]] = {
    **labels.HISTORY_KINDS,
    "element_entered": _l("Step begun"),
    "element_cancelled": _l("Step left undone"),
    "variables_changed": _l("Data changed"),
    "variables_set": _l("Data repaired by an administrator"),
    "elements_chosen": _l("Optional work chosen"),
    "values_erased": _l("A name was taken out, on request"),
    "task_due_changed": _l("Due date changed"),
    "decision_made": _l("Decision made"),
    "message_thrown": _l("Message sent"),
    "message_received": _l("Message arrived"),
    "signal_thrown": _l("Announcement sent"),
    "signal_received": _l("Announcement arrived"),
    "job_failed": _l("An attempt failed"),
    "job_finished": _l("Work of another system arrived"),
    "job_threw_error": _l("Another system reported an error"),
    "child_completed": _l("Sub-plan finished"),
    "child_failed": _l("Sub-plan ended with an error"),
    "child_escalated": _l("Sub-plan reported"),
    "error_uncaught": _l("An error that no step takes up"),
    "escalation_uncaught": _l("A report that no step takes up"),
}
TOLD_KINDS: Final = (
    *labels.HISTORY_KINDS,
    "variables_set",
    "elements_chosen",
    "values_erased",
    "task_due_changed",
    "error_uncaught",
)
"""What people did and what happened to the whole; the rest is the machine's own book-keeping."""
JOB_KINDS: Final[dict[str, LazyString]] = {
    "timer": _l("wait until its time"),
    "external": _l("work of another system"),
    "continue": _l("go on with the next step"),
    "message": _l("deliver a message"),
    "signal": _l("deliver an announcement"),
    "start_child": _l("start a sub-plan"),
    "child_done": _l("take up the result of a sub-plan"),
    "cancel_child": _l("end a sub-plan"),
}
JOB_STATES: Final[dict[str, LazyString]] = {
    "waiting": _l("waiting"),
    "locked": _l("in work"),
    "done": _l("done"),
    "failed": _l("given up"),
    "cancelled": _l("no longer needed"),
}
ELEMENTS: Final[dict[str, LazyString]] = {
    "startEvent": _l("Beginning"),
    "endEvent": _l("End"),
    "intermediateCatchEvent": _l("Waiting point"),
    "intermediateThrowEvent": _l("Sending point"),
    "boundaryEvent": _l("Side exit"),
    "exclusiveGateway": _l("Fork"),
    "inclusiveGateway": _l("Fork"),
    "parallelGateway": _l("Parallel ways"),
    "eventBasedGateway": _l("Waiting for the first of several"),
}
TROUBLES: Final[dict[str, LazyString]] = {
    "expression_error": _l("A formula in the diagram cannot be worked out with the present data."),
    "mapping_error": _l("Data cannot be handed over to or from a step as the diagram says."),
    "timer_error": _l("A time limit in the diagram cannot be worked out with the present data."),
    "due_date_error": _l("The due date of a step cannot be worked out with the present data."),
    "no_flow": _l("No way leads on from here: no condition of the diagram holds."),
    "no_start": _l("The diagram has no place to begin."),
    "dead_join": _l("A step waits for ways that can no longer come together."),
    "handler_error": _l("A step that the system does by itself has failed."),
    "job_failed": _l("The work of another system has failed, as often as it was tried."),
    "item_limit": _l("A step should be done more often than is allowed."),
    "step_limit": _l("The process turns in a circle without waiting for anybody."),
    "call_depth": _l("Sub-plans call each other too deeply."),
    "decision_not_found": _l("The decision that should be made is not deployed."),
    "decision_error": _l("A decision cannot be made from the data there are."),
    "process_not_found": _l("The process that should be called is not deployed."),
    "unhandled_error": _l("A step reported an error that the diagram does not take up."),
    "error_uncaught": _l("The plan reported an error that the diagram does not take up."),
    "invalid_variables": _l("Data cannot be stored: it is too large or of an unknown kind."),
    "internal_error": _l("Something went wrong inside the system."),
}
_TROUBLE: Final = _l("The plan cannot go on by itself.")
_QUIET: Final = frozenset({"task", "job", "incident", "child"})  # numbers of rows, which tell people nothing


@dataclass(frozen=True, slots=True)
class RunLine:
    """One line of the history in words."""

    seq: int
    at: dt.datetime
    text: str
    who: str
    outcome: str
    comment: str
    details: Sequence[tuple[str, str]]
    hash: str


@dataclass(frozen=True, slots=True)
class RunHistory:
    """A page of the history, the oldest line first; `next` is where the next page begins."""

    lines: Sequence[RunLine]
    next: int | None


def element_names(process: Process) -> dict[str, str]:
    """Return what each element of a diagram is called; what has no name there is called by its kind."""
    return {
        element.id: element.name or f"{labels.label(ELEMENTS, element.kind)} ({element.id})"
        for element in process.elements.values()
    }


def trouble_of(incident: Incident) -> str:
    """Return in words what keeps a run from going on."""
    return str(TROUBLES.get(incident.code, _TROUBLE))


def stuck_elements(incidents: Sequence[Incident]) -> frozenset[str]:
    """Return the elements at which a run is stuck."""
    return frozenset(incident.element_id for incident in incidents if incident.element_id)


def run_history(read: Reading, entries: Sequence[HistoryEntry], names: Mapping[str, str], *, limit: int) -> RunHistory:
    """Return a page of the history in words; one entry more than the page holds tells that there is another."""
    shown = entries[:limit]
    people = directory().names_of(read.session, {entry.actor for entry in shown})
    lines = [_line(read, entry, names, people) for entry in shown]
    return RunHistory(lines, shown[-1].seq if len(entries) > limit else None)


def _line(read: Reading, entry: HistoryEntry, names: Mapping[str, str], people: Mapping[str, str]) -> RunLine:
    step = names.get(entry.element_id or "", entry.element_id or "")
    text = labels.label(KINDS, entry.kind)
    outcome = entry.details.get("outcome")
    told = {"lines", "outcome", "comment", *_QUIET}
    return RunLine(
        seq=entry.seq,
        at=entry.at,
        text=f"{text}: {step}" if step else text,
        who=" · ".join(part for part in (_who(entry, people), _capacity(read, entry)) if part),
        outcome=labels.label(labels.OUTCOMES, outcome) if outcome else "",
        comment=str(entry.details.get("comment") or ""),
        details=[(name, _shown(value)) for name, value in entry.details.items() if name not in told and value],
        hash=entry.hash,
    )


def _who(entry: HistoryEntry, people: Mapping[str, str]) -> str:
    return str(_("the system")) if entry.actor == SYSTEM.id else people.get(entry.actor, entry.actor)


def _capacity(read: Reading, entry: HistoryEntry) -> str:
    if entry.actor == SYSTEM.id:
        return ""
    return directory().capacity_title(read.session, entry.capacity)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else feel_text(value)
