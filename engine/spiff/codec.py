"""State as bytes and back, in a versioned format of our own: tokens in order, scopes, queues; a part for each body.

A row is `[id, element, state, id of the token above or "", rest]`; `rest` holds only what is set. Values of variables
are written by `engine.codec`, which keeps every type. A head whose step was cut short names the queues of tokens that
move or work next (`m`, `w`), the parts in which a join may be ready or an event has to look (`j`), and the variables
that conditional events have still to look at (`c`); any head names the parked tokens (`p`).
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from engine.errors import StateUnreadable
from engine.spiff.scopes import Scope
from engine.spiff.steps import WaitKind
from engine.spiff.timers import Cycle
from engine.spiff.tokens import AT_A_JOIN, ITEMS_IN_A_PART, Token

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow

FORMAT: Final = 1
FORMAT_WITH_VARIABLES_APART: Final = 2
"""That of a head which names variables with parts of their own (`a`); earlier versions must not take it for theirs."""

HEAD: Final = ""

Row = list[Any]
# Fields of a token that are stored as they are, while they are set on it.
_PLAIN: Final = {
    "r": "results",
    "b": "brought",
    "f": "flow",
    "t": "taken_in",
    "z": "closing",
    "u": "queued",
    "w": "wait",
    "s": "name",
    "h": "held",
    "n": "firing",
    "i": "index",
    "e": "entered",
    "d": "driver",
    "q": "pending",
    "k": "records",
}


def write_parts(instance: InstanceWorkflow) -> None:
    """Write the head and every part that is loaded; unchanged ones are left as they are."""
    scopes: dict[str, list[Any]] = {part: [] for part in instance.counters}
    for workflow in instance.workflows():
        host = "" if workflow.host is None else workflow.host.id
        rows = _rows(workflow.root_tokens(), workflow.part)
        scopes[workflow.part].append([host, rows, workflow.records] if workflow.records else [host, rows])
    for part, counter in instance.counters.items():
        if part != HEAD:
            body = _row(instance.index[part])
            instance.parts.write(part, {"v": FORMAT, "n": counter, "b": body, "s": scopes[part]})
    for token in list(instance.index.values()):
        if token.many is not None:
            _write_many(instance, token)
    small, apart = instance.data.store()
    head: dict[str, Any] = {"v": FORMAT, "n": instance.counters[HEAD], "d": small, "s": scopes[HEAD]}
    if apart:
        head |= {"v": FORMAT_WITH_VARIABLES_APART, "a": apart}
    head |= _going_on(instance)
    if instance.error is not None:
        head["e"] = instance.error
    instance.parts.write(HEAD, head)


def load_head(instance: InstanceWorkflow) -> None:
    """Fill an empty instance from its head."""
    head = _checked(instance.parts.value(HEAD))
    instance.data.load(head["d"], head.get("a", ()))
    instance.counters[HEAD] = head["n"]
    instance.error = head.get("e")
    _load_scopes(instance, head["s"])
    for name, queue in (("m", instance.moving), ("w", instance.work)):
        for token_id in head.get(name, ()):
            token = instance.find(token_id)
            if token is not None:
                queue.append(token)
    for part in head.get("j", ()):
        instance.find(part)  # loads it
    instance.parked = dict.fromkeys(head.get("p", ()))
    instance.changed, instance.to_look = set(head.get("c", ())), "c" in head


def load_body(instance: InstanceWorkflow, wrapper: Token, index: int) -> None:
    """Load a body from its part, or its output when it is finished."""
    name = wrapper.task_spec.part_of(wrapper, index)
    part = _checked(instance.parts.value(name))
    assert wrapper.many is not None
    if "b" not in part:
        wrapper.many.outputs[index] = part.get("o")
        return
    instance.counters[name] = part["n"]
    _load_row(instance, wrapper.workflow, part["b"], name)
    _load_scopes(instance, part["s"])


def _going_on(instance: InstanceWorkflow) -> dict[str, list[str]]:
    """Return what the next step takes up, as far as there is any."""
    found = {
        "m": [token.id for token in instance.moving if token.alive],
        "w": [token.id for token in instance.work if token.alive],
        "j": _parts_going_on(instance),
        "p": list(instance.parked),
    }
    going_on = {name: ids for name, ids in found.items() if ids}
    return going_on | {"c": sorted(instance.changed)} if instance.to_look else going_on


def _parts_going_on(instance: InstanceWorkflow) -> list[str]:
    """Return the parts in which a join may be ready, or an event has still to look, when a step was cut short."""
    if not instance.unfinished:
        return []
    found = {workflow.part for workflow in instance.workflows() if workflow.joining}
    if instance.to_look:
        tokens = instance.index.values()
        found |= {token.part for token in tokens if token.wait is WaitKind.CONDITION and token.held is None}
    return sorted(found - {HEAD})


def _rows(tokens: list[Any], part: str) -> list[Row]:
    found, to_see = [], list(reversed(tokens))
    while to_see:
        token = to_see.pop()
        found.append(_row(token))
        to_see.extend(child for child in reversed(token.children) if child.part == part)
    return found


def _row(token: Token) -> Row:
    above, own = token.parent, vars(token)
    rest: dict[str, Any] = {key: own[name] for key, name in _PLAIN.items() if own.get(name) is not None}
    if token.own_scope:
        rest["l"] = token.scope.values
    if token.cycle is not None:
        cycle: Cycle = token.cycle
        rest["c"] = [cycle.origin.isoformat(), cycle.period, cycle.shift, cycle.left, cycle.count]
    if token.many is not None:
        many = token.many
        if _waits_for_items(token) and many.chunks == 0:
            many.chunks = -(-many.total // ITEMS_IN_A_PART)
        rest["m"] = [many.total, many.spawned, many.done, many.chunks]
    name = token.task_spec.name
    row = [token.id, name, token.state, "" if above is token.workflow.task_tree else above.id]
    return [*row, rest] if rest else row


def _load_scopes(instance: InstanceWorkflow, scopes: list[Any]) -> None:
    for host_id, rows, *records in scopes:
        if host_id == "":
            workflow: Any = instance
        else:
            host = instance.index[host_id]
            workflow = instance.create_subprocess(host, host.task_spec.element.id)
        workflow.records = records[0] if records else []
        for row in rows:
            _load_row(instance, workflow, row, workflow.part)


def _load_row(instance: InstanceWorkflow, workflow: Any, row: Row, part: str) -> None:
    token_id, name, state, above_id = row[:4]
    spec = workflow.spec.task_specs[name]
    above = instance.index[above_id] if above_id else workflow.task_tree
    token = instance.adopt(Token(workflow, spec, above, token_id, state), part)
    if len(row) > 4:  # noqa: PLR2004 - the row has a rest
        _load_rest(token, row[4])
    if state == AT_A_JOIN:
        spec.line_up(token)


def _load_rest(token: Token, rest: dict[str, Any]) -> None:
    spec = token.task_spec
    for key, name in _PLAIN.items():
        if key in rest:
            setattr(token, name, rest[key])
    if "w" in rest:
        token.wait = WaitKind(rest["w"])
    if "c" in rest:
        origin, *others = rest["c"]
        token.cycle = Cycle(dt.datetime.fromisoformat(origin), *others)
    if "m" in rest:
        spec.restore(token, *rest["m"])
    if "i" in rest:
        token.wrapper = token.parent
    if "l" in rest:
        around = token.wrapper.scope if token.wrapper is not None else token.workflow.scope
        token.scope = Scope(token.id, spec.element.id, rest["l"], around)
        token.own_scope = True


def _waits_for_items(token: Token) -> bool:
    many = token.many
    return many is not None and many.items is not None and many.spawned < many.total


def _write_many(instance: InstanceWorkflow, token: Token) -> None:
    """Write the outputs of bodies that this step has finished, and the items that are still to come."""
    many, spec = token.many, token.task_spec
    assert many is not None
    if spec.keeps_finished:
        for index, output in many.outputs.items():
            instance.parts.write(spec.part_of(token, index), {"v": FORMAT, "o": output})
    many.kept = spec.kept_of(many.spawned, many.done)
    if _waits_for_items(token):
        assert many.items is not None
        for chunk in range(many.chunks):
            items = many.items[chunk * ITEMS_IN_A_PART : (chunk + 1) * ITEMS_IN_A_PART]
            instance.parts.write(f"{token.id}.i{chunk}", items)


def _checked(part: Any) -> Any:
    if part.get("v") not in (FORMAT, FORMAT_WITH_VARIABLES_APART):
        raise StateUnreadable(format=part.get("v"), known=FORMAT)
    return part
