"""Codes in words: what people read instead of states, history kinds and problem codes."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

TASK_STATES: dict[str, LazyString] = {
    "created": _l("waiting to be taken"),
    "assigned": _l("in progress"),
    "completed": _l("done"),
    "cancelled": _l("no longer needed"),
}
INSTANCE_STATES: dict[str, LazyString] = {
    "active": _l("running"),
    "suspended": _l("paused"),
    "completed": _l("finished"),
    "cancelled": _l("cancelled"),
}
HISTORY_KINDS: dict[str, LazyString] = {
    "instance_started": _l("Started"),
    "instance_completed": _l("Finished"),
    "instance_cancelled": _l("Cancelled"),
    "instance_suspended": _l("Paused"),
    "instance_resumed": _l("Resumed"),
    "task_created": _l("Waiting for someone"),
    "task_claimed": _l("Taken"),
    "task_released": _l("Given back"),
    "task_assigned": _l("Handed over"),
    "task_completed": _l("Done"),
    "task_cancelled": _l("No longer needed"),
    "incident_created": _l("Stuck"),
    "incident_resolved": _l("Repaired"),
    "message_received": _l("Answer arrived"),
    "timer_fired": _l("Time reached"),
}
OUTCOMES: dict[str, LazyString] = {
    "approve": _l("Approved"),
    "approve_with_observations": _l("Approved with observations"),
    "return": _l("Returned for changes"),
    "reject": _l("Not approved"),
    "no_change": _l("No change"),
}


def label(table: dict[str, LazyString], code: object) -> str:
    """Return the words for a code, the code itself where we have none."""
    return str(table.get(str(code), code))
