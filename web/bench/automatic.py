"""Diagrams that run by themselves, written in sizes: sequences, a fork, many at once, calls inside calls.

`ours` says a step as the engine takes it, `plain` as SpiffWorkflow does by itself; the rest is the same file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_HEAD: Final = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="definitions" targetNamespace="https://saanphaen.org/bench">'
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a script and a repeated one are written."""

    script: str
    many: str


OURS: Final = Dialect(
    script='<bpmn:extensionElements><zeebe:script expression="= {value}" resultVariable="x"/></bpmn:extensionElements>',
    many="<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>= {count}</bpmn:loopCardinality>"
    "</bpmn:multiInstanceLoopCharacteristics>",
)
PLAIN: Final = Dialect(
    script="<bpmn:script>x = {value}</bpmn:script>",
    many="<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>{count}</bpmn:loopCardinality>"
    "</bpmn:multiInstanceLoopCharacteristics>",
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A diagram by its name: the process to start, and its files in a dialect."""

    name: str
    steps: int = 1
    branches: int = 0
    many: int = 0
    calls: int = 0

    @property
    def process(self) -> str:
        """The process that is started."""
        return f"bench-{self.name}"

    @property
    def instances(self) -> int:
        """How many runs one start makes."""
        return 1 + self.calls

    def files(self, dialect: Dialect) -> Mapping[str, bytes]:
        """Return the files of the bundle by name."""
        if not self.calls:
            return {f"{self.process}.bpmn": self._file(self.process, self._body(dialect))}
        names = [self.process, *(f"{self.process}-{level}" for level in range(1, self.calls + 1))]
        found = {}
        for name, called in zip(names, [*names[1:], ""], strict=True):
            body = _chain([_call(called)] if called else [_script(dialect, 1)])
            found[f"{name}.bpmn"] = self._file(name, body)
        return found

    def _body(self, dialect: Dialect) -> str:
        if self.branches:
            return _fork([_script(dialect, number) for number in range(1, self.branches + 1)])
        if self.many:
            return _chain([_script(dialect, 1, inside=dialect.many.format(count=self.many))])
        return _chain([_script(dialect, number) for number in range(1, self.steps + 1)])

    @staticmethod
    def _file(process: str, body: str) -> bytes:
        inside = f'<bpmn:process id="{process}" isExecutable="true">{body}</bpmn:process>'
        return f"{_HEAD}{inside}</bpmn:definitions>".encode()


SHAPES: Final = (
    Shape("sequence-1", steps=1),
    Shape("sequence-5", steps=5),
    Shape("sequence-15", steps=15),
    Shape("fork", branches=5),
    Shape("many-300", many=300),
    Shape("calls-5", calls=5),
)


def chain_of(elements: int) -> bytes:
    """Return a diagram of about so many elements, nodes and flows, one after another."""
    return Shape(f"chain-{elements}", steps=max(1, elements // 2 - 2)).files(OURS)[f"bench-chain-{elements}.bpmn"]


def _script(dialect: Dialect, number: int, inside: str = "") -> tuple[str, str]:
    name = f"step_{number}"
    return (
        name,
        f'<bpmn:scriptTask id="{name}">{dialect.script.format(value=number)}{{flows}}{inside}</bpmn:scriptTask>',
    )


def _call(process: str) -> tuple[str, str]:
    called = f'<bpmn:extensionElements><zeebe:calledElement processId="{process}"/></bpmn:extensionElements>'
    return "call", f'<bpmn:callActivity id="call" calledElement="{process}">{called}{{flows}}</bpmn:callActivity>'


def _chain(steps: list[tuple[str, str]]) -> str:
    nodes = [("start", '<bpmn:startEvent id="start">{flows}</bpmn:startEvent>'), *steps]
    nodes.append(("end", '<bpmn:endEvent id="end">{flows}</bpmn:endEvent>'))
    return _drawn(nodes, [(nodes[at][0], nodes[at + 1][0]) for at in range(len(nodes) - 1)])


def _fork(steps: list[tuple[str, str]]) -> str:
    nodes = [
        ("start", '<bpmn:startEvent id="start">{flows}</bpmn:startEvent>'),
        ("fork", '<bpmn:parallelGateway id="fork">{flows}</bpmn:parallelGateway>'),
        *steps,
        ("join", '<bpmn:parallelGateway id="join">{flows}</bpmn:parallelGateway>'),
        ("end", '<bpmn:endEvent id="end">{flows}</bpmn:endEvent>'),
    ]
    between = [pair for name, _ in steps for pair in (("fork", name), (name, "join"))]
    return _drawn(nodes, [("start", "fork"), *between, ("join", "end")])


def _drawn(nodes: list[tuple[str, str]], flows: list[tuple[str, str]]) -> str:
    """Write nodes with the flows at them: SpiffWorkflow reads those only where the nodes name them."""
    incoming: dict[str, list[str]] = {}
    outgoing: dict[str, list[str]] = {}
    for number, (source, target) in enumerate(flows):
        outgoing.setdefault(source, []).append(f"<bpmn:outgoing>flow_{number}</bpmn:outgoing>")
        incoming.setdefault(target, []).append(f"<bpmn:incoming>flow_{number}</bpmn:incoming>")
    written = [text.format(flows="".join(incoming.get(name, []) + outgoing.get(name, []))) for name, text in nodes]
    written += [
        f'<bpmn:sequenceFlow id="flow_{number}" sourceRef="{source}" targetRef="{target}"/>'
        for number, (source, target) in enumerate(flows)
    ]
    return "".join(written)
