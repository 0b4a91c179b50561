"""The one policy, role by act: an officer of Lampang never acts on Lamphun's, and lists show what the policy allows."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence

import pytest
from sqlalchemy.orm import Session

from engine import SYSTEM, Actor, NotAuthorized, ProcessEngine, Task, TaskAlreadyClaimed, TaskState
from tests.integration.organization.conftest import CLERK, NOW
from tests.support.bpmn import process
from tests.support.clock import ManualClock
from workflows.cast import people
from workflows.organization.acting import ActingKind, make_order, withdraw_order
from workflows.organization.appointments import leave
from workflows.organization.authority import Authority
from workflows.organization.directory import Directory, capacities_of, capacities_of_any, holders_of
from workflows.organization.roles import ADMIN, CYCLE_DESK

DAY = dt.timedelta(days=1)
LAMPANG, LAMPHUN = "province_strategy@TH-52", "province_strategy@TH-51"
PLANNER, NEIGHBOUR, GOVERNOR, DEPUTY = (
    "demo-th52-planner",
    "demo-th51-planner",
    "demo-th52-governor",
    "demo-th52-deputy",
)
TASK_ACTS = ("claim", "release", "assign", "complete", "save_draft", "set_due")
OTHER_ACTS = (
    "deploy",
    "start",
    "cancel",
    "suspend",
    "resume",
    "set_variables",
    "retry_incident",
    "resolve_incident",
    "correlate",
    "broadcast",
    "fetch_jobs",
    "finish_job",
)


def a_task(*groups: str, users: Sequence[str] = (), assignee: str | None = None, task_id: str = "1") -> Task:
    return Task(
        id=task_id,
        instance_id="1",
        process_id="p",
        version=1,
        definition_id=1,
        business_key=None,
        element_id="draft",
        name="ยกร่าง",
        state=TaskState.ASSIGNED if assignee else TaskState.CREATED,
        assignee=assignee,
        candidate_groups=groups,
        candidate_users=tuple(users),
        form_id=None,
        due_at=None,
        follow_up_at=None,
        priority=50,
        created_at=NOW,
        claimed_at=None,
        ended_at=None,
        completed_by=None,
    )


def may(session: Session, act: str, task: Task, actor: Actor, *, to: str | None = None, at: dt.datetime = NOW) -> bool:
    try:
        Authority(Directory()).check_task(session, act, task, actor, at, assignee=to)
    except (NotAuthorized, TaskAlreadyClaimed):
        return False
    return True


def may_otherwise(session: Session, act: str, actor: Actor) -> bool:
    try:
        Authority(Directory()).check(session, act, actor, NOW, None)
    except NotAuthorized:
        return False
    return True


def in_office(session: Session, office: str) -> Actor:
    return holders_of(session, office, NOW)[0].actor


def everybody(session: Session) -> list[Actor]:
    """All people of the cast in each of their capacities."""
    return [holder.actor for holder in capacities_of_any(session, people(), NOW)]


@pytest.mark.parametrize("group", [LAMPANG, "governor@TH-52", "agency@TH-52-AGRI", "cluster_office@NU1", "nesdc@TH"])
def test_only_those_who_act_in_the_group_may_do_its_task(staffed: Session, group: str) -> None:
    for actor in everybody(staffed):
        doers = {act for act in TASK_ACTS if may(staffed, act, a_task(group), actor, to=actor.id)}

        expected = set(TASK_ACTS) - {"set_due"} if group in actor.groups else set()
        expected |= {"set_due"} if actor.groups & {CYCLE_DESK, ADMIN} else set()
        if ADMIN in actor.groups:
            expected |= {"release"}  # to assign it to himself he may not
        assert doers == expected, actor


def test_an_officer_of_lampang_does_nothing_on_a_task_of_lamphun(staffed: Session) -> None:
    for actor, task in itertools.product(
        [in_office(staffed, LAMPANG), Actor(PLANNER)], [a_task(LAMPHUN), a_task(LAMPHUN, assignee=NEIGHBOUR)]
    ):
        assert not any(may(staffed, act, task, actor, to=who) for act in TASK_ACTS for who in (PLANNER, NEIGHBOUR))


@pytest.mark.parametrize("act", OTHER_ACTS)
def test_repairing_and_deploying_is_the_administrators_and_opening_a_cycle_the_national_desks_too(
    staffed: Session, act: str
) -> None:
    allowed = {actor.capacity for actor in everybody(staffed) if may_otherwise(staffed, act, actor)}

    assert allowed == ({ADMIN, CYCLE_DESK} if act in ("start", "correlate") else {ADMIN})


def test_the_engine_itself_may_do_everything(staffed: Session) -> None:
    assert all(may(staffed, act, a_task(LAMPANG, assignee=PLANNER), SYSTEM) for act in TASK_ACTS)
    assert all(may_otherwise(staffed, act, SYSTEM) for act in OTHER_ACTS)


def test_who_has_the_task_acts_on_it_and_the_colleague_is_told_who_was_faster(staffed: Session) -> None:
    governor, deputy = in_office(staffed, "governor@TH-52"), capacities_of(staffed, DEPUTY, NOW)[1].actor
    task = a_task("governor@TH-52", assignee=GOVERNOR)

    assert all(may(staffed, act, task, governor, to=DEPUTY) for act in TASK_ACTS if act != "set_due")
    assert not any(may(staffed, act, task, deputy, to=DEPUTY) for act in TASK_ACTS)
    with pytest.raises(TaskAlreadyClaimed) as told:
        Authority(Directory()).check_task(staffed, "claim", task, deputy, NOW)
    assert told.value.facts["by"] == GOVERNOR


def test_a_task_goes_only_to_somebody_who_may_do_it(staffed: Session) -> None:
    governor = in_office(staffed, "governor@TH-52")
    task = a_task("governor@TH-52", assignee=GOVERNOR)

    allowed = {person for person in people() if may(staffed, "assign", task, governor, to=person)}

    assert allowed == {GOVERNOR, DEPUTY}
    assert not may(staffed, "assign", task, governor)


def test_the_administrator_brings_a_task_to_somebody_who_may_do_it_and_never_does_it(staffed: Session) -> None:
    admin = in_office(staffed, ADMIN)
    task = a_task("governor@TH-52", assignee=GOVERNOR)

    assert may(staffed, "assign", task, admin, to=DEPUTY)
    assert not may(staffed, "assign", task, admin, to=admin.id)
    assert not may(staffed, "complete", task, admin)
    assert not may(staffed, "claim", a_task("governor@TH-52"), admin)


def test_one_acts_only_in_the_capacity_that_one_names(staffed: Session) -> None:
    own, acting = (holder.actor for holder in capacities_of(staffed, DEPUTY, NOW))

    assert may(staffed, "complete", a_task("governor@TH-52"), acting)
    assert not may(staffed, "complete", a_task("governor@TH-52"), own)
    assert may(staffed, "complete", a_task("governor@TH-52"), Actor(DEPUTY))
    assert not may(staffed, "complete", a_task("governor@TH-52"), Actor(DEPUTY, "governor@TH-52"))
    assert not may(staffed, "complete", a_task(LAMPHUN), Actor(PLANNER, LAMPHUN, frozenset({LAMPHUN})))


def test_when_the_order_ends_the_task_is_free_for_the_others(staffed: Session) -> None:
    acting = capacities_of(staffed, DEPUTY, NOW)[1]
    task = a_task("governor@TH-52", assignee=DEPUTY)
    governor = in_office(staffed, "governor@TH-52")
    assert acting.order is not None
    withdraw_order(staffed, acting.order, end=NOW + DAY, reason="ยกเลิก", actor=CLERK)

    just_before = NOW + DAY - dt.timedelta(microseconds=1)
    assert may(staffed, "complete", task, acting.actor, at=just_before)
    assert not may(staffed, "claim", task, governor, at=just_before)
    assert not any(may(staffed, act, task, acting.actor, to=GOVERNOR, at=NOW + DAY) for act in TASK_ACTS)
    assert may(staffed, "claim", task, governor, at=NOW + DAY)


def test_a_person_named_by_the_diagram_may_do_it_until_they_leave(staffed: Session) -> None:
    named, alone = a_task(users=[PLANNER]), a_task(assignee=PLANNER)
    planner = in_office(staffed, LAMPANG)

    assert may(staffed, "complete", named, planner)
    assert may(staffed, "complete", alone, planner)
    assert not may(staffed, "complete", named, in_office(staffed, LAMPHUN))
    assert not may(staffed, "complete", alone, in_office(staffed, LAMPHUN))
    leave(staffed, PLANNER, at=NOW + DAY, reason="ลาออก", actor=CLERK)
    assert not may(staffed, "complete", named, planner, at=NOW + DAY)
    assert not may(staffed, "complete", alone, planner, at=NOW + DAY)


def test_a_list_shows_exactly_what_the_policy_lets_one_claim(staffed_engine: ProcessEngine) -> None:
    shared = f"{LAMPANG},governor@TH-52"
    for key, groups in (("a", LAMPANG), ("b", LAMPHUN), ("c", shared), ("d", "cluster_head@NU1"), ("e", "cabinet@TH")):
        draft = process(key).start().user_task("draft", groups=groups, form="f").end()
        staffed_engine.deploy({f"{key}.bpmn": draft.xml(), "f.form": b'{"id": "f", "components": []}'})
        staffed_engine.start(key)
    open_now = staffed_engine.tasks(limit=100)

    with staffed_engine.reading() as read:
        for actor in [*everybody(read.session), *(Actor(person) for person in people())]:
            listed = {task.id for task in staffed_engine_tasks(read, actor)}
            allowed = {task.id for task in open_now if may(read.session, "claim", task, actor)}
            assert listed == allowed, actor


def staffed_engine_tasks(read, actor: Actor) -> list[Task]:
    from engine import TaskFilter

    return read.tasks.find(TaskFilter(actor=actor), limit=100)


def test_a_task_returns_to_the_group_at_the_moment_an_order_expires(
    staffed_engine: ProcessEngine, clock: ManualClock
) -> None:
    end = NOW + DAY
    with staffed_engine.unit_of_work() as uow:
        make_order(
            uow.session, PLANNER, "governor@TH-51", kind=ActingKind.ON_BEHALF, number="1/2568", dated=NOW.date(),
            start=NOW, end=end, actor=CLERK, now=NOW,
        )  # fmt: skip
    draft = process("p").start().user_task("draft", groups="governor@TH-51", form="f").end()
    staffed_engine.deploy({"p.bpmn": draft.xml(), "f.form": b'{"id": "f", "components": []}'})
    first, second = (staffed_engine.tasks(instance_id=staffed_engine.start("p").id)[0] for _ in range(2))
    with staffed_engine.reading() as read:
        acting = capacities_of(read.session, PLANNER, NOW)[1].actor
        governor = in_office(read.session, "governor@TH-51")
    staffed_engine.claim(first.id, acting)
    staffed_engine.claim(second.id, governor)

    clock.set(end - dt.timedelta(seconds=1))
    staffed_engine.run_due()
    assert staffed_engine.task(first.id).assignee == PLANNER
    clock.set(end)
    staffed_engine.run_due()

    assert staffed_engine.task(first.id).assignee is None
    assert staffed_engine.task(second.id).assignee == governor.id
    assert [task.id for task in staffed_engine.tasks(actor=governor)] == [first.id, second.id]
    with pytest.raises(NotAuthorized):
        staffed_engine.complete(first.id, {}, acting)
    released = staffed_engine.history(first.instance_id)[-1]
    assert (released.kind, released.actor) == ("task_released", SYSTEM.id)


def test_a_task_stays_with_somebody_who_may_do_it_in_another_position(
    staffed_engine: ProcessEngine, clock: ManualClock
) -> None:
    with staffed_engine.unit_of_work() as uow:
        deputy = capacities_of(uow.session, DEPUTY, NOW)[1]
        assert deputy.order is not None
        withdraw_order(uow.session, deputy.order, end=NOW + DAY, reason="ยกเลิก", actor=CLERK)
    draft = process("p").start().user_task("draft", groups="governor@TH-52,deputy_governor@TH-52", form="f").end()
    staffed_engine.deploy({"p.bpmn": draft.xml(), "f.form": b'{"id": "f", "components": []}'})
    (task,) = staffed_engine.tasks(instance_id=staffed_engine.start("p").id)
    staffed_engine.claim(task.id, deputy.actor)

    clock.set(NOW + 2 * DAY)
    staffed_engine.run_due()

    assert staffed_engine.task(task.id).assignee == DEPUTY


def test_a_suspended_run_stands_in_the_way_of_no_other(staffed_engine: ProcessEngine, clock: ManualClock) -> None:
    draft = process("p").start().user_task("draft", groups="governor@TH-52", form="f").end()
    staffed_engine.deploy({"p.bpmn": draft.xml(), "f.form": b'{"id": "f", "components": []}'})
    held, free = (staffed_engine.tasks(instance_id=staffed_engine.start("p").id)[0] for _ in range(2))
    for task in (held, free):
        staffed_engine.claim(task.id, Actor(DEPUTY))
    staffed_engine.suspend(held.instance_id)
    with staffed_engine.unit_of_work() as uow:
        leave(uow.session, DEPUTY, at=uow.now, reason="ลาออก", actor=CLERK)

    staffed_engine.run_due()

    assert [staffed_engine.task(task.id).assignee for task in (held, free)] == [DEPUTY, None]
    staffed_engine.resume(held.instance_id)
    assert staffed_engine.claim(held.id, Actor(GOVERNOR)).assignee == GOVERNOR
