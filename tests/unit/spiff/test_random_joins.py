"""Inclusive joins in graphs that nobody would draw: they go on when the standard's text says so, and not before.

BPMN 2.0.2, 13.4.3: a join is activated when some incoming flow has a token, and for every path from a token to an empty
incoming flow that does not visit the join there is such a path from that token to one that has a token.
"""

from __future__ import annotations

from collections import defaultdict
from random import Random
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from engine.spiff.gateways import InclusiveJoinSpec
from engine.spiff.steps import StepFailed
from engine.spiff.tokens import AT_A_JOIN
from tests.support.bpmn import Builder, process
from tests.unit.spiff.driver import Driver

_GO_ON = InclusiveJoinSpec.go_on


class Graph:
    """Tasks and gateways joined at random; every node can be reached, and most can reach an end."""

    def __init__(self, random: Random, size: int) -> None:
        kinds = ["user_task", "user_task", "user_task", "exclusive", "parallel", "inclusive", "inclusive"]
        self.kinds = {f"n{number}": random.choice(kinds) for number in range(size)}
        self.flows: list[tuple[str, str]] = []
        names = list(self.kinds)
        for at, name in enumerate(names[1:], 1):
            self.flows.append((random.choice(names[max(0, at - 4) : at]), name))
        for _ in range(size // 2 + 1):
            source, target = random.choice(names), random.choice(names)
            # Back only from a task, so that no token goes round without waiting.
            forward = names.index(source) < names.index(target)
            if (source, target) not in self.flows and (forward or self.kinds[source] == "user_task"):
                self.flows.append((source, target))
        self.builder = self._draw()

    def _draw(self) -> Builder:
        builder = process("p").start("start")
        for name, kind in self.kinds.items():
            getattr(builder.at(name) if builder._nodes.get(name) else builder, kind)(name)
            if name != "n0":
                builder._flows.pop()  # drawn by the cursor
        for source, target in self.flows:
            builder.at(source)
            if self.kinds[source] in ("exclusive", "inclusive"):
                builder.flow_if(f"= {source}_{target}")
            builder.to(target)
        for name, kind in self.kinds.items():
            builder.at(name)
            if kind in ("exclusive", "inclusive"):
                builder.otherwise()
            if kind != "user_task" or not any(source == name for source, _ in self.flows):
                builder.end(f"end_{name}")
        return builder

    def choices(self, random: Random) -> dict[str, bool]:
        return {f"{source}_{target}": random.random() < 0.5 for source, target in self.flows}

    def reached(self, start: str, join: str) -> set[str]:
        """Return the sources of the join's incoming flows at which a path from `start` arrives without visiting it."""
        following = defaultdict(list)
        for source, target in self.flows:
            following[source].append(target)
        seen, to_see, found = {start}, [start], set()
        while to_see:
            node = to_see.pop()
            for target in following[node]:
                if target == join:
                    found.add(node)
                elif target not in seen:
                    seen.add(target)
                    to_see.append(target)
        return found


def _blocked(graph: Graph, join: str, filled: set[str], others: list[str]) -> list[str]:
    """Return the nodes whose tokens keep a join from going on."""
    found = []
    for node in others:
        reached = graph.reached(node, join)
        if reached - filled and not reached & filled:
            found.append(node)
    return found


def _standing(instance: Any) -> tuple[dict[str, set[str]], list[tuple[str, bool]]]:
    """Return the filled flows of each inclusive join by their sources, and where every token stands."""
    sources = instance.spec.sources
    joins = {
        spec.element.id: {sources[flow].element.id for flow in lines}
        for spec, lines in instance.joining.items()
        if isinstance(spec, InclusiveJoinSpec)
    }
    tokens = [(token.task_spec.element.id, token.state == AT_A_JOIN) for token in instance.root_tokens()]
    return joins, tokens


@settings(
    max_examples=500,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(st.randoms(use_true_random=True), st.integers(3, 14))
def test_an_inclusive_join_goes_on_when_the_standard_says_so(random: Random, size: int) -> None:
    graph = Graph(random, size)
    note(f"{graph.kinds} {graph.flows}")

    def go_on(spec: InclusiveJoinSpec, workflow: Any) -> None:
        joins, tokens = _standing(workflow)
        free = [join for join, filled in joins.items() if not _blocking(graph, join, filled, tokens)]
        if free:
            assert spec.element.id in free, "a join went on before its time"
        else:  # a ring: whoever blocks it waits at a join, too
            blocking = _blocking(graph, spec.element.id, joins[spec.element.id], tokens)
            assert all(waits for node, waits in tokens if node in blocking)
        _GO_ON(spec, workflow)

    with patch.object(InclusiveJoinSpec, "go_on", go_on):
        try:
            run = Driver(graph.builder, graph.choices(random))
            for _ in range(12):
                if run.ended or not run.waits:
                    break
                joins, tokens = _standing(run.ways[0].process._instance)
                for join, filled in joins.items():
                    assert _blocking(graph, join, filled, tokens), "a join waits for nobody"
                element = random.choice(run.waits)
                note(element)
                run.complete(element, graph.choices(random), nth=random.randrange(run.waits.count(element)))
        except StepFailed as failure:
            if failure.code != "dead_join":
                raise


def _blocking(graph: Graph, join: str, filled: set[str], tokens: list[tuple[str, bool]]) -> list[str]:
    return _blocked(graph, join, filled, [node for node, _waits in tokens if node != join])
