"""Variables as bytes and back, exactly: JSON, with a tag for what JSON has no word for.

A tagged value is an object with one key that starts with `$`, e.g. `{"$decimal":"1.50"}`. An object of the user whose
keys start with `$` is escaped, so that no form field can pose as a tag. Numbers keep their type: 0 is not False, 1 is
not 1.0, Decimal("1.50") keeps its zero. Anything else is refused, never cut.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from engine.errors import InvalidVariables

_MAX_DEPTH: Final = 200
_INT64: Final = 2**63
_PLAIN: Final = frozenset({str, bool, int, type(None)})
_DECIMAL, _INT, _DATE, _TIME, _MOMENT, _DURATION, _MAP = (
    "$decimal",
    "$int",
    "$date",
    "$time",
    "$datetime",
    "$duration",
    "$map",
)

Encoder = Callable[[Any], object]
Decoder = Callable[[Any], object]

_ENCODERS: dict[type, tuple[str, Encoder]] = {}
_DECODERS: dict[str, Decoder] = {}


def register(kind: type, tag: str, encode: Encoder, decode: Decoder) -> None:
    """Teach the codec one more value type: `encode` gives JSON (str, int, list), `decode` takes it back."""
    _ENCODERS[kind] = (tag, encode)
    _DECODERS[tag] = decode


def dumps(value: object) -> bytes:
    """Encode a value, keys in the order given.

    Raises:
        InvalidVariables: A value cannot be stored exactly; the message names where it stands.
    """
    return _pack(to_json(value), 0)


def dumps_canonical(value: object) -> bytes:
    """Encode a value so that equal values give equal bytes (sorted keys), for hashing.

    Raises:
        InvalidVariables: A value cannot be stored exactly.
    """
    return _pack(to_json(value), orjson.OPT_SORT_KEYS)


def loads(data: bytes | str) -> Any:
    """Decode what `dumps` wrote."""
    value = orjson.loads(data)
    tagged = '"$' in data if isinstance(data, str) else b'"$' in data
    return from_json(value) if tagged else value


def check(variables: Mapping[str, object]) -> None:
    """Refuse variables that could not be stored exactly.

    Raises:
        InvalidVariables: A name is not a text, or a value cannot be stored.
    """
    for name, value in variables.items():
        if not isinstance(name, str):
            raise InvalidVariables(f"Expected names of variables to be text, but got {name!r}.", name=str(name))
        dumps({name: value})


def fields_of(record: Any) -> dict[str, Any]:
    """Return the fields of a data class by name, their values as they are: to be encoded, not to be changed."""
    kind: Any = type(record)
    return {name: getattr(record, name) for name in _field_names(kind)}


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def to_json(value: object) -> object:
    """Turn a value into what JSON can say: the tagged form."""
    return _to_json(value, "", 0)


def from_json(value: object) -> Any:
    """Turn the tagged form back into the value."""
    if isinstance(value, dict):
        if len(value) == 1:
            (key,) = value
            if key[:1] == "$":
                return _decode(key, value[key])
        return {key: from_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [from_json(item) for item in value]
    return value


def _pack(value: object, option: int) -> bytes:
    try:
        return orjson.dumps(value, option=option)
    except (orjson.JSONEncodeError, RecursionError) as error:
        raise InvalidVariables(f"Expected variables that can be stored exactly, but {error}.") from error


def _to_json(value: Any, path: str, depth: int) -> object:  # noqa: PLR0911 (one branch a kind, the commonest first)
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        return value if -_INT64 <= value < _INT64 else {_INT: str(value)}
    if depth > _MAX_DEPTH:
        raise InvalidVariables(f"Expected at most {_MAX_DEPTH} levels of nesting, but {path!r} is deeper.", path=path)
    if kind is dict:
        return _object(value, path, depth)
    if kind is list or kind is tuple:
        if _is_plain(value):
            return value
        return [_to_json(item, f"{path}[{at}]", depth + 1) for at, item in enumerate(value)]
    if kind is float:
        return _finite(value)
    if kind in _ENCODERS:
        tag, encode = _ENCODERS[kind]
        return {tag: encode(value)}
    return _rare(value, path, depth)


def _is_plain(values: Sequence[Any]) -> bool:
    """Tell whether JSON says these items as they are; lists of hundreds of texts are written with every step."""
    kinds = set(map(type, values))
    if not kinds <= _PLAIN:
        return False
    return int not in kinds or all(-_INT64 <= value < _INT64 for value in values if type(value) is int)


def _object(value: Mapping[str, object], path: str, depth: int) -> object:
    escape = False
    for key in value:
        if type(key) is not str:
            if not isinstance(key, str):
                raise InvalidVariables(f"Expected text as a key in {path!r}, but got {key!r}.", path=path)
            return _object({str(name): item for name, item in value.items()}, path, depth)
        escape = escape or key[:1] == "$"
    packed = {key: _to_json(item, f"{path}.{key}", depth + 1) for key, item in value.items()}
    return {_MAP: list(packed.items())} if escape else packed


def _rare(value: object, path: str, depth: int) -> object:
    """Subclasses (StrEnum, IntEnum, defaultdict, namedtuple) are stored as the plain value they are."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return _to_json(int(value), path, depth)
    if isinstance(value, float):
        return _finite(float(value))
    if isinstance(value, Mapping):
        return _object(value, path, depth)
    if isinstance(value, list | tuple):
        return _to_json(list(value), path, depth)
    for known, (tag, encode) in _ENCODERS.items():
        if isinstance(value, known):
            return {tag: encode(value)}
    where = path.lstrip(".")
    raise InvalidVariables(
        f"Expected variables that can be stored exactly, but {where or 'the value'} is a {type(value).__name__}.",
        path=where,
    )


