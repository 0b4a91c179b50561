"""Types as expressions name them (`list<number>`, `context<a: string>`), and whether a value is of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.feel.values import Kind, Value, kind_of


@dataclass(frozen=True, slots=True)
class FeelType:
    """A type: its name, what is within it, and for a context the types of members; an unknown name fits nothing."""

    name: str
    inner: tuple[FeelType, ...] = ()
    members: tuple[tuple[str, FeelType], ...] = ()


SIMPLE: Final[Mapping[str, FeelType]] = {
    name: FeelType(name)
    for name in ("Any", "Null", *(kind.value for kind in Kind if kind not in (Kind.NULL, Kind.OTHER)))
} | {  # as older diagrams name them
    "dateTime": FeelType(Kind.DATE_TIME.value),
    "dayTimeDuration": FeelType(Kind.DAYS.value),
    "yearMonthDuration": FeelType(Kind.MONTHS.value),
}


def is_instance(value: Value, kind: FeelType) -> bool | None:
    """Tell whether a value is of a type; null is an instance of `Null` only; None where the type is unknown."""
    if kind.name not in SIMPLE:
        return None
    if value is None:
        return kind.name == "Null"
    return conforms(value, kind)


def conforms(value: Value, kind: FeelType) -> bool:
    """Tell whether a value may stand where a type is asked for; null may stand anywhere."""
    name = kind.name
    if value is None or name == "Any":
        return True
    found = kind_of(value)
    if name != found.value:
        return False
    if found is Kind.LIST and kind.inner:
        return all(conforms(item, kind.inner[0]) for item in value)
    if found is Kind.CONTEXT:
        return all(member in value and conforms(value[member], inner) for member, inner in kind.members)
    if found is Kind.RANGE and kind.inner:
        ends = [end for end in (value.start, value.end) if end is not None]
        return all(conforms(end, kind.inner[0]) for end in ends)
    return True
