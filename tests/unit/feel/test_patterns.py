"""Regular expressions: what XPath means by them, what Python's own find, and no pattern that takes forever."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feel.patterns import PatternError, compile_pattern


def spend(_: int) -> None:
    """Nothing is counted here."""


def found(pattern: str, text: str, flags: str = "") -> list[str]:
    return [text[match.start : match.end] for match in compile_pattern(pattern, flags).matches(text, spend)]


CASES = [
    ("a", "banana", "", ["a", "a", "a"]),
    ("a+?", "aaa", "", ["a", "a", "a"]),
    ("a{2}", "aaaaa", "", ["aa", "aa"]),
    ("a{1,2}", "aaaaa", "", ["aa", "aa", "a"]),
    ("a|ab", "ab", "", ["a"]),
    ("(a*)*", "aab", "", ["aa", "", ""]),
    ("^b", "ab\nb", "", []),
    ("^b", "ab\nb", "m", ["b"]),
    (".", "a\n", "", ["a"]),
    (".", "a\n", "s", ["a", "\n"]),
    ("[a-c-[b]]", "abc", "", ["a", "c"]),
    ("[^a]", "ab", "", ["b"]),
    (r"\d+", "a12ข๓", "", ["12", "๓"]),
    (r"\p{Lu}", "aBก", "", ["B"]),
    (r"\p{IsThai}+", "แผน 2570", "", ["แผน"]),
    (r"\P{L}", "a1", "", ["1"]),
    (r"\w+", "แผน งาน!", "", ["แผน", "งาน"]),
    (r"(a)\1", "aab", "", ["aa"]),
    ("A b", "xab", "ix", ["ab"]),
    ("a.b", "a.b axb", "q", ["a.b"]),
    ("k", "K\u212a", "i", ["K", "\u212a"]),
    ("[^Q]", "qQa", "i", ["a"]),
    ("(?:ab)+", "ababx", "", ["abab"]),
    ("", "ab", "", ["", "", ""]),
]


@pytest.mark.parametrize(("pattern", "text", "flags", "expected"), CASES, ids=[f"{p} {f}" for p, _, f, _ in CASES])
def test_a_pattern_finds_what_xpath_means(pattern: str, text: str, flags: str, expected: list[str]) -> None:
    assert found(pattern, text, flags) == expected


WRONG = [
    "(",
    ")",
    "[",
    "[]",
    "a**",
    "*",
    "a{2,1}",
    "a{x}",
    r"\q",
    r"\1",
    r"(a\1)",
    "[b-a]",
    r"\p{Xx}",
    r"\p{IsNowhere}",
]
WRONG += [r"\p{Lu", "(" * 60 + ")" * 60, "a{1001}", "(a{1000}){1000}", "(?=a)", "a\\"]


@pytest.mark.parametrize("pattern", WRONG)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)


@pytest.mark.parametrize("flags", ["p", "X", " ", "ii "])
def test_an_unknown_flag_is_refused(flags: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern("a", flags)


SIMPLE = st.recursive(
    st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", "^", "$"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        inner.map(lambda part: f"({part})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=6,
)


@given(SIMPLE, st.text("abc", max_size=8))
def test_the_first_match_is_the_one_that_python_finds(pattern: str, text: str) -> None:
    expected = re.search(pattern.replace("$", r"\Z"), text)

    match = compile_pattern(pattern).search(text, 0, spend)

    assert (match is None) is (expected is None)
    if match is not None and expected is not None:
        assert (match.start, match.end) == expected.span()


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "(a|aa)+$", "(.*)*b", "(a*)*(a*)*(a*)*b", "(x+x+)+y"])
def test_no_pattern_takes_forever(pattern: str) -> None:
    before = time.process_time()

    found(pattern, ("a" * 500 if "x" not in pattern else "x" * 500) + "!")

    assert time.process_time() - before < 10
