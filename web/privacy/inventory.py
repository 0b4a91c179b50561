"""What is kept of persons: every table, every column of text, why, on which basis, who sees it, how long, how it goes.

A column of text that stands in no entry fails a test, so that nothing personal is kept without somebody having said
why. `docs/privacy.md` shows the same as a table; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Sort(StrEnum):
    """What a column says about persons."""

    PERSON = "person"  # an id that says nothing by itself
    NAME = "name"  # a person by name
    CONTACT = "contact"  # an address for mail, an account name
    SECRET = "secret"  # noqa: S105 (the name of a sort): password and the like, hashed or sealed; never handed out
    TRACE = "trace"  # where and with what somebody was: network address, browser
    TEXT = "text"  # what people typed; may name persons
    DATA = "data"  # the same, structured (JSON)
    PLAIN = "plain"  # nothing about a person


class Way(StrEnum):
    """How the data of one person go when they are anonymised."""

    ERASED = "erased"  # values are emptied, or give way to a reference that says nothing
    DELETED = "deleted"  # the person's rows go
    REPLACED = "replaced"  # rows stay, names in them give way to that reference
    ATTESTED = "attested"  # the same in the audit trail, which still proves itself
    BY_LAW = "by law"  # rows stay as they are: acts of an office; persons stand in them by an id that says nothing
    NONE = "none"  # nothing personal is in it


@dataclass(frozen=True, slots=True)
class Kept:
    """One table."""

    table: str
    why: str
    basis: str
    seen_by: str
    until: str
    way: Way
    columns: dict[str, Sort]

    def of(self, *sorts: Sort) -> list[str]:
        """Return the columns of these sorts."""
        return [name for name, sort in self.columns.items() if sort in sorts]


OFFICE: Final = "public task, s. 24 (4)"
DUTY: Final = "legal duty, s. 24 (6)"
SAFETY: Final = "legitimate interest, s. 24 (5): safety of the system"
PLAN: Final = "who sees the plan"
ADMINISTRATORS: Final = "administrators"
NOBODY: Final = "nobody"
ARCHIVED: Final = "as long as the plan, an official record"


def _table(table: str, way: Way, columns: str, facts: tuple[str, str, str, str]) -> Kept:
    sorts = {}
    for part in columns.split():
        sort, _sign, names = part.partition(":")
        sorts.update(dict.fromkeys(names.split(","), Sort(sort)))
    return Kept(table, *facts, way, sorts)


_ENGINE_STATE: Final = ("running the process", OFFICE, ADMINISTRATORS, ARCHIVED)
_NOTHING: Final = ("no data of persons", "–", "–", "–")
_RECORD: Final = ("official record of what was decided", DUTY, PLAN, ARCHIVED)

INVENTORY: Final = (
    # the organisation
    _table(
        "org_person",
        Way.ERASED,
        "person:id name:name contact:email",
        (
            "who may act",
            OFFICE,
            "colleagues; the name wherever the person acted",
            "until anonymised, on request or in the yearly review",
        ),
    ),
    _table(
        "org_holding",
        Way.REPLACED,
        "person:person_id,recorded_by,ended_by plain:position text:end_reason",
        ("who held which position when", DUTY, ADMINISTRATORS, ARCHIVED),
    ),
    _table(
        "org_acting_order",
        Way.REPLACED,
        "person:person_id,recorded_by,ended_by plain:position,kind,number text:end_reason",
        ("who acted for whom by which order", DUTY, PLAN, ARCHIVED),
    ),
    _table("org_unit", Way.NONE, "plain:code,kind,name_th,name_en,parent,sector", _NOTHING),
    _table("org_position", Way.NONE, "plain:code,role,unit", _NOTHING),
    _table("org_cluster_membership", Way.NONE, "plain:province,cluster,source", _NOTHING),
    # accounts
    _table(
        "web_account",
        Way.ERASED,
        "person:person_id contact:login secret:password_hash",
        ("signing in", OFFICE, ADMINISTRATORS, "as long as the person"),
    ),
    _table(
        "web_session",
        Way.DELETED,
        "secret:token_hash,authority plain:stage,capacity,end_reason trace:address,browser",
        ("who is signed in where", SAFETY, "the person", "SAANPHAEN_KEEP_SESSIONS days after its end"),
    ),
    _table(
        "web_second_factor", Way.DELETED, "secret:sealed", ("second step of signing in", SAFETY, NOBODY, "until reset")
    ),
    _table(
        "web_recovery_code",
        Way.DELETED,
        "secret:handle,code_hash",
        ("second step of signing in", SAFETY, NOBODY, "until reset"),
    ),
    _table(
        "web_throttle",
        Way.DELETED,
        "contact:key trace:address",
        ("slowing down who guesses passwords", SAFETY, NOBODY, "a day after the last attempt"),
    ),
    _table(
        "web_privacy_act",
        Way.BY_LAW,
        "plain:kind,counts person:person_id,actor plain:capacity text:reason",
        ("proof of what was done with data of persons (s. 39)", DUTY, ADMINISTRATORS, "for good"),
    ),
    _table("web_worker", Way.NONE, "plain:name", _NOTHING),
    _table("web_anchor_delivery", Way.NONE, "plain:channel", _NOTHING),
    # work
    _table(
        "web_task_draft",
        Way.DELETED,
        "plain:task_id person:person_id data:typed,previous",
        ("what was typed and not sent", OFFICE, "who may do the task", "SAANPHAEN_KEEP_DRAFTS days unchanged"),
    ),
    _table(
        "note_notification",
        Way.DELETED,
        "person:person_id plain:kind,key data:facts",
        ("what a person was told", OFFICE, "the person", "SAANPHAEN_KEEP_NOTIFICATIONS days"),
    ),
    _table(
        "clock_clock",
        Way.REPLACED,
        "plain:business_key,process_id,element_id,name,unit,groups,started_by,rule,basis,state person:users,assignee",
        ("until when a task is due", OFFICE, PLAN, ARCHIVED),
    ),
    _table(
        "clock_event",
        Way.BY_LAW,
        "plain:kind,capacity,order_ref person:actor text:reason data:told",
        ("what happened to a due date, and who was reminded", DUTY, PLAN, ARCHIVED),
    ),
    # plans
    _table(
        "plan_file_read",
        Way.BY_LAW,
        "plain:name,sha256,capacity,way person:person_id",
        (
            "who read which file (s. 37)",
            SAFETY,
            "who writes or heads the plan; administrators; the person",
            "SAANPHAEN_KEEP_READS days",
        ),
    ),
    _table("plan_file", Way.BY_LAW, "plain:role,media_type,sha256,capacity text:name person:uploaded_by", _RECORD),
    _table("plan_edition", Way.BY_LAW, "plain:state,hash,capacity text:note person:created_by", _RECORD),
    _table(
        "plan_decision",
        Way.BY_LAW,
        "plain:body,subject,outcome,edition_hash,meeting_no,capacity text:comment person:actor",
        _RECORD,
    ),
    _table("plan_cycle_reissue", Way.BY_LAW, "text:reason plain:order_ref,capacity person:actor", _RECORD),
    _table(
        "plan_observation",
        Way.REPLACED,
        "plain:unit,body,owner,state,closed_capacity text:text,proof person:closed_by",
        _RECORD,
    ),
    _table(
        "plan_attendance",
        Way.REPLACED,
        "plain:sector,presence name:name",
        ("who came to a consultation", DUTY, PLAN, ARCHIVED),
    ),
    _table(
        "plan_invitation",
        Way.REPLACED,
        "plain:sector,unit,role name:name",
        ("who was invited to a consultation", DUTY, PLAN, ARCHIVED),
    ),
    _table(
        "plan_opinion",
        Way.REPLACED,
        "plain:sector,channel,disposition name:speaker text:on_what,text,reason person:answered_by",
        ("what was said in a consultation and what became of it", DUTY, PLAN, ARCHIVED),
    ),
    _table("plan_consultation", Way.REPLACED, "text:place,summary plain:channel,letter_number", _RECORD),
    _table(
        "plan_data_return",
        Way.REPLACED,
        "plain:unit,role text:name,summary,needs,source person:returned_by",
        ("what an agency sent to a plan", OFFICE, PLAN, ARCHIVED),
    ),
    _table(
        "plan_cluster_input",
        Way.REPLACED,
        "plain:province,state text:projects,summary,comment person:sent_by",
        ("what a province sent to its cluster", OFFICE, PLAN, ARCHIVED),
    ),
    _table(
        "plan_step",
        Way.REPLACED,
        "plain:process_id,element_id,stage,task_id,name,groups,due_step,state,capacity,outcome person:actor",
        _RECORD,
    ),
    _table(
        "plan_document",
        Way.NONE,
        "plain:unit,level,plan_key,title,state,review_stage,submission_number,url,emenscr_code",
        _NOTHING,
    ),
    _table(
        "plan_cycle",
        Way.REPLACED,
        "plain:code,name,kind,state,cabinet_verb,circular_number person:opened_by",
        _RECORD,
    ),
    _table("plan_cycle_due", Way.NONE, "plain:step,unit", _NOTHING),
    _table("plan_cycle_unit", Way.NONE, "plain:unit,level,name,region,cluster", _NOTHING),
    _table("plan_setting", Way.NONE, "plain:name,value", _NOTHING),
    _table("cal_holiday", Way.NONE, "plain:area,name,kind,source", _NOTHING),
    _table(
        "cal_revision",
        Way.REPLACED,
        "plain:stamp person:by text:note",
        ("who changed the calendar", OFFICE, ADMINISTRATORS, "for good: dates were counted by it"),
    ),
    # the engine
    _table(
        "bpm_history",
        Way.ATTESTED,
        "person:actor plain:capacity,kind,element_id,hash data:details",
        ("audit trail of every process", DUTY, PLAN, ARCHIVED),
    ),
    _table("bpm_anchor", Way.NONE, "plain:content,signature", _NOTHING),
    _table(
        "bpm_process_instance",
        Way.REPLACED,
        "plain:business_key,state,parent_wait_id,parent_part,parent_element_id,message_name,message_key,history_head "
        "person:started_by text:end_reason data:variables",
        _ENGINE_STATE,
    ),
    _table("bpm_state_part", Way.REPLACED, "plain:part data:data", _ENGINE_STATE),
    _table(
        "bpm_task",
        Way.REPLACED,
        "plain:business_key,wait_id,part,element_id,name,state,candidate_groups,form_id "
        "person:assignee,candidate_users,completed_by",
        ("who has which task", OFFICE, PLAN, ARCHIVED),
    ),
    _table(
        "bpm_task_candidate",
        Way.REPLACED,
        "person:candidate,assignee",
        ("who may take a task", OFFICE, PLAN, "until it is done"),
    ),
    _table("bpm_task_name", Way.NONE, "plain:element_id,words", _NOTHING),
    _table("bpm_subject", Way.NONE, "plain:key,words", _NOTHING),
    _table(
        "bpm_job",
        Way.REPLACED,
        "plain:kind,type,element_id,wait_id,part,state,lock_owner text:error data:payload",
        _ENGINE_STATE,
    ),
    _table("bpm_incident", Way.REPLACED, "plain:element_id,code,state text:message person:resolved_by", _ENGINE_STATE),
    _table("bpm_message", Way.REPLACED, "plain:name,correlation_key,message_id,state data:variables", _ENGINE_STATE),
    _table("bpm_subscription", Way.NONE, "plain:kind,name,correlation_key,element_id,wait_id,part", _NOTHING),
    _table(
        "bpm_outbox", Way.REPLACED, "plain:topic data:payload", ("facts to be sent on", OFFICE, NOBODY, "until sent")
    ),
    _table(
        "bpm_command",
        Way.REPLACED,
        "plain:key,digest data:answer",
        ("doing nothing twice", OFFICE, NOBODY, "30 days"),
    ),
    _table(
        "bpm_deployment",
        Way.REPLACED,
        "person:author plain:capacity,warnings text:note",
        ("who changed a process", DUTY, ADMINISTRATORS, "as long as the process"),
    ),
    _table(
        "bpm_process_definition",
        Way.REPLACED,
        "plain:key,version_tag,name,bundle_hash,file person:author text:note",
        ("who changed a process", DUTY, ADMINISTRATORS, "as long as the process"),
    ),
    _table("bpm_bundle_file", Way.NONE, "plain:name,kind,form_id,sha256", _NOTHING),
    _table("bpm_decision", Way.NONE, "plain:key,version_tag,name,file,files", _NOTHING),
    _table("bpm_resource", Way.NONE, "plain:sha256,content", _NOTHING),
)
"""Every table of the product; diagrams and forms (`bpm_resource`) may not name persons, which is the author's duty."""

BY_TABLE: Final = {kept.table: kept for kept in INVENTORY}
PERSONAL: Final = tuple(kept for kept in INVENTORY if kept.way is not Way.NONE)


def as_markdown() -> str:
    """Return the inventory as the table of docs/privacy.md: what is personal, table by table."""
    heads = ("table", "columns about persons", "why", "basis (PDPA)", "seen by", "kept", "when anonymised")
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    for kept in INVENTORY:
        if kept.way is Way.NONE:
            continue
        named = "; ".join(
            f"{sort}: {', '.join(f'`{name}`' for name in names)}"
            for sort in Sort
            if sort is not Sort.PLAIN and (names := kept.of(sort))
        )
        cells = (f"`{kept.table}`", named, kept.why, kept.basis, kept.seen_by, kept.until, str(kept.way))
        lines.append(f"| {' | '.join(cells)} |")
    others = ", ".join(f"`{kept.table}`" for kept in INVENTORY if kept.way is Way.NONE)
    return "\n".join([*lines, "", f"Nothing about persons: {others}."])
