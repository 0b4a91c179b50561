"""Processes made of blocks that fit into each other, and how each is drawn; what they mean is told in `reference`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.support.bpmn import Builder, process

KEY: Final = '= "k"'  # every message of these models has one correlation key
EVENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "timer": {"timer": "PT1H"},
    "cycle": {"cycle": "R2/PT1H"},
    "message": {"key_": KEY},
}


@dataclass(frozen=True)
class Block:
    """One way in, one way out."""


@dataclass(frozen=True)
class Sequence(Block):
    """One block after the other."""

    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Boundary:
    """A boundary event of a timer, a cycle of two, or a message; it joins its host's way out, or ends by itself."""

    id: str
    kind: str
    interrupting: bool
    path: Sequence
    merges: bool


@dataclass(frozen=True)
class Handler:
    """An event sub-process of a sub-process; each of its runs knows itself by what its event brought."""

    id: str
    kind: str
    interrupting: bool
    path: Sequence

    @property
    def event(self) -> str:
        """Its start event."""
        return f"{self.id}_on"


@dataclass(frozen=True)
class Many:
    """Multi-instance over the numbers 1 to `count`; `until` so many are done."""

    count: int
    sequential: bool
    until: int | None


@dataclass(frozen=True)
class Task(Block):
    """A user task."""

    id: str
    boundaries: tuple[Boundary, ...] = ()
    many: Many | None = None


@dataclass(frozen=True)
class Catch(Block):
    """An intermediate timer or message event."""

    id: str
    kind: str


@dataclass(frozen=True)
class Script(Block):
    """Counts its own visits in `n_<id>`."""

    id: str


@dataclass(frozen=True)
class Choice(Block):
    """An exclusive gateway and its merge; the branch without a flag is the default."""

    id: str
    branches: tuple[tuple[str | None, Sequence], ...]


@dataclass(frozen=True)
class Together(Block):
    """A parallel gateway, or a task with several flows, and its join."""

    id: str
    branches: tuple[Sequence, ...]
    by_task: bool = False


@dataclass(frozen=True)
class Some(Block):
    """An inclusive gateway, or a task with conditional flows, and its join; the branch without a flag is the default."""

    id: str
    branches: tuple[tuple[str | None, Sequence], ...]
    by_task: bool = False


@dataclass(frozen=True)
class Loop(Block):
    """Its body, again and again while the flag is set."""

    id: str
    body: Sequence
    again: str


@dataclass(frozen=True)
class Rounds(Block):
    """A sub-process that goes round so many times without waiting, counting in a variable of its own."""

    id: str
    times: int


@dataclass(frozen=True)
class Sub(Block):
    """An embedded sub-process; each of `shadows` is a flag turned round inside it."""

    id: str
    body: Sequence
    shadows: tuple[str, ...] = ()
    boundaries: tuple[Boundary, ...] = ()
    many: Many | None = None
    handlers: tuple[Handler, ...] = ()


@dataclass(frozen=True)
class Jump(Block):
    """A pair of links."""

    id: str


@dataclass(frozen=True)
class Leave(Block):
    """Ends its token early when the flag is set."""

    id: str
    flag: str


@dataclass(frozen=True)
class Spread(Block):
    """A task with several flows that meet without a join: what follows runs once for each token."""

    id: str
    branches: tuple[Sequence, ...]
    tail: Sequence


@dataclass
class Drawing:
    """A process as the engine reads it, and what the test must know of it."""

    builder: Builder
    items: dict[str, tuple[str, ...]] = field(default_factory=dict)  # item variables around each waiting element


def draw(body: Sequence) -> Drawing:
    """Draw a process."""
    drawing = Drawing(process("p").start("start"))
    _draw(drawing, drawing.builder, body, ())
    drawing.builder.end("end")
    return drawing


