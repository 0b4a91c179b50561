"""Tokens to a syntax tree: the grammar of DMN 1.5, 10.3.1.2, operators by precedence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from typing_extensions import override

from engine.feel.errors import FeelSyntaxError
from engine.feel.limits import MAX_CHAIN
from engine.feel.names import Spelling
from engine.feel.parsing_operands import Operands
from engine.feel.tokens import Kind, Token, tokenize
from engine.feel.tree import (
    Between,
    Chain,
    Comparison,
    Conjunction,
    Disjunction,
    In,
    InstanceOf,
    Node,
    Tests,
    UnaryRange,
)
from engine.feel.types import FeelType

_OR, _AND, _COMPARE, _ADD, _MULTIPLY, _POWER, _INSTANCE = range(1, 8)
_SIGN_LEVELS: Final = {
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), _COMPARE),
    **dict.fromkeys(("+", "-"), _ADD),
    **dict.fromkeys(("*", "/"), _MULTIPLY),
    "**": _POWER,
}
_WORD_LEVELS: Final = {"or": _OR, "and": _AND, "between": _COMPARE, "in": _COMPARE, "instance": _INSTANCE}
COMPARISONS: Final = ("=", "!=", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a text may refer to: names that hold signs or keywords, as they are spelled, and types by name."""

    names: frozenset[tuple[Spelling, str]] = frozenset()
    types: Mapping[str, FeelType] = field(default_factory=dict)

    def with_names(self, names: frozenset[tuple[Spelling, str]]) -> Vocabulary:
        """Return a vocabulary of more names."""
        return Vocabulary(self.names | names, self.types)


NOTHING: Final = Vocabulary()


def parse(text: str, tokens: Sequence[Token], vocabulary: Vocabulary = NOTHING) -> Node:
    """Read an expression.

    Raises:
        FeelSyntaxError: It is none.
    """
    return _read(_parser(text, tokens, vocabulary), _Parser.expression)


def parse_tests(text: str, tokens: Sequence[Token], vocabulary: Vocabulary = NOTHING) -> Node:
    """Read unary tests.

    Raises:
        FeelSyntaxError: They are none.
    """
    return _read(_parser(text, tokens, vocabulary), _Parser.unary_tests)


def parse_type(text: str, types: Mapping[str, FeelType]) -> FeelType:
    """Read a type.

    Raises:
        FeelSyntaxError: It is none.
    """
    parser = _parser(text, tokenize(text), Vocabulary(types=types))
    found = parser.type()
    if parser.token.kind is not Kind.END:
        raise parser.wrong("the end of the type")
    return found


def _parser(text: str, tokens: Sequence[Token], vocabulary: Vocabulary) -> _Parser:
    parser = _Parser(text, tokens, vocabulary.names)
    parser.types = vocabulary.types
    return parser


def _read(parser: _Parser, rule: Callable[[_Parser], Node]) -> Node:
    try:
        node = rule(parser)
    except RecursionError as error:
        raise FeelSyntaxError("Expected less nesting", parser.token.start + 1) from error
    if parser.token.kind is not Kind.END:
        raise parser.wrong("an operator or the end")
    return node


class _Parser(Operands):
    """Operators over operands."""

    @override
    def expression(self) -> Node:
        with self.deeper():
            return self.operation(_OR)

    def unary_tests(self) -> Node:
        if self.at_sign("-") and self.ahead().kind is Kind.END:
            self.advance()
            return Tests((), negated=False)
        if self.at_word("not") and self.ahead().text == "(":
            start = self._at
            self.advance()
            self.advance()
            tests = self._tests()
            if self.accept(")") and self.token.kind is Kind.END:
                return Tests(tests, negated=True)
            self._at = start
        return Tests(self._tests(), negated=False)

    def operation(self, lowest: int, left: Node | None = None) -> Node:
        """Take operands and the operators between them that bind at least so tightly."""
        left = self.unary() if left is None else left
        links = 0
        while (level := self._level()) >= lowest:
            links += 1
            if links > MAX_CHAIN:
                raise self.wrong(f"at most {MAX_CHAIN} operators of different kinds in a row")
            left = self._operator(left, level)
        return left

    @override
    def addition(self) -> Node:
        return self.operation(_ADD)

    def _level(self) -> int:
        token = self.token
        if token.kind is Kind.SIGN:
            return _SIGN_LEVELS.get(token.text, 0)
        if token.kind is Kind.WORD:
            if token.text == "instance" and self.ahead().text != "of":
                return 0
            return _WORD_LEVELS.get(token.text, 0)
        return 0

    def _operator(self, left: Node, level: int) -> Node:
        if level in (_OR, _AND):
            return self._logic(left, level)
        if level == _COMPARE:
            return self._comparison(left)
        if level == _INSTANCE:
            self.advance()
            self.advance()
            return InstanceOf(left, self.type())
        rest = []
        while self._level() == level:
            sign = self.advance().text
            rest.append((sign, self.operation(level + 1)))
        return Chain(left, tuple(rest))

    def _logic(self, left: Node, level: int) -> Node:
        word = "or" if level == _OR else "and"
        parts = [left]
        while self.accept_word(word):
            parts.append(self.operation(level + 1))
        return Disjunction(tuple(parts)) if level == _OR else Conjunction(tuple(parts))

    def _comparison(self, left: Node) -> Node:
        word = self.advance().text
        if word == "between":
            low = self.addition()
            self.expect_word("and")
            return Between(left, low, self.addition())
        if word == "in":
            return In(left, self._tests_of_in())
        return Comparison(word, left, self.addition())

    # -- unary tests ------------------------------------------------------------------------------------------------

    def _tests_of_in(self) -> tuple[Node, ...]:
        if not self.at_sign("("):
            return (
                UnaryRange(self.advance().text, self.addition()) if self.at_sign(*COMPARISONS) else self.addition(),
            )
        with self.deeper():
            self.advance()
            tests = self._enclosed(self._tests)
        if self.accept(".."):
            whole: Node = self._range_end(tests[-1], start_included=False)
        else:
            self.expect(")")
            if len(tests) > 1 or isinstance(tests[0], UnaryRange):
                return tests
            whole = tests[0]
        return (self.operation(_ADD, self._postfix(whole)),)  # the operand began with a bracket

    def _tests(self) -> tuple[Node, ...]:
        tests = [self.test()]
        while self.accept(","):
            tests.append(self.test())
        return tuple(tests)

    def test(self) -> Node:
        if self.at_sign(*COMPARISONS):
            return UnaryRange(self.advance().text, self.addition())
        return self.expression()
