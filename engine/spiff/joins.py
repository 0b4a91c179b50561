"""When an inclusive join goes on, or a complex gateway starts over; and joins at which no token can come any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.spiff.gateways import JoinSpec
from engine.spiff.specs import NodeSpec
from engine.spiff.steps import StepFailed
from engine.spiff.tokens import AT_A_JOIN, Token


def ready_join(workflow: Any) -> JoinSpec | None:
    """Return the join of a scope that goes on next, when nothing else in the instance can move.

    Joins that only wait for each other are a ring; the first in the diagram goes on.
    """
    parked = workflow.top_workflow.parked
    waiting = [spec for spec in workflow.joining if spec.rests(workflow) and spec.first(workflow).id not in parked]
    if not waiting:
        return None
    waiting.sort(key=_place)
    tokens = workflow.root_tokens()
    blockers = {spec: _blockers(spec, workflow, tokens) for spec in waiting}
    for spec in waiting:
        if not blockers[spec]:
            return spec
    for spec in workflow.joining:
        if spec not in blockers:
            blockers[spec] = _blockers(spec, workflow, tokens)
    stuck = _held_from_outside(blockers, parked)
    return next((spec for spec in waiting if spec not in stuck), None)


def refuse_dead_joins(workflow: Any) -> None:
    """Refuse to rest where every token of a scope waits at a join: none of them will ever move.

    Raises:
        StepFailed: It is so.
    """
    if not workflow.joining:
        return
    instance = workflow.top_workflow
    tokens = [token for token in workflow.root_tokens() if not token.task_spec.beside_scope]
    if all(token.state == AT_A_JOIN and token.id not in instance.parked for token in tokens):
        spec = min(workflow.joining, key=_place)
        if instance.park(spec.first(workflow)):
            return
        filled = spec.filled(workflow)
        missing = [flow for flow in spec.incoming if flow not in filled]
        raise StepFailed(
            spec.element.id,
            "dead_join",
            f"Expected a token on {', '.join(missing) or 'another flow'} to join, but none can come any more: "
            "that branch ended elsewhere or was never taken.",
            spec.first(workflow).id,
        )


def _blockers(join: JoinSpec, workflow: Any, tokens: list[Token]) -> list[Token]:
    """Return the tokens that can still reach a flow without a token, and none that has one, not through the join."""
    flows = join.filled(workflow)
    empty = [_reaching(join, flow) for flow in join.incoming if flow not in flows]
    filled = [_reaching(join, flow) for flow in flows]
    found = []
    for token in tokens:
        spec = token.task_spec
        if spec is join or not any(spec in nodes for nodes in empty):
            continue
        if join.rests(workflow) and any(spec in nodes for nodes in filled):
            continue
        found.append(token)
    return found


def _held_from_outside(blockers: dict[JoinSpec, list[Token]], parked: Mapping[str, None]) -> set[JoinSpec]:
    """Return the joins that wait, through whatever other joins, for a token that can move by itself or by repair."""
    held: set[JoinSpec] = set()
    grows = True
    while grows:
        grows = False
        for spec, tokens in blockers.items():
            moves = (t.state != AT_A_JOIN or t.task_spec in held or t.id in parked for t in tokens)
            if spec not in held and any(moves):
                held.add(spec)
                grows = True
    return held


def _reaching(join: JoinSpec, flow: str) -> frozenset[NodeSpec]:
    """Return the nodes from which a path leads over `flow` into the join without passing it; found once."""
    known = join.reaching.get(flow)
    if known is not None:
        return known
    sources = join.scope_spec.sources
    found: set[NodeSpec] = set()
    to_see = [sources[flow]]
    while to_see:
        node = to_see.pop()
        if node in found or node is join:
            continue
        found.add(node)
        if node.door is not None:
            found.add(node.door)
        to_see.extend(sources[before] for before in node.incoming)
        to_see.extend(node.linked_from)
        if node.host is not None:
            to_see.append(node.host)
    join.reaching[flow] = nodes = frozenset(found)
    return nodes


def _place(spec: NodeSpec) -> int:
    return spec.place
