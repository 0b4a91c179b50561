"""What the tables are called for the people whose data stand in them, and how long these are kept."""

from __future__ import annotations

from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

_PLAN: Final = _l("as long as the plan, which is an official record")
_FOR_GOOD: Final = _l("for good, as proof")
_SET: Final = _l("until their time is over, then removed by themselves")

TABLE_WORDS: Final[dict[str, LazyString]] = {
    "org_person": _l("Name and e-mail address"),
    "org_holding": _l("Positions that were held"),
    "org_acting_order": _l("Acting orders"),
    "web_account": _l("Account for signing in"),
    "web_session": _l("Signed-in devices"),
    "web_second_factor": _l("Second step of signing in"),
    "web_recovery_code": _l("Recovery codes"),
    "web_throttle": _l("Failed attempts to sign in"),
    "web_task_draft": _l("Drafts that were not sent"),
    "web_privacy_act": _l("Requests about these data"),
    "note_notification": _l("Messages to the person"),
    "plan_file_read": _l("Files that were read"),
    "plan_file": _l("Files that were added"),
    "plan_edition": _l("Editions that were begun"),
    "plan_decision": _l("Decisions that were recorded"),
    "plan_cycle": _l("Cycles that were opened"),
    "plan_cycle_reissue": _l("Dates that were issued anew"),
    "plan_observation": _l("Remarks that were answered"),
    "plan_attendance": _l("Attendance at consultations"),
    "plan_invitation": _l("Invitations to consultations"),
    "plan_opinion": _l("Opinions and answers to them"),
    "plan_consultation": _l("Minutes of consultations"),
    "plan_data_return": _l("Data sent to a plan"),
    "plan_cluster_input": _l("Input sent to a cluster"),
    "plan_step": _l("Steps that were done"),
    "cal_revision": _l("Changes of the calendar"),
    "clock_clock": _l("Due dates"),
    "clock_event": _l("Changes of due dates, and reminders"),
    "bpm_history": _l("Lines of the audit trail"),
    "bpm_process_instance": _l("Processes"),
    "bpm_state_part": _l("Data of running processes"),
    "bpm_task": _l("Tasks"),
    "bpm_task_candidate": _l("Tasks that may be taken"),
    "bpm_job": _l("Work of the system"),
    "bpm_incident": _l("Cases that were stuck"),
    "bpm_message": _l("Messages between processes"),
    "bpm_outbox": _l("Facts to be sent on"),
    "bpm_command": _l("Commands that may not be done twice"),
    "bpm_deployment": _l("Processes that were changed"),
    "bpm_process_definition": _l("Versions of processes"),
}
_BY_ITSELF: Final = (
    "web_session",
    "web_throttle",
    "web_task_draft",
    "note_notification",
    "plan_file_read",
    "bpm_outbox",
)
_PROOF: Final = ("web_privacy_act", "cal_revision", "bpm_deployment", "bpm_process_definition")
_PERSON: Final = ("org_person", "web_account", "web_second_factor", "web_recovery_code")
KEPT_WORDS: Final[dict[str, LazyString]] = {
    **dict.fromkeys(TABLE_WORDS, _PLAN),
    **dict.fromkeys(_BY_ITSELF, _SET),
    **dict.fromkeys(_PROOF, _FOR_GOOD),
    **dict.fromkeys(_PERSON, _l("as long as the person works with the system")),
}
