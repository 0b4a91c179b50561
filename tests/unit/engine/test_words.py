"""Texts as they are searched: what looks or is typed alike is the same."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.words import ESCAPE, fold, pattern, phrase


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ปี ๒๕๗๑", "ปี 2571"),
        ("ABC", "abc"),
        ("น้ำ", "น\u0e49\u0e4d\u0e32"),  # SARA AM in two parts, after the tone mark
        ("น้ำ", "น\u0e4d\u0e49\u0e32"),  # and before it
        ("แผน", "เเผน"),  # two SARA E look like one SARA AE
        ("แผน\u200bพัฒนา", "แผนพัฒนา"),  # a break that nobody sees
        ("  สอง   คำ ", "สอง คำ"),
        ("é", "e\u0301"),
    ],
)
def test_what_looks_alike_is_found_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text(max_size=40))
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet="ก%_\\\"' *abน้", max_size=12), st.text(alphabet="ก%_\\\"' *abน้", max_size=6))
def test_a_pattern_means_its_text_and_nothing_else(hay: str, needle: str) -> None:
    with sqlite3.connect(":memory:") as database:
        (found,) = database.execute("SELECT ? LIKE ? ESCAPE ?", (hay, pattern(needle), ESCAPE)).fetchone()

    assert bool(found) == (needle in hay)


@given(st.text(alphabet='กขค"*()-:^ANDORNOT ', min_size=3, max_size=12))
def test_a_phrase_has_no_operators(text: str) -> None:
    words = fold(text)
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE VIRTUAL TABLE w USING fts5(words, tokenize = 'trigram case_sensitive 1')")
        database.execute("INSERT INTO w VALUES (?)", (f"หน้า {words} หลัง",))
        found = database.execute("SELECT 1 FROM w WHERE w MATCH ?", (phrase(words),)).fetchone()

    assert len(words) < 3 or found
