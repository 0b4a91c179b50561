"""Random processes full of events that cut across each other, with what their drawing says by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from tests.support.bpmn import Builder, process
from tests.unit.spiff.blocks import KEY

CODES: Final = ("A", "B")
ACTIVITIES: Final = ("user_task", "user_task", "service_task", "sub", "sub", "call")
OTHERS: Final = ("catch", "race", "throw", "throw", "fault")
ENDS: Final = ("none", "none", "none", "error", "escalation", "signal", "message", "terminate")


@dataclass(frozen=True)
class Handler:
    """A boundary event, or an event sub-process (by whose id it is told that it begins), as drawn."""

    id: str
    kind: str
    name: str  # of the signal; code of the error or escalation, empty for all of them
    interrupting: bool
    event: str = ""  # the start event of an event sub-process


class EventModel:
    """Branches side by side, in sub-processes, with every kind of event on them and thrown in them."""

    def __init__(self, random: Random, size: int) -> None:
        self.random = random
        self.left = size
        self.number = 0
        self.around: dict[str, tuple[str, ...]] = {}  # sub-processes around each element, outermost first
        self.handlers: dict[str, list[Handler]] = {}  # boundary events by host
        self.beside: dict[str, list[Handler]] = {}  # event sub-processes by scope; "" is the process
        self.hosts: dict[str, str] = {}  # of boundary events, and of start events of event sub-processes
        self.throws: dict[str, tuple[str, str]] = {}  # kind and code of what throws an error or escalation
        self.signals: dict[str, str] = {}  # names that events wait for
        self.limits: dict[str, int] = {}  # above which y lets an event happen
        self.partial: set[str] = set()  # events that wait until several have come
        self.terminates: set[str] = set()
        self.many: set[str] = set()
        self.faults: list[tuple[str, str]] = []  # service tasks whose handler throws an error, with its code
        self.builder = process("p").start("start")
        self.around["start"] = ()
        self._branches(self.builder, ())

    # -- what the drawing says ----------------------------------------------------------------------------------------

    def catcher(self, element: str, kind: str, code: str) -> Handler | None:
        """Find who catches what an element throws: outwards, on each level boundary events before those of the scope.

        Of each the code comes before all. What comes out of a handler is not for itself; out of one that has taken its
        scope over, for none in that scope.
        """
        scopes = ("", *self.around[element])
        for host, scope in zip((element, *reversed(scopes[1:])), reversed(scopes), strict=True):
            beside = self.beside.get(scope, [])
            running = next((handler for handler in beside if handler.id == host), None)
            beside = [] if running is not None and running.interrupting else beside
            for group in (self.handlers.get(host, ()), [handler for handler in beside if handler is not running]):
                of_kind = [handler for handler in group if handler.kind == kind]
                for name in (code, ""):
                    for handler in of_kind:
                        if handler.name == name:
                            return handler
        return None

    def all_handlers(self) -> Iterator[Handler]:
        """List all of them."""
        for table in (self.handlers, self.beside):
            for found in table.values():
                yield from found

    def hosts_of(self, scope: str) -> Iterator[str]:
        """List the boundary events on a scope."""
        return (handler.id for handler in self.handlers.get(scope, ()))

    def taken_inside(self, boundary: str) -> bool:
        """Tell whether an event sub-process inside takes the signal of a boundary event for itself."""
        name = self.signals.get(boundary)
        beside = self.beside.get(self.hosts.get(boundary, ""), [])
        return any(handler.kind == "signal" and handler.name == name and handler.interrupting for handler in beside)

    def inside(self, sub: str) -> Iterator[str]:
        """List what is inside a sub-process, however deep."""
        return (element for element, around in self.around.items() if sub in around)

    def is_repeated(self, element: str) -> bool:
        """Tell whether there may be several of an element at once for being in a multi-instance."""
        return bool({element, *self.around[element]} & self.many)

    # -- drawing ------------------------------------------------------------------------------------------------------

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _id(self, kind: str, around: tuple[str, ...]) -> str:
        self.number += 1
        key = f"{kind}{self.number}"
        self.around[key] = around
        return key

    def _branches(self, to: Builder, around: tuple[str, ...]) -> None:
        self._beside(to, around)
        fork = self._id("fork", around)
        to.parallel(fork)
        for _ in range(self.random.randint(1, 3)):
            to.at(fork)
            for _ in range(self.random.randint(0, 3)):
                if self.left > 0:
                    self.left -= 1
                    self._node(to, around)
            self._end(to, around, self.random.choice(ENDS))

    def _beside(self, to: Builder, around: tuple[str, ...]) -> None:
        """Event sub-processes of a scope; what is in them waits first, and throws no signal: nothing feeds itself."""
        found: list[Handler] = []
        cursor = to.cursor
        for _ in range(self.random.choice((0, 0, 0, 1, 2, 3)) if len(around) < 3 else 0):
            key, name, event = self._event(found)
            if not key:
                continue
            inner = (*around, handler := self._id("esp", around))
            self.around[key] = inner
            kind = next(iter(event)) if "timer" not in event and "cycle" not in event else "timer"
            interrupting = kind == "error" or self._chance(0.5)
            found.append(Handler(handler, kind, name, interrupting, key))
            self.hosts[key] = around[-1] if around else ""
            inside = to.inner().start(key, interrupting=interrupting, **event)
            self._also(inside, key, event)
            inside.user_task(self._id("user_task", inner))
            self._end(inside, inner, self.random.choice(("none", "none", "error", "terminate", "escalation")))
            to.sub(handler, inside, event=True, inputs={"x": "= 0"})
        self.beside[around[-1] if around else ""] = found
        to.at(cursor)

    def _event(self, found: list[Handler]) -> tuple[str, str, dict[str, str]]:
        """Choose what a handler waits for; no key when there is one for it already."""
        kinds = ("message", "timer", "signal", "condition", "error", "error", "escalation", "escalation")
        kind = self.random.choice(kinds)
        key = f"on{self.number + 1}"
        named = {"error": ("", *CODES), "escalation": ("", *CODES), "signal": CODES}.get(kind, (key,))
        name = self.random.choice(named)
        if any((one.kind, one.name) == (kind, name) for one in found):
            return "", "", {}
        self.number += 1
        event = {self.random.choice(("timer", "cycle")): "PT1H"} if kind == "timer" else {kind: name}
        if "cycle" in event:
            event["cycle"] = "R3/PT1H"
        if kind == "signal":
            self.signals[key] = name
        if kind == "message":
            event["key_"] = KEY
        if kind == "condition":
            event = {"condition": self._limit(key)}
        return key, name, event

    def _limit(self, key: str) -> str:
        self.limits[key] = self.random.randint(0, 3)
        return f"= y > {self.limits[key]}"

    def _also(self, to: Builder, key: str, event: dict[str, str]) -> None:
        """Let an event that waits wait for a second one, too, or for both."""
        if self._chance(0.8) or not {"message", "timer", "signal"} & set(event):
            return
        parallel = self._chance(0.5)
        if parallel:
            self.partial.add(key)
        to.also(key, parallel=parallel, message=f"{key}_too", key_=KEY)

    def _node(self, to: Builder, around: tuple[str, ...]) -> None:
        kind = self.random.choice((*ACTIVITIES, *OTHERS) if len(around) < 3 else ("user_task", *OTHERS))
        key = self._id(kind, around)
        match kind:
            case "user_task" | "call":
                many = self._many(key)
                to.user_task(key, **many) if kind == "user_task" else to.call(key, "child", **many)
            case "service_task":
                to.service_task(key, "work", **self._many(key))
            case "sub":
                inner = to.inner().start(self._id("start", (*around, key)))
                many = self._many(key)
                self._branches(inner, (*around, key))
                to.sub(key, inner, inputs={"x": "= 0"}, **many)
            case "catch":
                event = self._waiting(key)
                to.catch(key, **event)
                self._also(to, key, event)
            case "race":
                self._race(to, key, around)
            case "throw":
                self._throw(to, key)
            case _:
                self._fault(to, key)
        if kind in ACTIVITIES:
            self._boundaries(to, key, around)
            to.at(key)

    def _many(self, key: str) -> dict[str, str]:
        if self._chance(0.7):
            return {}
        self.many.add(key)
        many = {"each": "= [1, 2, 3]", "item": f"item_{key}"}
        return many | ({"sequential": "yes"} if self._chance(0.4) else {})

    def _waiting(self, key: str) -> dict[str, str]:
        match self.random.choice(("message", "timer", "signal", "condition")):
            case "message":
                return {"message": key, "key_": KEY}
            case "condition":
                return {"condition": self._limit(key)}
            case "timer":
                return {"timer": "PT1H"}
            case _:
                self.signals[key] = self.random.choice(CODES)
                return {"signal": self.signals[key]}

    def _race(self, to: Builder, key: str, around: tuple[str, ...]) -> None:
        to.event_gateway(key)
        meet = self._id("meet", around)
        for number in range(2):
            event = self._id("catch", around)
            to.at(key).catch(event, **self._waiting(event))
            to.to(meet) if number else to.exclusive(meet)
        to.at(meet)

    def _throw(self, to: Builder, key: str) -> None:
        kind, code = self.random.choice(("signal", "escalation", "message")), self.random.choice(CODES)
        if kind == "escalation":
            self.throws[key] = (kind, code)
        to.throw(key, message=key, key_=KEY) if kind == "message" else to.throw(key, **{kind: code})

    def _fault(self, to: Builder, key: str) -> None:
        code = self.random.choice(CODES)
        to.service_task(key, f"fault_{key}")
        self.faults.append((key, code))

    def _end(self, to: Builder, around: tuple[str, ...], kind: str) -> None:
        key, code = self._id("end", around), self.random.choice(CODES)
        if kind in ("error", "escalation"):
            self.throws[key] = (kind, code)
        if kind == "terminate":
            self.terminates.add(key)
        event = {kind: code} if kind != "none" else {}
        to.end(key, **event, **({"key_": KEY} if kind == "message" else {}))

    def _boundaries(self, to: Builder, host: str, around: tuple[str, ...]) -> None:
        found: list[Handler] = []
        for _ in range(self.random.choice((0, 0, 1, 2, 3, 4))):
            key, name, event = self._event(found)
            if not key:
                continue
            self.around[key] = around
            kind = next(iter(event)) if "timer" not in event and "cycle" not in event else "timer"
            handler = Handler(key, kind, name, kind == "error" or self._chance(0.5))
            found.append(handler)
            self.hosts[key] = host
            to.boundary(host, key, interrupting=handler.interrupting, **event)
            self._also(to, key, event)
            # It waits first, and throws no signal: nothing feeds itself.
            to.user_task(self._id("user_task", around))
            self._end(to, around, self.random.choice(("none", "none", "error", "terminate")))
        self.handlers[host] = found