def _decode(tag: str, value: Any) -> object:
    if tag == _MAP:
        return {key: from_json(item) for key, item in value}
    decode = _DECODERS.get(tag)
    if decode is None:
        raise InvalidVariables(f"Expected a known kind of stored value, but got {tag!r}.", tag=tag)
    return decode(value)


def _encode_decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise InvalidVariables(f"Expected a finite number, but got {value}.")
    return str(value)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise InvalidVariables(f"Expected a finite number, but got {value}.")
    return value


def _encode_moment(value: dt.datetime) -> object:
    zone = value.tzinfo
    if isinstance(zone, ZoneInfo) and zone.key != "UTC":
        # The zone decides what "one day later" means, so it is kept beside the offset of this moment.
        return [value.isoformat(), zone.key, value.fold]
    return value.isoformat()


def _decode_moment(value: Any) -> dt.datetime:
    if isinstance(value, str):
        return dt.datetime.fromisoformat(value)
    text, key, fold = value
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(key), fold=fold)


def _encode_time(value: dt.time) -> object:
    zone = value.tzinfo
    if isinstance(zone, ZoneInfo):  # a time alone has no offset in a zone, so that the text would lose it
        return [value.replace(tzinfo=None).isoformat(), zone.key]
    return value.isoformat()


def _decode_time(value: Any) -> dt.time:
    if isinstance(value, str):
        return dt.time.fromisoformat(value)
    text, key = value
    return dt.time.fromisoformat(text).replace(tzinfo=ZoneInfo(key))


def _encode_duration(value: dt.timedelta) -> list[int]:
    return [value.days, value.seconds, value.microseconds]


def _decode_duration(value: Any) -> dt.timedelta:
    days, seconds, microseconds = value
    return dt.timedelta(days=days, seconds=seconds, microseconds=microseconds)


register(Decimal, _DECIMAL, _encode_decimal, Decimal)
register(dt.datetime, _MOMENT, _encode_moment, _decode_moment)  # before date: a datetime is a date, too
register(dt.date, _DATE, dt.date.isoformat, dt.date.fromisoformat)
register(dt.time, _TIME, _encode_time, _decode_time)
register(dt.timedelta, _DURATION, _encode_duration, _decode_duration)
_DECODERS[_INT] = int
