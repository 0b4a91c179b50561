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
    "agree": _l("Agreed"),
    "agree_in_principle": _l("Agreed in principle"),
    "note": _l("Noted"),
    "defer": _l("Deferred"),
    "revise": _l("To be revised"),
    "sign": _l("Signed"),
    "submit": _l("Sent"),
    "close": _l("Closed"),
    "done": _l("Done"),
    "accept": _l("Taken into this edition"),
    "carry_over": _l("Carried over to the next edition"),
}
PLAN_STATES: dict[str, LazyString] = {
    "planned": _l("not begun"),
    "drafting": _l("being drafted"),
    "submitted": _l("under national review"),
    "returned": _l("returned for changes"),
    "approved": _l("approved, to be published"),
    "announced": _l("in force"),
    "unchanged": _l("kept unchanged"),
    "rejected": _l("not approved"),
}
CYCLE_STATES: dict[str, LazyString] = {
    "preparing": _l("being prepared"),
    "issued": _l("under way"),
    "closed": _l("closed"),
}
CYCLE_KINDS: dict[str, LazyString] = {
    "new_plan": _l("new five-year plan"),
    "revision": _l("yearly revised edition"),
}
STANDINGS: dict[str, LazyString] = {
    "late": _l("Late"),
    "due_soon": _l("Due soon"),
    "on_time": _l("On time"),
    "waiting": _l("Nothing open"),
    "done": _l("Finished"),
}
EDITION_STATES: dict[str, LazyString] = {
    "draft": _l("draft"),
    "submitted": _l("submitted"),
    "decided": _l("decided on"),
}
FILE_ROLES: dict[str, LazyString] = {
    "plan": _l("Plan document"),
    "forms": _l("Forms จ.1 and จ.1-1"),
    "minutes": _l("Minutes of the meeting"),
    "survey": _l("Report of the survey"),
    "attachment": _l("Other attachment"),
}
BODIES: dict[str, LazyString] = {
    "province_committee": _l("Provincial committee (ก.บ.จ.)"),
    "cluster_committee": _l("Cluster committee (ก.บ.ก.)"),
    "governor": _l("Governor"),
    "cluster_head": _l("Head of the cluster"),
    "central_team": _l("Central integration team"),
    "regional_subcommittee": _l("Regional sub-committee (อ.ก.น.บ.)"),
    "policy_committee": _l("Policy committee (ก.น.บ.)"),
    "cabinet": _l("Cabinet"),
}
SECTORS: dict[str, LazyString] = {
    "central": _l("Central agencies"),
    "regional": _l("Agencies in the province"),
    "local": _l("Local governments"),
    "state": _l("State enterprises and others"),
    "civil": _l("Civil society"),
    "business": _l("Private business"),
    "citizen": _l("Citizens"),
}
DISPOSITIONS: dict[str, LazyString] = {
    "accepted": _l("accepted"),
    "partly": _l("accepted in part"),
    "declined": _l("not accepted"),
}
CHANNELS: dict[str, LazyString] = {
    "onsite": _l("in one room"),
    "online": _l("online"),
    "hybrid": _l("in one room and online"),
    "before": _l("in writing, before the meeting"),
    "meeting": _l("at the meeting"),
}
INPUT_STATES: dict[str, LazyString] = {
    "received": _l("received"),
    "addendum": _l("late, to be considered as an addendum"),
    "accepted": _l("addendum taken into this edition"),
    "carried_over": _l("carried over to the next edition"),
}


def label(table: dict[str, LazyString], code: object) -> str:
    """Return the words for a code, the code itself where we have none."""
    return str(table.get(str(code), code))
