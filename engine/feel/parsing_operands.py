"""Operands of an expression: literals, names, paths, filters, calls, lists, contexts, ranges, `if`, `for`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Final, TypeVar

from engine.feel.errors import FeelSyntaxError
from engine.feel.limits import MAX_CHAIN
from engine.feel.moments import read_at_literal
from engine.feel.names import Spelling, spelling_of
from engine.feel.parsing_types import Types
from engine.feel.tokens import KEYWORDS, Kind, is_name
from engine.feel.tree import (
    Call,
    Context,
    Filter,
    For,
    FunctionOf,
    If,
    Iterator,
    ListOf,
    Literal,
    Name,
    Negation,
    Node,
    Path,
    Quantified,
    RangeOf,
    UnaryRange,
)
from engine.feel.types import FeelType

T = TypeVar("T")

_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_OPENING_WORDS: Final = frozenset({"if", "for", "some", "every", "function", "true", "false", "null"})


class Operands(Types):
    """What stands between operators."""

    _closing_open = False  # within the end of a range, where `[` may close it

    @abstractmethod
    def expression(self) -> Node:
        """Take a whole expression."""

    @abstractmethod
    def addition(self) -> Node:
        """Take an expression without comparisons."""

    def unary(self) -> Node:
        """Take an operand, with minus signs before it."""
        if not self.at_sign("-"):
            return self._postfix(self._primary())
        with self.deeper():
            self.advance()
            operand = self.unary()
        if isinstance(operand, Literal) and type(operand.value) is not bool and operand.value is not None:
            number = operand.value
            if not isinstance(number, str) and hasattr(number, "as_integer_ratio"):
                return Literal(-number)
        return Negation(operand)

    def _postfix(self, base: Node) -> Node:
        links = 0
        while self.at_sign(".", "[", "("):
            links += 1
            if links > MAX_CHAIN:
                raise self.wrong(f"at most {MAX_CHAIN} steps of a path")
            if self.at_sign("[") and self._closing_open and not self._opens(self.ahead().text, self.ahead().kind):
                break
            if self.accept("."):
                with self.knowing(_names_within(base)):
                    base = Path(base, self._member())
            elif self.accept("["):
                base = Filter(base, self._bracketed("]"))
            else:
                self.advance()
                base = self._call(base)
        return base

    def _opens(self, text: str, kind: Kind) -> bool:
        """Tell whether a token can begin an operand."""
        if kind is Kind.SIGN:
            return text in ("(", "-", "@", "{")
        if kind is Kind.WORD:
            return text not in KEYWORDS or text in _OPENING_WORDS
        return kind is not Kind.END

    def _member(self) -> str:
        token = self.token
        if token.kind is Kind.WORD and token.text in KEYWORDS:
            return self.advance().text
        return self.name()

    def _primary(self) -> Node:
        token = self.token
        if token.kind in (Kind.NUMBER, Kind.STRING):
            return Literal(self.advance().value)
        if token.kind is Kind.QUOTED:
            return Name(self.name())
        if token.kind is Kind.WORD:
            return self._word(token.text)
        rule = {
            "(": self._round,
            "[": self._square,
            "]": self._square,
            "{": self._context,
            "@": self._at_literal,
        }.get(token.text)
        if rule is None:
            raise self.wrong("a value")
        return rule()

    def _word(self, word: str) -> Node:
        if word in _CONSTANTS:
            self.advance()
            return Literal(_CONSTANTS[word])
        if word == "if":
            return self._if()
        if word == "for":
            return self._for()
        if word in ("some", "every") and self._is_quantified():
            return self._quantified()
        if word == "function" and self.ahead().text == "(":
            return self._function()
        if word in KEYWORDS:
            raise self.wrong("a value")
        return Name(self.name())

    def _at_literal(self) -> Node:
        self.advance()
        token = self.token
        if token.kind is not Kind.STRING:
            raise self.wrong('a date, time or duration between quotation marks after "@"')
        value = read_at_literal(token.value)
        if value is None:
            raise FeelSyntaxError(
                f"Expected a date, time or duration after '@', but got {token.text[:40]}", token.start + 1
            )
        self.advance()
        return Literal(value)

    # -- brackets -----------------------------------------------------------------------------------------------------

    def _bracketed(self, end: str) -> Node:
        """Take an expression and the bracket that ends it."""
        inner = self._inner()
        self.expect(end)
        return inner

    def _round(self) -> Node:
        self.advance()
        if self.at_sign("=", "!=", "<", "<=", ">", ">="):
            node: Node = UnaryRange(self.advance().text, self._inner())
            self.expect(")")
            return node
        inner = self._inner()
        if self.accept(".."):
            return self._range_end(inner, start_included=False)
        self.expect(")")
        return inner

    def _square(self) -> Node:
        closed = self.advance().text == "["
        if closed and self.accept("]"):
            return ListOf(())
        first = self._inner()
        if self.accept(".."):
            return self._range_end(first, start_included=closed)
        if not closed:
            raise self.wrong("'..'")
        items = [first]
        while self.accept(","):
            items.append(self._inner())
        self.expect("]")
        return ListOf(tuple(items))

    def _inner(self) -> Node:
        return self._enclosed(self.expression)

    def _enclosed(self, rule: Callable[[], T]) -> T:
        """Take what stands between brackets or words, where `[` is a filter whatever is around."""
        outer, self._closing_open = self._closing_open, False
        taken = rule()
        self._closing_open = outer
        return taken

    def _range_end(self, start: Node, *, start_included: bool) -> Node:
        outer, self._closing_open = self._closing_open, True
        with self.deeper():
            end = self.addition()
        self._closing_open = outer
        if not self.at_sign("]", ")", "["):
            raise self.wrong("']', ')' or '[' at the end of the range")
        return RangeOf(start, end, start_included, self.advance().text == "]")

    def _context(self) -> Node:
        self.advance()
        entries: list[tuple[str, Node]] = []
        names: dict[Spelling, str] = {}
        while not self.at_sign("}"):
            if entries:
                self.expect(",")
            spelling, name = self._key()
            self.expect(":")
            with self.knowing(names):
                entries.append((name, self._inner()))
            names[spelling] = name
        self.advance()
        return Context(tuple(entries))

    def _key(self) -> tuple[Spelling, str]:
        if self.token.kind in (Kind.STRING, Kind.QUOTED):
            return (), str(self.advance().value)
        found = self.spelled_until(":")
        if found is None:
            raise self.wrong("a name and ':'")
        return found

    # -- calls and functions ------------------------------------------------------------------------------------------

    def _call(self, function: Node) -> Node:
        arguments: list[Node] = []
        names: list[str] = []
        while not self.at_sign(")"):
            if arguments:
                self.expect(",")
            named = self.spelled_until(":")
            if named is not None:
                self.advance()
                names.append(named[1])
            arguments.append(self._inner())
            if names and len(names) != len(arguments):
                raise self.wrong("arguments that are all named, or none")
        self.advance()
        return Call(function, tuple(arguments), tuple(names) if names else None)

    def _function(self) -> Node:
        self.advance()
        self.advance()
        parameters: list[tuple[str, FeelType | None]] = []
        names: dict[Spelling, str] = {}
        while not self.at_sign(")"):
            if parameters:
                self.expect(",")
            found = self.spelled_until(":", ",", ")")
            if found is None:
                raise self.wrong("the name of a parameter")
            names[found[0]] = found[1]
            parameters.append((found[1], self.type() if self.accept(":") else None))
        self.advance()
        external = self.at_word("external") and self.ahead().text == "{" and self.accept_word("external")
        with self.knowing(names):
            body = self._inner()
        return FunctionOf(tuple(parameters), None if external else body)

    # -- conditions and loops -----------------------------------------------------------------------------------------

    def _if(self) -> Node:
        branches = []
        while self.accept_word("if"):
            condition = self._inner()
            self.expect_word("then")
            branches.append((condition, self._inner()))
            self.expect_word("else")
        return If(tuple(branches), self._inner())

    def _for(self) -> Node:
        self.advance()
        iterators, names = self._iterators("return")
        with self.knowing({**names, spelling_of("partial"): "partial"}):
            return For(iterators, self._inner())

    def _is_quantified(self) -> bool:
        return self.ahead().kind is Kind.WORD and self.ahead().text not in KEYWORDS

    def _quantified(self) -> Node:
        every = self.advance().text == "every"
        iterators, names = self._iterators("satisfies")
        with self.knowing(names):
            return Quantified(every, iterators, self._inner())

    def _iterators(self, end: str) -> tuple[tuple[Iterator, ...], dict[Spelling, str]]:
        iterators: list[Iterator] = []
        names: dict[Spelling, str] = {}
        while not iterators or self.accept(","):
            found = self.spelled_until("in")
            if found is None:
                raise self.wrong("a name and 'in'")
            self.advance()
            with self.knowing(names):
                source = self._inner()
                last = self._inner() if self.accept("..") else None
            iterators.append(Iterator(found[1], source, last))
            names[found[0]] = found[1]
        self.expect_word(end)
        return tuple(iterators), names


def _names_within(base: Node) -> dict[Spelling, str]:
    """Return the names that a context written out has."""
    return {spelling_of(name): name for name, _ in base.entries if is_name(name)} if isinstance(base, Context) else {}
