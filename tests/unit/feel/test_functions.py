"""Functions of strings, lists, contexts, ranges, and conversions: what each promises, in tables."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feel import AssertionFailed
from engine.feel.builtins import BUILTINS
from tests.unit.feel.evaluation import evaluate, same

STRINGS: list[tuple[str, Any]] = [
    ('substring("foobar", 3)', "obar"),
    ('substring("foobar", 3, 3)', "oba"),
    ('substring("foobar", -2, 1)', "a"),
    ('substring("foobar", 0)', None),
    ('string length("แผน🐎")', 4),
    ('upper case("aBc")', "ABC"),
    ('lower case("aBc")', "abc"),
    ('substring before("foobar", "bar")', "foo"),
    ('substring before("foobar", "x")', ""),
    ('substring after("foobar", "ob")', "ar"),
    ('substring after("foobar", "")', "foobar"),
    ('contains("แผนจังหวัด", "จังหวัด")', True),
    ('starts with("foobar", "foo")', True),
    ('ends with("foobar", "r")', True),
    ('string join(["a", null, "c"], "-")', "a-c"),
    ('string join(["a", "b"], ", ", "<", ">")', "<a, b>"),
    ('string join(["a", 1])', None),
    ('matches("foobar", "^f.*b")', True),
    ('matches("foobar", "(")', None),
    ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
    ('replace("a", "a", "$")', None),
    ('replace("abc", "b*", "x")', None),
    (r'split("a;b;;c", ";")', ["a", "b", "", "c"]),
    (r'split("John  Doe", "\s+")', ["John", "Doe"]),
    ('extract("this is 1234 and 56", "[0-9]+")', ["1234", "56"]),
    ('trim("  a ")', "a"),
    ('is blank(" ")', True),
    ("upper case(1)", None),
    ('upper case(["a"])', "A"),
]
LISTS: list[tuple[str, Any]] = [
    ("list contains([1, null], null)", True),
    ("list contains([1], true)", False),
    ("sublist([1, 2, 3], 2)", [2, 3]),
    ("sublist([1, 2, 3], -2, 1)", [2]),
    ("sublist([1, 2, 3], 1, 4)", None),
    ("append([1], 2, [3])", [1, 2, [3]]),
    ("concatenate([1], [2, 3], 4)", [1, 2, 3, 4]),
    ("insert before([1, 3], 2, 2)", [1, 2, 3]),
    ("remove([1, 2, 3], 2)", [1, 3]),
    ("remove([1], 5)", None),
    ("list replace([1, 2, 3], 2, 9)", [1, 9, 3]),
    ("list replace([1, 5, 2], function(item, newItem) item < newItem, 4)", [4, 5, 4]),
    ("reverse([1, 2])", [2, 1]),
    ("index of([1, 2, 1], 1)", [1, 3]),
    ("union([1, 2], [2, 3])", [1, 2, 3]),
    ("distinct values([1, 1.0, true, 1, [2], [2], null, null])", [1, True, [2], None]),
    ("duplicate values([1, 2, 1, 3, 2, 1])", [1, 2]),
    ("duplicate values([1, 2, 3, 2, 1])", [1, 2]),
    ("flatten([1, [2, [3]], []])", [1, 2, 3]),
    ("sort([3, 1, 2], function(a, b) a < b)", [1, 2, 3]),
    ("sort([3, 1, 2], function(a, b) a > b)", [3, 2, 1]),
    ('sort(["ข", "ก"])', ["ก", "ข"]),
    ('sort([1, "a"])', None),
    ("partition([1, 2, 3, 4, 5], 2)", [[1, 2], [3, 4], [5]]),
    ("is empty([])", True),
    ("count(5)", 1),
    ("count(null)", None),
]
CONTEXTS: list[tuple[str, Any]] = [
    ('get value({a: 1}, "a")', 1),
    ('get value({a: {b: 2}}, ["a", "b"])', 2),
    ('get value({a: 1}, "b")', None),
    ("get entries({a: 1})", [{"key": "a", "value": 1}]),
    ('context([{key: "a", value: 1}])', {"a": 1}),
    ('context([{key: "a", value: 1}, {key: "a", value: 2}])', None),
    ('context put({a: 1}, "b", 2)', {"a": 1, "b": 2}),
    ('context put({a: {b: 1}}, ["a", "b"], 2)', {"a": {"b": 2}}),
    ("context merge([{a: 1}, {a: 2, b: 3}])", {"a": 2, "b": 3}),
]
RANGES: list[tuple[str, Any]] = [
    ("before(1, [2..3])", True),
    ("before([1..5), [5..9])", True),
    ("after([5..9], [1..5))", True),
    ("meets([1..5], [5..10])", True),
    ("meets([1..5[, [5..10])", False),
    ("met by([5..10], [1..5])", True),
    ("overlaps([1..5], [3..8])", True),
    ("overlaps before([1..5], [3..8])", True),
    ("overlaps after([3..8], [1..5])", True),
    ("finishes(10, [1..10])", True),
    ("finished by([1..10], [5..10])", True),
    ("includes([1..10], 10)", True),
    ("includes([1..10), 10)", False),
    ("during([4..6], [1..10])", True),
    ("starts(1, [1..10])", True),
    ("started by([1..10], [1..5])", True),
    ("coincides([1..5], [1..5])", True),
    ("coincides(3, 4)", False),
    ("includes((< 10), 5)", True),
    ('before(1, "a")', None),
    ('range("[1..3]") = [1..3]', True),
    ('range("[3..1]")', None),
]
CONVERSIONS: list[tuple[str, Any]] = [
    ("string(null)", None),
    ('string([1, "a", {b: null}])', '[1, "a", {b: null}]'),
    ("string([1..3])", "[1..3]"),
    ('string({"{": "\\"ก\\"", a b: 1})', '{"{": "\\"ก\\"", a b: 1}'),
    ("string(true)", "true"),
    ('string(@"P1Y2M")', "P1Y2M"),
    ("get or else(null, 1)", 1),
    ("get or else(false, 1)", False),
    ("assert(5, 5 > 1)", 5),
    ("is defined(unknown)", False),
    ("is defined(null)", False),
    ("is defined({a: null}.a)", True),
    ("is defined({a: null}.b)", False),
]
TABLE = [*STRINGS, *LISTS, *CONTEXTS, *RANGES, *CONVERSIONS]


@pytest.mark.parametrize(("text", "expected"), TABLE, ids=[text for text, _ in TABLE])
def test_a_function_returns_what_it_promises(text: str, expected: Any) -> None:
    assert same(evaluate(text), expected)


def test_an_assertion_that_does_not_hold_is_an_error_with_its_cause() -> None:
    with pytest.raises(AssertionFailed) as failed:
        evaluate('assert(budget, budget > 0, "no budget")', budget=0)

    assert failed.value.message == "no budget"


def test_every_function_of_the_standard_is_there() -> None:
    standard = """not, date, date and time, time, number, string, duration, years and months duration, substring,
        string length, upper case, lower case, substring before, substring after, replace, contains, starts with,
        ends with, matches, split, string join, list contains, count, min, max, sum, mean, all, any, sublist, append,
        concatenate, insert before, remove, list replace, reverse, index of, union, distinct values, flatten, product,
        median, stddev, mode, decimal, floor, ceiling, round up, round down, round half up, round half down, abs,
        modulo, sqrt, log, exp, odd, even, is, before, after, meets, met by, overlaps, overlaps before,
        overlaps after, finishes, finished by, includes, during, starts, started by, coincides, range, day of year,
        day of week, month of year, week of year, now, today, sort, get value, get entries, context, context put,
        context merge"""

    assert {" ".join(name.split()) for name in standard.split(",")} <= set(BUILTINS)


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_a_function_answers_arguments_that_do_not_fit_with_null(name: str) -> None:
    assert evaluate(f"`{name}`(f, f, f, f, f, f)", f=object()) is None or name in _TAKES_ANYTHING


_TAKES_ANYTHING = {"append", "concatenate", "union"}

ITEMS = st.lists(st.integers(-5, 5), max_size=8)
PLAIN = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(ITEMS, ITEMS)
def test_lists_are_joined_and_turned_as_in_python(a: list[int], b: list[int]) -> None:
    assert evaluate("concatenate(a, b)", a=a, b=b) == a + b
    assert evaluate("reverse(a)", a=a) == a[::-1]
    assert evaluate("distinct values(a)", a=a) == list(dict.fromkeys(a))
    assert evaluate("union(a, b)", a=a, b=b) == list(dict.fromkeys(a + b))
    assert evaluate("sort(a, function(x, y) x < y)", a=a) == sorted(a)
    assert evaluate("a[item > 0]", a=a) == [item for item in a if item > 0]


@given(ITEMS, st.integers(-10, 10))
def test_positions_count_from_one_and_from_the_end(items: list[int], place: int) -> None:
    index = place - 1 if place > 0 else place
    expected = items[index] if place and -len(items) <= index < len(items) else None

    assert evaluate("items[place]", items=items, place=place) == expected


@given(PLAIN, PLAIN)
def test_what_stands_before_and_after_a_match_makes_the_text(text: str, match: str) -> None:
    before = evaluate("substring before(t, m)", t=text, m=match)
    after = evaluate("substring after(t, m)", t=text, m=match)

    assert evaluate("contains(t, m)", t=text, m=match) is (match in text)
    if match and match in text:
        assert before + match + after == text


@given(st.lists(PLAIN.filter(lambda part: ";" not in part), min_size=1, max_size=5))
def test_what_is_joined_is_split_again(parts: list[str]) -> None:
    assert evaluate('split(string join(parts, ";"), ";")', parts=parts) == parts


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, VALUES)
def test_equality_is_that_of_values_of_one_kind(a: Any, b: Any) -> None:
    assert evaluate("a = a", a=a) is True
    assert evaluate("a = b", a=a, b=b) is evaluate("b = a", a=a, b=b)
    if same(a, b):
        assert evaluate("a = b", a=a, b=b) is True
