"""Business rule tasks: which version of a decision they make, what history keeps of it, and what stops them."""

from __future__ import annotations

from typing import Any

import pytest

from engine import DeploymentRejected
from tests.support.bpmn import Builder, process
from tests.support.driver import Driver
from tests.unit.decisions.models import decision, dmn, input_data, literal, needs, table


def speed(fast: str = '"fast"', **more: str) -> dict[str, bytes]:
    """A file with one decision: over 10 points is fast, over 5 is slow; more than one rule must not match."""
    rules = [["> 10", fast], ["[5..10]", '"slow"'], ["10", '"both"']]
    body = decision("speed", table(["points"], ["speed"], rules), needs=needs("input:points"))
    return {"speed.dmn": dmn(input_data("points", "number") + body.replace("<rule>", '<rule id="r">', 1), **more)}


def asking(**more: Any) -> Builder:
    return process("p").start().decide("ask", "_speed", "answer", **more).user_task("after").end()


def deploy(driver: Driver, *builders: Builder, decisions: dict[str, bytes] | None = None, **options: Any) -> Any:
    files = dict(decisions or {})
    for builder in builders:
        files |= builder.file()
    return driver.engine.deploy(files, **options)


def test_a_decision_is_made_in_the_step_and_told_in_the_history(driver: Driver) -> None:
    deployment = deploy(driver, asking(), decisions=speed())
    run = driver.start("p", {"points": 12})

    assert driver.open(run) == ["after"]
    assert driver.variables(run)["answer"] == "fast"
    (told,) = [entry for entry in driver.engine.history(run.id, limit=100) if entry.kind == "decision_made"]
    assert told.element_id == "ask"
    assert told.details == {
        "decision": "_speed",
        "version": 1,
        "result": "fast",
        "tables": [
            {
                "table": "table",
                "name": "speed",
                "hit_policy": "UNIQUE",
                "inputs": [["points", 12]],
                "matched": [{"rule": 1, "id": "r", "outputs": {"speed": "fast"}}],
            }
        ],
    }
    assert [(made.key, made.version, made.file) for made in deployment.decisions] == [("_speed", 1, "speed.dmn")]
    assert driver.engine.verify_audit().verified


def test_inputs_and_outputs_are_mapped_and_each_item_decides(driver: Driver) -> None:
    mapped = process("m").start()
    mapped.decide("ask", "_speed", "answer", inputs={"points": "= score + 1"}, outputs={"found": '= answer + "!"'})
    mapped.user_task("after").end()
    many = process("n").start().decide("each", "_speed", "answer", each="= [12, 7]", as_="points")
    deploy(driver, mapped, decisions=speed())

    run = driver.start("m", {"score": 10})

    assert driver.variables(run) == {"score": 10, "found": "fast!"}
    assert many is not None


@pytest.mark.parametrize(
    ("binding", "tag", "expected"),
    [(None, None, "third"), ("latest", None, "third"), ("deployment", None, "fast"), ("versionTag", "v2", "second")],
)
def test_the_binding_says_which_version_is_made(
    driver: Driver, binding: str | None, tag: str | None, expected: str
) -> None:
    deploy(driver, decisions=speed())
    deploy(driver, decisions=speed('"second"'), version_tag="v2")
    deploy(driver, asking(binding=binding, tag=tag), decisions=speed())
    third = deploy(driver, decisions=speed('"third"'))
    again = deploy(driver, decisions=speed('"third"'))

    run = driver.start("p", {"points": 12})

    assert driver.variables(run)["answer"] == expected
    assert [made.version for made in third.decisions] == [made.version for made in again.decisions] == [4]
    assert (third.created, again.created) == (True, False)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"points": 10}, "Expected one rule to match (UNIQUE), but 2 did."),
        ({"points": "many"}, "Expected number for input 'points'"),
    ],
)
def test_a_decision_that_cannot_be_made_is_an_incident(driver: Driver, variables: dict[str, Any], words: str) -> None:
    deploy(driver, process("p").start().user_task("before").decide("ask", "_speed", "answer").end(), decisions=speed())
    run = driver.start("p", variables)
    driver.complete("before")

    for _ in range(10):
        driver.pass_time(days=1)

    (incident,) = driver.engine.incidents()
    assert (incident.code, incident.element_id) == ("decision_error", "ask")
    assert words in incident.message
    assert driver.state(run) == "active"

    driver.engine.set_variables(run.id, {"points": 7}, actor="admin", reason="repaired")
    driver.engine.run_due()
    assert driver.state(run) == "completed"


def test_a_decision_named_by_an_expression_may_be_missing(driver: Driver) -> None:
    deploy(driver, process("p").start().user_task("before").decide("ask", "= which", "answer").end(), decisions=speed())
    driver.start("p", {"which": "_gone", "points": 12})
    driver.complete("before")

    for _ in range(10):
        driver.pass_time(days=1)

    assert [incident.code for incident in driver.engine.incidents()] == ["decision_not_found"]


def test_a_missing_decision_and_a_wrong_file_are_refused(driver: Driver) -> None:
    with pytest.raises(DeploymentRejected, match="unknown_decision"):
        deploy(driver, asking())
    with pytest.raises(DeploymentRejected, match="decision_syntax"):
        deploy(driver, asking(), decisions=speed("1 +"))

    deploy(driver, decisions=speed())
    deploy(driver, asking())
    assert driver.variables(driver.start("p", {"points": 5}))["answer"] == "slow"
    with pytest.raises(DeploymentRejected, match="unknown_decision"):
        deploy(driver, asking(binding="deployment"))


def test_what_a_decision_imports_is_kept_with_its_version(driver: Driver) -> None:
    imported = '<import name="m" namespace="urn:speed" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
    own = decision("own", literal("m.speed"), needs=needs("decision:urn:speed#_speed"))
    asked = process("p").start().decide("ask", "_own", "answer").end()
    files = {"own.dmn": dmn(imported + own, namespace="urn:own")}

    deploy(driver, asked, decisions=files | speed(namespace="urn:speed"))
    assert driver.variables(driver.start("p", {"points": 12}))["answer"] == "fast"

    deploy(driver, decisions=files | speed('"faster"', namespace="urn:speed"))
    assert driver.variables(driver.start("p", {"points": 12}))["answer"] == "faster"
