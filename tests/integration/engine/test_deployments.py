"""Deployments: immutable versions by content, one number each, the files of a version to be read again."""

from __future__ import annotations

import json
import threading

import pytest

from engine import DeploymentRejected, EngineError, InvalidArgument, NotFound, ProcessEngine, ProcessNotFound
from tests.support.bpmn import Builder, process
from tests.support.driver import Driver

FORM = json.dumps({"id": "ask-form", "type": "default", "components": []}).encode()


def simple(task: str = "work") -> Builder:
    return process("p", "กระบวนการ").start().user_task(task, form="ask-form").end()


def files(task: str = "work", form: bytes = FORM) -> dict[str, bytes]:
    return {"p.bpmn": simple(task).xml(), "ask.form": form}


def test_the_same_bytes_make_no_new_version(driver: Driver) -> None:
    first = driver.engine.deploy(files(), actor="ann", note="ครั้งแรก")
    again = driver.engine.deploy(files(), actor="bob")

    (definition,) = first.definitions
    assert (definition.key, definition.version, definition.name, definition.author) == ("p", 1, "กระบวนการ", "ann")
    assert definition.note == "ครั้งแรก"
    assert first.created
    assert not again.created
    assert again.definitions == first.definitions


def test_a_changed_form_is_a_new_version(driver: Driver) -> None:
    driver.engine.deploy(files())
    changed = json.dumps({"id": "ask-form", "type": "default", "components": [{"type": "text", "text": "x"}]}).encode()

    second = driver.engine.deploy(files(form=changed))

    assert second.definitions[0].version == 2


def test_going_back_to_old_bytes_is_a_new_version(driver: Driver) -> None:
    for task in ("a", "b", "a"):
        driver.engine.deploy(files(task))

    with driver.engine.reading() as reading:
        assert [found.version for found in reading.deployments.find(process_id="p")] == [3, 2, 1]
        assert reading.deployments.latest("p").version == 3
        with pytest.raises(ProcessNotFound):
            reading.deployments.latest("nothing")


def test_running_instances_keep_their_version(driver: Driver) -> None:
    driver.engine.deploy(files("old"))
    old = driver.start("p")
    driver.engine.deploy(files("new"), version_tag="2570")

    assert driver.open(old) == ["old"]
    assert driver.open(driver.start("p")) == ["new"]
    assert driver.open(driver.start("p", version=1)) == ["old"]
    assert driver.open(driver.start("p", version_tag="2570")) == ["new"]
    with driver.engine.reading() as reading:
        counts = reading.instances.count_by_version("p")
    assert sorted(found["active"] for found in counts.values()) == [2, 2]


def test_the_files_of_a_version_can_be_read(driver: Driver) -> None:
    definition = driver.engine.deploy({**files(), "unused.form": FORM.replace(b"ask-form", b"other")}).definitions[0]

    with driver.engine.reading() as reading:
        deployments = reading.deployments
        assert deployments.xml(definition.id) == simple().xml()
        assert deployments.resource(definition.id, "ask.form") == FORM
        assert deployments.form(definition.id, "ask-form") == FORM
        assert deployments.resources(definition.id) == ["ask.form", "p.bpmn"]
        assert deployments.process(definition.id).elements["work"].kind == "userTask"
        with pytest.raises(NotFound):
            deployments.form(definition.id, "other")


def test_what_the_gate_refuses_is_refused_whole_with_every_problem(driver: Driver) -> None:
    bad = process("bad").start().service_task("one", "").service_task("two", "").end()

    with pytest.raises(DeploymentRejected) as refused:
        driver.engine.deploy({**files(), "bad.bpmn": bad.xml()})

    assert {problem.element_id for problem in refused.value.problems} >= {"one", "two"}
    with pytest.raises(ProcessNotFound):
        driver.start("p")


def test_administrators_who_deploy_at_once_all_succeed_with_versions_of_their_own(driver: Driver) -> None:
    driver.engine.deploy(files("first"))
    engines = [ProcessEngine.open(driver.url, clock=driver.clock) for _ in range(4)]
    failed = []

    def deploy(number: int) -> None:
        try:
            engines[number].deploy(files(f"task{number}"), actor=f"admin{number}")
        except EngineError as error:
            failed.append(error)

    threads = [threading.Thread(target=deploy, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for engine in engines:
        engine.close()

    assert failed == []
    with driver.engine.reading() as reading:
        assert [found.version for found in reading.deployments.find(process_id="p")] == [5, 4, 3, 2, 1]


def test_text_in_place_of_bytes_is_refused_in_words(memory_driver: Driver) -> None:
    given = {name: content.decode() for name, content in process("p").start().end().file().items()}

    with pytest.raises(InvalidArgument, match=r"Expected the bytes of each file, but 'p\.bpmn' is none"):
        memory_driver.engine.deploy(given)
