"""Compiled expressions, kept by their text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from engine.feel.builtins import BUILTINS
from engine.feel.calls import FORMS
from engine.feel.compiler import compile_tree
from engine.feel.environment import Closure, HostFunctions, Run
from engine.feel.errors import FeelSyntaxError, LimitReached
from engine.feel.free_names import free_names
from engine.feel.limits import CACHED, LONG_CACHED, LONG_TEXT, MAX_NESTING, MAX_RESULT, TEXT_A_STEP
from engine.feel.names import Candidate, Spelling, candidates, is_special, known_among, spelling_of
from engine.feel.parser import NOTHING, Vocabulary, parse, parse_tests
from engine.feel.tokens import Token, tokenize
from engine.feel.tree import Call, Context, For, ListOf, Name, Node, parts_of
from engine.feel.types import FeelType
from engine.feel.values import Range, Value

Known = frozenset[tuple[Spelling, str]]
Parse = Callable[[str, Sequence[Token], Vocabulary], Node]

_MAKERS: Final = (Call, Context, For, ListOf)  # what can make a value larger than the variables are
_HOLDING: Final = frozenset({list, dict, Range})  # values that may hold others, over and over
_READINGS: Final = 64  # of one text, by the names that are in scope


class CompiledExpression:
    """An expression ready to be evaluated, any number of times and by several threads."""

    __slots__ = (
        "_candidates",
        "_closure",
        "_makes",
        "_parse",
        "_readings",
        "_tokens",
        "_vocabulary",
        "names",
        "text",
        "tree",
        "unknown_functions",
    )

    def __init__(self, text: str, vocabulary: Vocabulary, parse_: Parse) -> None:
        self.text = text
        self._parse = parse_
        self._tokens = tokenize(text)
        self._vocabulary = vocabulary
        self.tree, self._closure = self._read(vocabulary)
        self._makes = any(isinstance(part, _MAKERS) for part in parts_of(self.tree))
        self._candidates: list[Candidate] = candidates(text, self._tokens)
        self._readings: dict[Known, Closure] = {}
        try:
            free = free_names(self.tree)
        except RecursionError as error:
            raise FeelSyntaxError("Expected less nesting", 1) from error
        #: What it reads from its variables: names that neither the expression itself nor the language brings.
        self.names: frozenset[str] = free - BUILTINS.keys() - FORMS
        called = (part.function for part in parts_of(self.tree) if isinstance(part, Call))
        #: Functions that it calls and nothing defines, unless a variable or the host does: spelling mistakes, mostly.
        self.unknown_functions: frozenset[str] = self.names & {part.name for part in called if isinstance(part, Name)}

    def evaluate(
        self,
        variables: Mapping[str, object],
        *,
        now: dt.datetime,
        zone: dt.tzinfo,
        functions: HostFunctions | None = None,
    ) -> Any:
        """Return the value over variables; `now` is aware, `zone` is that of `now()` and `today()`.

        Raises:
            FeelError: A limit is passed, or an `assert` does not hold.
        """
        closure = self._closure if not self._candidates else self._reading(variables)
        try:
            value = closure(Run(variables, now, zone, functions))
        except RecursionError as error:
            raise LimitReached("Expected less nesting, but the expression goes too deep") from error
        if self._makes and type(value) in _HOLDING:
            check_size(value)
        return value

    def without_value(self, variables: Mapping[str, object]) -> list[tuple[str, int]]:
        """Return the names it reads that variables lack, or hold null, each with its first position from 1.

        That is why most conditions are null: whoever refuses a null says so with this.
        """
        found = []
        for name in self.names:
            if variables.get(name) is None:
                spelling = spelling_of(name)
                texts = [token.text for token in self._tokens]
                starts = (at for at in range(len(texts)) if tuple(texts[at : at + len(spelling)]) == spelling)
                at = next(starts, None)
                if at is not None:
                    found.append((name, self._tokens[at].start + 1))
        return sorted(found, key=lambda place: place[1])

    def _reading(self, variables: Mapping[str, object]) -> Closure:
        """Return the closure of the text as it is read with the names that are in scope."""
        known = known_among(self._candidates, variables)
        if not known:
            return self._closure
        found = self._readings.get(known)
        if found is None:
            found = self._read(self._vocabulary.with_names(known))[1]
            if len(self._readings) < _READINGS:
                self._readings[known] = found
        return found

    def _read(self, vocabulary: Vocabulary) -> tuple[Node, Closure]:
        tree = self._parse(self.text, self._tokens, vocabulary)
        try:
            return tree, compile_tree(tree)
        except RecursionError as error:
            raise FeelSyntaxError("Expected less nesting", 1) from error


def compile_expression(
    text: str, names: Iterable[str] = (), types: Mapping[str, FeelType] | None = None
) -> CompiledExpression:
    """Compile an expression; what was compiled before is kept, unless it needs names or types of its own.

    Args:
        text: FEEL, without the `=` that diagrams write before it.
        names: Names with signs or keywords in them that will be in scope; others are found at evaluation.
        types: Types that the host has named.

    Raises:
        FeelSyntaxError: The text is no FEEL.
    """
    if names or types:
        return CompiledExpression(text, vocabulary_of(names, types), parse)
    return _expression(text) if len(text) <= LONG_TEXT else _long_expression(text)


def compile_unary_tests(
    text: str, names: Iterable[str] = (), types: Mapping[str, FeelType] | None = None
) -> CompiledExpression:
    """Compile the unary tests of a decision table's cell; the value they test is the variable `?`.

    Raises:
        FeelSyntaxError: The text is no unary tests.
    """
    if names or types:
        return CompiledExpression(text, vocabulary_of(names, types), parse_tests)
    return _tests(text) if len(text) <= LONG_TEXT else _long_tests(text)


@lru_cache(maxsize=CACHED)
def _expression(text: str) -> CompiledExpression:
    return CompiledExpression(text, NOTHING, parse)


@lru_cache(maxsize=CACHED)
def _tests(text: str) -> CompiledExpression:
    return CompiledExpression(text, NOTHING, parse_tests)


_long_expression = lru_cache(maxsize=LONG_CACHED)(_expression.__wrapped__)
_long_tests = lru_cache(maxsize=LONG_CACHED)(_tests.__wrapped__)


def vocabulary_of(names: Iterable[str], types: Mapping[str, FeelType] | None) -> Vocabulary:
    """Return what texts may refer to: names as they are spelled, of which plain ones need not be known, and types."""
    spelled = ((spelling_of(name), name) for name in names)
    return Vocabulary(frozenset(pair for pair in spelled if is_special(pair[0])), types or {})


def check_size(value: Value) -> None:
    """Refuse what could not be stored: lists, contexts and ranges that hold each other over and over.

    Raises:
        LimitReached: There is too much in the value, or it is nested too deeply.
    """
    left, level = MAX_RESULT, [value]
    for _ in range(MAX_NESTING):
        inner: list[Value] = []
        for part in level:
            items = _within(part)
            left -= len(items) + sum(len(item) // TEXT_A_STEP for item in items if type(item) is str)
            if left < 0:
                raise LimitReached(f"Expected at most {MAX_RESULT} values, but the expression makes more")
            inner.extend(item for item in items if type(item) in _HOLDING)
        if not inner:
            return
        level = inner
    raise LimitReached(f"Expected at most {MAX_NESTING} lists and contexts within each other, but there are more")


def _within(value: Value) -> list[Value]:
    if type(value) is dict:
        return [*value.keys(), *value.values()]
    return [value.start, value.end] if type(value) is Range else value
