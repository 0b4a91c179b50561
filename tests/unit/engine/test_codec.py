"""What goes into storage comes out the same, value and type; what cannot is refused with its place."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import codec
from engine.errors import InvalidVariables

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["len", "typename", "ลำดับ", "$decimal", "$map", "$", "__builtins__", ""]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.dates()
    | st.times()
    | st.times(timezones=st.sampled_from([dt.UTC, ZoneInfo("Asia/Bangkok")]))
    | st.timedeltas()
    | st.datetimes()
    | st.datetimes(timezones=st.sampled_from([dt.UTC, ZoneInfo("Asia/Bangkok"), ZoneInfo("America/New_York")])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


def typed(value: object) -> object:
    """A value with its types, so that 0 is not False and 1.50 is not 1.5."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    return type(value).__name__, repr(value) if isinstance(value, Decimal | float) else value


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_variables_survive_storage_exactly(variables: dict[str, object]) -> None:
    stored = codec.loads(codec.dumps(variables))

    assert typed(stored) == typed(variables)
    assert list(stored) == list(variables)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_equal_variables_have_equal_canonical_bytes(variables: dict[str, object]) -> None:
    turned = dict(reversed(variables.items()))

    if not any(name.startswith("$") for name in variables):
        assert codec.dumps_canonical(turned) == codec.dumps_canonical(variables)


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), Decimal("NaN"), b"bytes", {1, 2}, object(), "\ud800", {1: "number as key"}],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_stored_exactly_is_refused(value: object) -> None:
    with pytest.raises(InvalidVariables):
        codec.dumps({"field": [value]})


def test_the_place_of_a_refused_value_is_named() -> None:
    with pytest.raises(InvalidVariables) as refused:
        codec.dumps({"plan": {"projects": [{"budget": object()}]}})

    assert refused.value.facts["path"] == "plan.projects[0].budget"


def test_nesting_has_an_end() -> None:
    deep: list[object] = []
    for _ in range(10_000):
        deep = [deep]

    with pytest.raises(InvalidVariables):
        codec.dumps({"deep": deep})


def test_an_unknown_tag_is_refused_not_guessed() -> None:
    with pytest.raises(InvalidVariables):
        codec.loads(b'{"$python":"os.system"}')
