"""Functions of contexts (DMN 1.5, 10.3.4.9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from engine.feel.environment import Run
from engine.feel.signatures import Library
from engine.feel.values import Kind, Value, kind_of

LIBRARY: Final = Library()


@LIBRARY.add("get value", "m: context", "key: string")
def get_value(m: Mapping[str, Value], key: str) -> Value:
    """Return the value of a key; null where there is none."""
    return m.get(key)


@LIBRARY.add("get value", "context: context", "keys: list")
def get_value_within(m: Mapping[str, Value], keys: Sequence[Value]) -> Value:
    """Return the value at the end of a path of keys."""
    found: Value = m if keys else None
    for key in keys:
        if kind_of(found) is not Kind.CONTEXT or key not in found:
            return None
        found = found[key]
    return found


@LIBRARY.add("get entries", "m: context")
def get_entries(run: Run, m: Mapping[str, Value]) -> list[Value]:
    """Return a list of contexts with `key` and `value`."""
    run.spend(len(m))
    return [{"key": key, "value": m[key]} for key in m]


@LIBRARY.add("context", "entries: list")
def context(entries: Sequence[Value]) -> Value:
    """Return a context made of a list of contexts with `key` and `value`; a key must not come twice."""
    made: dict[str, Value] = {}
    for entry in entries:
        if kind_of(entry) is not Kind.CONTEXT or "key" not in entry or "value" not in entry:
            return None
        key = entry["key"]
        if not isinstance(key, str) or key in made:
            return None
        made[key] = entry["value"]
    return made


@LIBRARY.add("context put", "context: context", "key: string", "value: Any")
def context_put(run: Run, m: Mapping[str, Value], key: str, value: Value) -> Value:
    """Return a context with one more, or one other, value."""
    run.spend(len(m))
    return {**m, key: value}


@LIBRARY.add("context put", "context: context", "keys: list", "value: Any")
def context_put_within(run: Run, m: Mapping[str, Value], keys: Sequence[Value], value: Value) -> Value:
    """Return a context with another value at the end of a path of keys."""
    if not keys or not isinstance(keys[0], str):
        return None
    run.spend(len(m))
    if len(keys) == 1:
        return {**m, keys[0]: value}
    inner = m.get(keys[0], {})
    if kind_of(inner) is not Kind.CONTEXT:
        return None
    put = context_put_within(run, inner, keys[1:], value)
    return None if put is None else {**m, keys[0]: put}


@LIBRARY.add("context merge", "contexts: list")
def context_merge(run: Run, contexts: Sequence[Value]) -> Value:
    """Return all entries of several contexts; the last one of a key counts."""
    merged: dict[str, Value] = {}
    for part in contexts:
        if kind_of(part) is not Kind.CONTEXT:
            return None
        run.spend(len(part))
        merged.update(part)
    return merged
