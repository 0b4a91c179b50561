"""What others owe a plan: data of the agencies, and the member provinces' input to the cluster plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Actor
from workflows.plans.cycles import due_row, units_of
from workflows.plans.documents import find_document
from workflows.plans.errors import PlanNotFound
from workflows.plans.models import ClusterInput, Cycle, CycleUnit, DataReturn, Document
from workflows.plans.states import InputState
from workflows.plans.values import code, mapping, text


def ask_for_data(session: Session, document: Document, agencies: Sequence[Mapping[str, str]]) -> None:
    """Write down who is asked for data, so that who has not answered can be named."""
    session.add_all(
        DataReturn(
            document_id=document.id, unit=agency["unit"], role=agency["role"], name=agency["name"],
            summary="", needs="", source="",
        )
        for agency in agencies
    )  # fmt: skip
    session.flush()


def keep_return(
    session: Session, document: Document, unit: str, returned: object, *, actor: Actor, now: dt.datetime
) -> None:
    """Keep what an agency sent.

    Raises:
        PlanNotFound: The agency was not asked.
    """
    row = session.scalar(select(DataReturn).where(DataReturn.document_id == document.id, DataReturn.unit == unit))
    if row is None:
        raise PlanNotFound(f"Expected an agency that was asked for data, but {unit} was not.", unit=unit)
    values = mapping(returned)
    row.summary = text(values, "summary")
    row.needs = text(values, "needs")
    row.source = text(values, "source")
    row.returned_at = now
    row.returned_by = actor.id
    session.flush()


def members_of(session: Session, cycle: Cycle, cluster: Document) -> list[dict[str, object]]:
    """Return the member provinces of a cluster in this cycle, each with the key of its input."""
    return [
        {"unit": unit.unit, "name": unit.name, "input_key": input_key(cluster.plan_key, unit.unit)}
        for unit in _member_units(session, cycle, cluster)
    ]


def input_key(cluster_key: str, province: str) -> str:
    """Return the key by which a province's input finds the place that waits for it."""
    return f"{cluster_key}/{province}"


def submit_input(
    session: Session, cycle: Cycle, province: Document, given: object, *, actor: Actor, now: dt.datetime
) -> dict[str, object]:
    """Keep a province's input to its cluster plan; after the cut-off it is an addendum.

    Raises:
        PlanNotFound: The province has no cluster in this cycle.
    """
    home = session.get(CycleUnit, (cycle.id, province.unit))
    cluster = find_document(session, f"{cycle.code}/{home.cluster}") if home is not None and home.cluster else None
    if home is None or cluster is None:
        raise PlanNotFound(f"Expected a cluster for {province.unit} in this cycle, but there is none.")
    values = mapping(given)
    closed = cluster.inputs_closed_at is not None
    due = due_row(session, cycle, "cluster_inputs", cluster.unit)
    session.add(
        ClusterInput(
            document_id=cluster.id,
            province=province.unit,
            projects=text(values, "projects"),
            summary=text(values, "summary"),
            received_at=now,
            sent_by=actor.id,
            late=due is not None and now > due.due,
            state=InputState.ADDENDUM if closed else InputState.RECEIVED,
            comment="",
        )
    )
    session.flush()
    key = input_key(cluster.plan_key, province.unit)
    return {"unit": province.unit, "name": home.name, "late": closed, "key": key}


def read_cut_off(session: Session, cycle: Cycle, cluster: Document, *, now: dt.datetime) -> dict[str, object]:
    """Return the cut-off as it stands, and whether it has passed."""
    due = due_row(session, cycle, "cluster_inputs", cluster.unit)
    if due is None:
        return {"at": now, "passed": True}
    return {"at": due.due, "passed": now >= due.due}


def close_inputs(session: Session, cycle: Cycle, cluster: Document, *, now: dt.datetime) -> dict[str, object]:
    """Close the intake of a cluster: what came, and which member provinces are missing, by name."""
    cluster.inputs_closed_at = now
    session.flush()
    names = {unit.unit: unit.name for unit in _member_units(session, cycle, cluster)}
    rows = session.scalars(
        select(ClusterInput).where(ClusterInput.document_id == cluster.id).order_by(ClusterInput.id)
    ).all()
    came = {row.province for row in rows}
    return {
        "inputs": [{"province": names.get(row.province, row.province), "projects": row.projects} for row in rows],
        "missing": [{"unit": unit, "name": name} for unit, name in names.items() if unit not in came],
    }


def settle_addendum(session: Session, cluster: Document, addendum: object) -> None:
    """Take a late input into this edition, or carry it over to the next."""
    values = mapping(addendum)
    state = InputState.ACCEPTED if values.get("outcome") == "accept" else InputState.CARRIED_OVER
    waiting = session.scalars(
        select(ClusterInput).where(
            ClusterInput.document_id == cluster.id,
            ClusterInput.province == text(values, "province"),
            ClusterInput.state == InputState.ADDENDUM,
        )
    )
    for row in waiting:
        row.state = code(InputState, state)
        row.comment = text(values, "comment")
    session.flush()


def carry_over_the_rest(session: Session, cluster: Document) -> None:
    """When the plan is published, late inputs that nobody settled belong to the next edition."""
    waiting = session.scalars(
        select(ClusterInput).where(ClusterInput.document_id == cluster.id, ClusterInput.state == InputState.ADDENDUM)
    )
    for row in waiting:
        row.state = InputState.CARRIED_OVER
    session.flush()


def _member_units(session: Session, cycle: Cycle, cluster: Document) -> list[CycleUnit]:
    return [unit for unit in units_of(session, cycle) if unit.cluster == cluster.unit]
