"""How a row of the access table is asked for: the address of an object as seen by somebody, and the form that is sent."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.support.walls import (
    A_FORM,
    A_PROCESS,
    CYCLE,
    FAR_CYCLE,
    FINISHED,
    KRABI,
    LAMPANG,
    LAMPHUN,
    PDF,
    Identity,
    Walls,
    person_of,
)

UNKNOWN_ID: Final = "99999999"
PLANS: Final = {
    "own_plan": LAMPANG,
    "cluster_plan": f"{CYCLE}/NU1",
    "neighbour_plan": LAMPHUN,
    "region_plan": f"{CYCLE}/TH-57",
    "far_plan": KRABI,
    "finished_plan": FINISHED,
    "unknown": f"{CYCLE}/TH-99",
}
FILES: Final = {
    "own_plan": (LAMPANG, "draft"),
    "finished_plan": (FINISHED, "decided"),
    "neighbour_plan": (LAMPHUN, "neighbour"),
    "far_plan": (KRABI, "far"),
    "foreign_here": (LAMPANG, "far"),
    "unknown": (LAMPANG, ""),
    "unknown_plan": (f"{CYCLE}/TH-99", ""),
}
REMARKS: Final = {
    "own_plan": (LAMPANG, "open"),
    "neighbour_plan": (LAMPHUN, "neighbour"),
    "far_plan": (KRABI, "far"),
    "foreign_here": (LAMPANG, "far"),
    "unknown": (LAMPANG, ""),
    "unknown_plan": (f"{CYCLE}/TH-99", ""),
}
CYCLES: Final = {"cycle": CYCLE, "far_cycle": FAR_CYCLE, "finished_cycle": "FY2566-NEW", "unknown": "FY2599-NEW"}
NEW_CYCLE: Final[Mapping[str, Any]] = {
    "v:fiscal_year": "2572",
    "v:kind": "revision",
    "v:plan_from": "2571",
    "v:plan_to": "2575",
    "v:cabinet_verb": "approve_with_observations",
    "v:notice_days": "3",
    "unit": ["TH-52"],
}
ANOTHER_DATE: Final[Mapping[str, Any]] = {
    "v:step": "work_plan",
    "v:unit": "*",
    "v:due:day": "20",
    "v:due:month": "3",
    "v:due:year": "2569",
    "v:reason": "อุทกภัยในพื้นที่",
    "v:order_ref": "มติ ครม. 10 มีนาคม 2569",
}


def a_version() -> dict[str, Any]:
    """Return the files of a version as a form sends them."""
    return {"files": [(io.BytesIO(A_PROCESS), "wall.bpmn"), (io.BytesIO(A_FORM), "note.form")]}


def address_of(world: Walls, who: Identity, address: str, thing: str) -> str | None:
    """Return the address of an object; None where there is none, or where what is far lies at home for them."""
    if who.far and thing.startswith("far_"):
        return None
    parts = dict(_parts(world, who, address, thing))
    if None in parts.values():
        return None
    for place, value in parts.items():
        address = address.replace(place, str(value))
    return address


def _parts(world: Walls, who: Identity, address: str, thing: str) -> Iterator[tuple[str, str | int | None]]:
    """Yield what stands in the places of an address."""
    known = thing != "unknown"
    if "<task_id>" in address:
        yield "<task_id>", task_of(world, who, thing)
    if "<cycle>/<unit>" in address:
        plan, part = PLANS.get(thing, ""), ""
        if "<int:file_id>" in address:
            plan, part = FILES[thing]
        if "<int:observation_id>" in address:
            plan, part = REMARKS[thing]
        yield "<cycle>/<unit>", plan
        yield "<int:file_id>", world.files.get(part, UNKNOWN_ID)
        yield "<int:observation_id>", world.remarks.get(part, UNKNOWN_ID)
    if "<int:message_id>" in address:
        found = {"own_record": who.name, "foreign_record": another(who)}.get(thing, "")
        yield "<int:message_id>", world.messages.get(found, UNKNOWN_ID)
    yield "<code>", CYCLES.get(thing, "")
    yield "<int:account_id>", world.account if known else UNKNOWN_ID
    yield "<int:incident_id>", world.case if known else UNKNOWN_ID
    yield "<int:definition_id>", world.definition if known else UNKNOWN_ID
    yield "<person_id>", "wall-home-governor" if known else UNKNOWN_ID
    yield "<instance_id>", world.run if known else UNKNOWN_ID
    yield "<path:name>", "note.form"
    yield "<path:filename>", "mark.svg" if known else "none.svg"
    yield "<any(suspend, resume, cancel):act>", "suspend"


def another(who: Identity) -> str:
    """Return somebody else."""
    return "home-cabinet" if who.name != "home-cabinet" else "home-nesdc"


def task_of(world: Walls, who: Identity, thing: str) -> str | None:
    """Return the id of a task as the table names it: always that of the office at home, also for those far away."""
    name = who.name if (who.name, "own") in world.tasks else f"home-{who.role}"
    other = "nesdc" if who.role == "cabinet" else "cabinet"
    found = {
        "own": (name, "own"),
        "finished": (name, "finished"),
        "next_step": (name, "next"),
        "open": (who.role, "open"),
        "colleague": (who.role, "colleague"),
        "other_office": (other, "open"),
        "far_office": (who.role, "far"),
    }
    return UNKNOWN_ID if thing == "unknown" else world.tasks.get(found[thing])


def form_of(world: Walls, who: Identity, endpoint: str, thing: str) -> Mapping[str, Any]:
    """Return what is typed: an honest form, so that only the access decides about the answer."""
    foreign = world.sessions[another(who)]
    forms: dict[str, Mapping[str, Any]] = {
        "accounts.capacity": {"capacity": _capacity(world, who, thing)},
        "accounts.demo_switch": {"person": "wall-home-cabinet"},
        "own_sessions.end": {
            "session": {"own_record": world.sessions[who.name], "foreign_record": foreign}.get(thing, UNKNOWN_ID)
        },
        "accounts.sign_in_submit": {"login": "nobody", "password": "nothing at all"},
        "cycles.create": NEW_CYCLE,
        "cycles.reissue_submit": ANOTHER_DATE,
        "notifications.read_all": {"upto": UNKNOWN_ID},
        "operations.repair": {"name": "budget", "kind": "number", "value": "1", "reason": "x"},
        "plans.files.upload": {"file": (io.BytesIO(PDF), "a.pdf"), "role": "plan"},
        "plans.observations.close": {"edition": "1", "proof": "หน้า 3"},
        "privacy.file": {"reason": "x"},
        "privacy.take_out": {"reason": "x", "sure": "1"},
        "preferences.language": {"language": "en"},
        "processes.act_on_instance": {"reason": "x"},
        "processes.choose": {"ad_hoc": "x", "element": "y"},
        "processes.deploy_submit": a_version(),
        "tasks.complete": {"v:note": "x"},
        "tasks.draft": {"v:note": "x"},
        "tasks.hand_over": {"colleague": f"wall-colleague-{who.role}", "reason": "x"},
    }
    return forms.get(endpoint, {})


def _capacity(world: Walls, who: Identity, thing: str) -> str:
    if thing != "own_record":
        return "governor@TH-58"
    with world.product.engine.reading() as read:
        held = world.product.app.extensions["saanphaen"].directory.capacities_of(read.session, person_of(who), read.now)
    return held[0].id if held else "none"
