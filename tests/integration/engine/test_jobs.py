"""Jobs: external work is leased and fenced, handlers work in the transaction, failures back off and become incidents."""

from __future__ import annotations

import datetime as dt

import pytest

from engine import (
    BpmnError,
    ConcurrentUpdate,
    DatabaseUnavailable,
    EngineError,
    HandlerContext,
    Job,
    JobKind,
    JobNotFound,
    JobNotLocked,
    ProcessEngine,
)
from engine.execution.run import Run
from engine.execution.transaction import Transaction
from engine.services import jobs
from tests.support.bpmn import process
from tests.support.driver import Driver

HOUR = dt.timedelta(hours=1)


def test_a_job_that_another_worker_does_between_look_and_lock_stays_done(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = Driver(postgres_url)
    driver.deploy(process("p").start().catch("wait", timer="PT1H").end())
    driver.start("p")
    driver.clock.advance(hours=2)
    (job_id,) = (job.id for job in open_jobs(driver))
    faster = ProcessEngine.open(driver.url, clock=driver.clock)
    lock = jobs.lock_run_or_skip

    def lock_too_late(tx: Transaction, instance_id: int) -> Run | None:
        monkeypatch.undo()
        faster.run_job(job_id)
        return lock(tx, instance_id)

    monkeypatch.setattr(jobs, "lock_run_or_skip", lock_too_late)
    assert driver.engine.run_job(job_id) == "gone"

    faster.close()
    with driver.engine.reading() as read:
        assert read.jobs.get(job_id).state == "done"
    driver.close()


def open_jobs(driver: Driver) -> list[Job]:
    with driver.engine.reading() as read:
        return read.jobs.find()


def test_external_work_is_leased_finished_and_hands_its_variables_on(driver: Driver) -> None:
    driver.deploy(process("p").start().service_task("mail", "send", headers={"to": "x"}).user_task("after").end())
    run = driver.start("p", {"n": 1})

    (job,) = driver.engine.fetch_jobs("send", worker="w1")
    assert (job.kind, job.variables["n"], job.headers) == (JobKind.EXTERNAL, 1, {"to": "x"})
    assert driver.engine.fetch_jobs("send", worker="w2") == []
    driver.engine.finish_job(job.id, {"sent": True}, worker="w1")

    assert driver.variables(run) == {"n": 1, "sent": True}
    assert driver.open(run) == ["after"]


def test_a_lease_that_runs_out_is_taken_by_the_next_and_the_first_is_fenced_off(driver: Driver) -> None:
    driver.deploy(process("p").start().service_task("mail", "send").user_task("after").end())
    driver.start("p")
    (job,) = driver.engine.fetch_jobs("send", worker="w1", lock=dt.timedelta(minutes=1))
    driver.clock.advance(minutes=2)

    (again,) = driver.engine.fetch_jobs("send", worker="w2")
    assert again.id == job.id
    with pytest.raises(JobNotLocked):
        driver.engine.finish_job(job.id, worker="w1")
    driver.engine.finish_job(job.id, worker="w2")
    with pytest.raises(JobNotLocked):
        driver.engine.finish_job(job.id, worker="w2")
    with pytest.raises(JobNotFound):
        driver.engine.finish_job(4711, worker="w2")


def test_failed_work_backs_off_then_becomes_an_incident_that_can_be_retried(driver: Driver) -> None:
    driver.deploy(process("p").start().service_task("mail", "send", retries="2").user_task("after").end())
    run = driver.start("p")
    (job,) = driver.engine.fetch_jobs("send")
    failed = driver.engine.fail_job(job.id, "no route")
    assert (failed.retries, failed.state) == (1, "waiting")
    assert driver.engine.fetch_jobs("send") == []
    driver.clock.advance(hours=1)
    (job,) = driver.engine.fetch_jobs("send")
    assert driver.engine.fail_job(job.id, "no route").state == "failed"

    (incident,) = driver.engine.incidents(instance_id=run.id)
    assert (incident.element_id, incident.message) == ("mail", "no route")
    assert driver.engine.instance(run.id).has_incident
    driver.engine.retry_incident(incident.id, "admin")
    (job,) = driver.engine.fetch_jobs("send")
    driver.engine.finish_job(job.id)

    assert driver.engine.incidents() == []
    assert not driver.engine.instance(run.id).has_incident
    assert driver.open(run) == ["after"]


def test_a_business_error_of_a_worker_reaches_its_boundary_event(driver: Driver) -> None:
    driver.deploy(
        process("p")
        .start()
        .service_task("check", "check")
        .end()
        .boundary("check", "bad", error="INVALID")
        .user_task("repair")
        .end("e2")
    )
    run = driver.start("p")
    (job,) = driver.engine.fetch_jobs("check")

    driver.engine.throw_error(job.id, "INVALID", "no", {"why": "x"})

    assert driver.open(run) == ["repair"]


def test_a_business_error_that_nobody_catches_is_an_incident(driver: Driver) -> None:
    driver.deploy(process("p").start().service_task("check", "check").end())
    run = driver.start("p")
    (job,) = driver.engine.fetch_jobs("check")

    driver.engine.throw_error(job.id, "INVALID", "no")

    (incident,) = driver.engine.incidents(instance_id=run.id)
    assert (incident.code, incident.element_id) == ("unhandled_error", "check")
    assert driver.state(run) == "active"


def test_a_handler_works_in_the_engines_transaction(driver: Driver) -> None:
    seen = []

    def greet(context):
        seen.append((context.business_key, context.element_id, dict(context.variables)))
        return {"greeting": "สวัสดี"}

    driver.plug(handlers={"greet": greet})
    driver.deploy(process("p").start().service_task("hello", "greet").user_task("after").end())

    run = driver.start("p", {"n": 1}, "key")

    assert seen == [("key", "hello", {"n": 1})]
    assert driver.variables(run) == {"n": 1, "greeting": "สวัสดี"}


def test_a_failing_handler_does_not_lose_what_the_person_did(driver: Driver) -> None:
    broken = [True]

    def act(_context):
        if broken:
            raise RuntimeError("printer on fire")
        return {"done": True}

    driver.plug(handlers={"act": act})
    driver.deploy(process("p").start().user_task("ask").service_task("do", "act").user_task("after").end())
    run = driver.start("p")

    driver.complete("ask", {"answer": 42}, "ann")

    assert driver.variables(run)["answer"] == 42
    assert driver.kinds(run).count("task_completed") == 1
    for _ in range(3):
        driver.pass_time(hours=2)
    (incident,) = driver.engine.incidents(instance_id=run.id)
    assert (incident.element_id, incident.code) == ("do", "handler_error")
    assert "printer on fire" in incident.message
    broken.clear()
    driver.engine.retry_incident(incident.id, "admin")

    assert driver.open(run) == ["after"]
    assert driver.variables(run)["done"] is True
    assert driver.engine.incidents() == []
    assert driver.engine.verify_audit().verified


def test_what_a_failing_handler_wrote_is_undone(driver: Driver) -> None:
    from sqlalchemy import text

    with driver.engine.unit_of_work() as uow:
        uow.session.execute(text("CREATE TABLE host_note (words TEXT)"))

    def act(context):
        context.session.execute(text("INSERT INTO host_note VALUES ('x')"))
        raise RuntimeError("no")

    driver.plug(handlers={"act": act})
    driver.deploy(process("p").start().user_task("ask").service_task("do", "act").end())
    driver.start("p")

    driver.complete("ask", {"answer": 42})

    with driver.engine.reading() as reading:
        assert reading.session.execute(text("SELECT count(*) FROM host_note")).scalar() == 0


def test_a_handler_may_throw_a_business_error(driver: Driver) -> None:
    def act(_context):
        raise BpmnError("REFUSED", "no", {"why": "late"})

    driver.plug(handlers={"act": act})
    driver.deploy(
        process("p")
        .start()
        .service_task("do", "act")
        .end()
        .boundary("do", "no", error="REFUSED")
        .user_task("fix")
        .end("e2")
    )

    run = driver.start("p")

    assert driver.open(run) == ["fix"]


def test_an_expression_that_fails_is_an_incident_at_once_and_goes_on_after_repair(driver: Driver) -> None:
    driver.deploy(
        process("p").start().user_task("ask").exclusive("g").flow_if("= size > 3").end("big").at("g").flow_if("= size <= 3").user_task("small").end("e2")
    )  # fmt: skip
    run = driver.start("p")

    driver.complete("ask", {"size": "no number"}, "ann")

    (incident,) = driver.engine.incidents(instance_id=run.id)
    assert incident.element_id == "g"
    driver.engine.set_variables(run.id, {"size": 2}, reason="typing mistake", actor="admin")
    if driver.engine.incidents(instance_id=run.id):
        driver.engine.retry_incident(incident.id, "admin")

    assert driver.open(run) == ["small"]
    assert driver.engine.incidents() == []


def test_a_suspended_run_does_nothing_until_it_is_resumed(driver: Driver) -> None:
    from engine import InstanceNotActive

    driver.deploy(process("p").start().parallel("fork").catch("wait", timer="PT1H").user_task("after").end())
    run = driver.start("p")
    driver.engine.suspend(run.id, reason="court order", actor="admin")

    assert driver.pass_time(hours=2) == 0
    driver.engine.resume(run.id, actor="admin")
    assert driver.engine.run_due() == 1
    task = driver.task("after", run)
    driver.engine.suspend(run.id)
    with pytest.raises(InstanceNotActive):
        driver.engine.complete(task.id)


@pytest.mark.parametrize("trouble", [ConcurrentUpdate, DatabaseUnavailable])
def test_what_goes_wrong_after_a_command_is_not_told_as_its_failure(
    memory_driver: Driver, monkeypatch: pytest.MonkeyPatch, trouble: type[EngineError]
) -> None:
    """The task is completed and stays so; the job that failed cannot even be marked, and is left to the worker."""
    broken = [True]

    def act(_context: HandlerContext) -> dict[str, object]:
        if broken:
            raise RuntimeError("printer on fire")
        return {}

    def refuse(*_arguments: object) -> None:
        raise trouble

    driver = memory_driver.plug(handlers={"act": act})
    driver.deploy(process("p").start().user_task("ask").service_task("do", "act").user_task("after").end())
    run = driver.start("p")

    with monkeypatch.context() as patch:
        patch.setattr(jobs.Jobs, "record_failure", refuse)
        assert driver.complete("ask").state == "completed"
        assert driver.engine.run_due() == 0
    assert driver.kinds(run).count("task_completed") == 1
    broken.clear()
    driver.engine.run_due()

    assert driver.open(run) == ["after"]


def test_a_handler_is_tried_as_often_as_its_element_says(driver: Driver) -> None:
    tried: list[str] = []

    def act(context: HandlerContext) -> dict[str, object]:
        tried.append(context.element_id)
        raise RuntimeError("printer on fire")

    driver.plug(handlers={"act": act})
    case = process("p").start().parallel("split").service_task("once", "act", retries="1").end("e1")
    driver.deploy(case.at("split").service_task("often", "act", retries="= n").end("e2"))
    driver.start("p", {"n": 5})
    assert [incident.element_id for incident in driver.engine.incidents()] == ["once"]

    tried.clear()
    for _ in range(10):
        driver.pass_time(hours=2)

    assert tried == ["often"] * 4
    assert {incident.element_id for incident in driver.engine.incidents()} == {"once", "often"}
