"""What cannot work is foreseen: joins behind decisions however deep, conditions that leave a case out; and nothing is cried for nothing."""

from __future__ import annotations

import pytest

from engine.validation import validate
from tests.support.bpmn_xml import bpmn_file, flow, line

S, E = '<bpmn:startEvent id="s"/>', '<bpmn:endEvent id="e"/>'


def nodes(tag: str, *ids: str) -> str:
    return "".join(f'<bpmn:{tag} id="{each}"/>' for each in ids)


def told(inside: str) -> list[tuple[str, str | None]]:
    return [(problem.rule, problem.element_id) for problem in validate({"a.bpmn": bpmn_file(S + inside + E)}).problems]


SPLIT = (
    '<bpmn:exclusiveGateway id="x" default="x_b"/>'
    + nodes("task", "a", "b", "c", "d")
    + flow("x", "a", "=q")
    + flow("x", "b")
)
INNER = (
    '<bpmn:exclusiveGateway id="y" default="y_d"/>'
    + nodes("exclusiveGateway", "m")
    + line("a", "y")
    + flow("y", "c", "=z")
    + flow("y", "d")
    + line("c", "m")
    + line("d", "m")
)
JOIN = nodes("parallelGateway", "j") + line("j", "e")


def test_a_join_behind_a_decision_never_fires_whatever_is_between():
    assert told(SPLIT + INNER + JOIN + line("s", "x") + line("b", "j") + line("m", "j")) == [("join_never_fires", "j")]


def test_a_join_behind_a_fork_fires_though_there_are_decisions_between():
    fork = nodes("parallelGateway", "f") + line("s", "f", "x") + line("f", "o", "j") + nodes("task", "o")
    merged = nodes("exclusiveGateway", "n") + line("b", "n") + line("m", "n", "j")

    assert told(fork + SPLIT + INNER + merged + JOIN) == []


def test_a_join_that_a_loop_leads_to_again_and_again_may_fire():
    loop = (
        nodes("exclusiveGateway", "in", "x") + nodes("parallelGateway", "f") + nodes("task", "again", "done")
        + line("s", "in", "x") + flow("x", "f", "=more") + flow("x", "done", "=not(more)")
        + line("f", "in") + line("f", "again", "j") + line("done", "j")
    )  # fmt: skip

    assert ("unreachable", "j") not in told(loop + JOIN)


@pytest.mark.parametrize(
    ("first", "second", "misses"),
    [
        ("=ok", "=not(ok)", False),
        ("=not(a &gt; 1)", "=a &gt; 1", False),
        ("=x &gt; 5", "=x &lt;= 5", False),
        ("=kind = &quot;a&quot;", "=kind != &quot;a&quot;", False),
        ("=done = true", "=done = false", False),
        ("${ok}", "${!ok}", False),
        ("=x &gt; 5", "=x &lt; 5", True),
        ("=kind = &quot;a&quot;", "=kind = &quot;b&quot;", True),
        ("=a", "=b", True),
        ("=a &gt; 1 and b", "=a &lt;= 1 and b", True),
    ],
)
def test_conditions_that_leave_a_case_out_are_told(first: str, second: str, misses: bool):
    found = told(
        nodes("exclusiveGateway", "x") + nodes("task", "a", "b") + line("s", "x") + flow("x", "a", first)
        + flow("x", "b", second) + line("a", "e") + line("b", "e")
    )  # fmt: skip

    assert (("default_missing", "x") in found) == misses
