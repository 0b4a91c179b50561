"""Flows that are alternatives of one decision: by dominators, after Cooper, Harvey and Kennedy (2001).

A flow out of a decision dominates what only it leads to. Where two flows into a join are dominated by different flows
out of one decision that is met once, a token comes along one of them only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from engine.bpmn.model import Element, ElementKind, Process

_DECISIONS: Final = frozenset({ElementKind.EXCLUSIVE_GATEWAY, ElementKind.EVENT_BASED_GATEWAY})
_ROOT: Final = ""


class Alternatives:
    """Dominators of one process; a node is an element, or a flow out of a decision (`flow:` and its id)."""

    def __init__(self, process: Process, entries: Iterable[str]) -> None:
        self._process = process
        self._after: dict[str, list[str]] = {_ROOT: list(entries)}
        for element in process.elements.values():
            self._after[element.id] = self._following(element)
        order = _postorder(self._after)
        self._number = {node: number for number, node in enumerate(order)}
        self._dominator = _dominators(order, self._after, self._number)

    def into(self, join: Element) -> list[str]:
        """Return flows into a join that cannot all bring a token, because one decision chooses between them."""
        top = self._dominator.get(join.id)
        chosen: dict[str, dict[str, str]] = {}  # by decision: an incoming flow for each flow out of it
        for flow_id in join.incoming:
            node: str | None = self._node_of(flow_id)
            while node is not None and node != top:
                if node.startswith("flow:"):
                    chosen.setdefault(self._process.flows[node[5:]].source, {}).setdefault(node, flow_id)
                node = self._dominator.get(node)
        for decision, flows in chosen.items():
            if len(flows) > 1 and len(self._process.elements[decision].incoming) < 2:  # noqa: PLR2004 - met once
                return list(flows.values())
        return []

    def _following(self, element: Element) -> list[str]:
        following = [*element.boundary, *self._inside(element.id)]
        for flow_id in element.outgoing:
            target = self._process.flows[flow_id].target
            if element.kind in _DECISIONS:
                self._after[f"flow:{flow_id}"] = [target]
                following.append(f"flow:{flow_id}")
            else:
                following.append(target)
        return following

    def _inside(self, scope: str) -> list[str]:
        inside = (self._process.elements[element_id] for element_id in self._process.children.get(scope, ()))
        return [element.id for element in inside if not element.incoming and element.attached_to is None]

    def _node_of(self, flow_id: str) -> str:
        node = f"flow:{flow_id}"
        return node if node in self._after else self._process.flows[flow_id].source


def _postorder(after: Mapping[str, Sequence[str]]) -> list[str]:
    order: list[str] = []
    seen = {_ROOT}
    stack = [(_ROOT, iter(after[_ROOT]))]
    while stack:
        node, rest = stack[-1]
        following = next((each for each in rest if each not in seen), None)
        if following is None:
            order.append(node)
            stack.pop()
        else:
            seen.add(following)
            stack.append((following, iter(after.get(following, ()))))
    return order


def _dominators(
    order: Sequence[str], after: Mapping[str, Sequence[str]], number: Mapping[str, int]
) -> dict[str, str | None]:
    before: dict[str, list[str]] = {}
    for node in order:
        for following in after.get(node, ()):
            before.setdefault(following, []).append(node)
    found: dict[str, str] = {_ROOT: _ROOT}
    changed = True
    while changed:
        changed = False
        for node in reversed(order[:-1]):  # the root is last
            ready = [each for each in before.get(node, ()) if each in found]
            best = ready[0]
            for each in ready[1:]:
                best = _meeting(best, each, found, number)
            if found.get(node) != best:
                found[node] = best
                changed = True
    return {node: None if node == _ROOT else best for node, best in found.items()}


def _meeting(one: str, other: str, found: Mapping[str, str], number: Mapping[str, int]) -> str:
    while one != other:
        while number[one] < number[other]:
            one = found[one]
        while number[other] < number[one]:
            other = found[other]
    return one