def _draw(drawing: Drawing, to: Builder, block: Block, items: tuple[str, ...]) -> None:
    match block:
        case Sequence():
            for one in block.blocks:
                _draw(drawing, to, one, items)
        case Task():
            to.user_task(block.id, **_many(block.id, block.many, f"= res_{block.id}"))
            drawing.items[block.id] = (*items, f"item_{block.id}") if block.many else items
            _boundaries(drawing, to, block, items)
        case Catch():
            to.catch(block.id, **_event(block.id, block.kind))
            drawing.items[block.id] = items
        case Script():
            to.script(block.id, f"= n_{block.id} + 1", f"n_{block.id}")
        case Choice():
            to.exclusive(block.id)
            _branches(drawing, to, block.id, block.branches, items, gateway="exclusive")
            to.at(f"{block.id}_join")
        case Together():
            _split(drawing, to, block.id, "user_task" if block.by_task else "parallel", items)
            _branches(drawing, to, block.id, [(None, one) for one in block.branches], items, gateway="parallel")
            to.at(f"{block.id}_join")
        case Some():
            _split(drawing, to, block.id, "user_task" if block.by_task else "inclusive", items)
            _branches(drawing, to, block.id, block.branches, items, gateway="inclusive")
            to.at(f"{block.id}_join")
        case Loop():
            to.exclusive(f"{block.id}_in")
            _draw(drawing, to, block.body, items)
            to.exclusive(block.id).flow_if(f"= {block.again}").to(f"{block.id}_in").at(block.id).otherwise()
        case Leave():
            to.exclusive(block.id).flow_if(f"= {block.flag}").end(f"{block.id}_end").at(block.id).otherwise()
        case Spread():
            _split(drawing, to, block.id, "user_task", items)
            for number, branch in enumerate(block.branches):
                to.at(block.id)
                _draw(drawing, to, branch, items)
                to.to(f"{block.id}_meet") if number else to.task(f"{block.id}_meet")
            _draw(drawing, to.at(f"{block.id}_meet"), block.tail, items)
        case Rounds():
            _rounds(to, block)
        case Jump():
            to.throw(f"{block.id}_from", link=block.id).catch(f"{block.id}_to", link=block.id)
        case Sub():
            _sub(drawing, to, block, items)


def _split(drawing: Drawing, to: Builder, key: str, gateway: str, items: tuple[str, ...]) -> None:
    drawing.items[key] = items
    getattr(to, gateway)(key)


def _branches(drawing, to: Builder, key: str, branches, items: tuple[str, ...], *, gateway: str) -> None:
    for number, (flag, branch) in enumerate(branches):
        to.at(key)
        if flag is not None:
            to.flow_if(f"= {flag}")
        elif gateway != "parallel":
            to.otherwise()
        _draw(drawing, to, branch, items)
        if number:
            to.to(f"{key}_join")
        else:
            getattr(to, gateway)(f"{key}_join")


def _boundaries(drawing: Drawing, to: Builder, host: Task | Sub, items: tuple[str, ...]) -> None:
    out = host.id
    if any(boundary.merges for boundary in host.boundaries):
        out = f"{host.id}_out"
        to.exclusive(out)
    for boundary in host.boundaries:
        event = _event(boundary.id, boundary.kind)
        to.boundary(host.id, boundary.id, interrupting=boundary.interrupting, **event)
        drawing.items[boundary.id] = items
        _draw(drawing, to, boundary.path, items)
        if boundary.merges:
            to.to(out)
        else:
            to.end(f"{boundary.id}_end")
    to.at(out)


def _sub(drawing: Drawing, to: Builder, block: Sub, items: tuple[str, ...]) -> None:
    inner = to.inner().start(f"{block.id}_start")
    inside = (*items, f"item_{block.id}") if block.many else items
    _draw(drawing, inner, block.body, inside)
    inner.end(f"{block.id}_end")
    for handler in block.handlers:
        event = _event(handler.event, handler.kind)
        path = inner.inner().start(handler.event, interrupting=handler.interrupting, **event)
        drawing.items[handler.event] = inside
        _draw(drawing, path, handler.path, (*inside, f"v_{handler.event}"))
        inner.sub(handler.id, path.end(f"{handler.id}_end"), event=True, inputs={f"v_{handler.event}": "= null"})
    turned = {flag: f"= {flag} = false" for flag in block.shadows}
    to.sub(block.id, inner, inputs=turned, **_many(block.id, block.many, f"= item_{block.id}"))
    _boundaries(drawing, to, block, items)


def _rounds(to: Builder, block: Rounds) -> None:
    count = f"c_{block.id}"
    inner = to.inner().start(f"{block.id}_start").exclusive(f"{block.id}_in")
    inner.script(f"{block.id}_count", f"= {count} + 1", count).exclusive(f"{block.id}_more")
    inner.flow_if(f"= {count} < {block.times}").to(f"{block.id}_in").at(f"{block.id}_more").otherwise()
    to.sub(block.id, inner.end(f"{block.id}_end"), inputs={count: "= 0"})


def _event(key: str, kind: str) -> dict[str, str]:
    event = dict(EVENTS[kind])
    return {"message": key, **event} if kind == "message" else event


def _many(key: str, many: Many | None, result: str) -> dict[str, str]:
    if many is None:
        return {}
    found = {
        "each": f"= [{', '.join(str(number) for number in range(1, many.count + 1))}]",
        "item": f"item_{key}",
        "collect": f"out_{key}",
        "result": result,
    }
    if many.sequential:
        found["sequential"] = "yes"
    if many.until is not None:
        found["until"] = f"= numberOfCompletedInstances >= {many.until}"
    return found
