"""A place in the tokens of an expression, how to move on from it, and which names are known there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from engine.feel.errors import FeelSyntaxError
from engine.feel.limits import MAX_DEPTH
from engine.feel.names import Spelling, is_special
from engine.feel.tokens import KEYWORDS, Kind, Token, squeeze

# Built-in functions and types with a keyword in their name.
SPOKEN: dict[Spelling, str] = {
    ("date", "and", "time"): "date and time",
    ("years", "and", "months", "duration"): "years and months duration",
    ("days", "and", "time", "duration"): "days and time duration",
    ("get", "or", "else"): "get or else",
    ("working", "days", "between"): "working days between",
}


class Cursor:
    """Reads tokens one after the other."""

    def __init__(self, text: str, tokens: Sequence[Token], known: Iterable[tuple[Spelling, str]] = ()) -> None:
        self._text = text
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._known: dict[Spelling, str] = dict(known)

    @property
    def token(self) -> Token:
        """The token that comes next."""
        return self._tokens[self._at]

    def ahead(self, distance: int = 1) -> Token:
        """Return a token after the next one."""
        return self._tokens[min(self._at + distance, len(self._tokens) - 1)]

    def advance(self) -> Token:
        """Take the next token."""
        token = self._tokens[self._at]
        if token.kind is not Kind.END:
            self._at += 1
        return token

    def at_sign(self, *signs: str) -> bool:
        """Tell whether one of these signs comes next."""
        token = self._tokens[self._at]
        return token.kind is Kind.SIGN and token.text in signs

    def at_word(self, word: str) -> bool:
        """Tell whether this word comes next."""
        token = self._tokens[self._at]
        return token.kind is Kind.WORD and token.text == word

    def accept(self, sign: str) -> bool:
        """Take a sign if it comes next."""
        found = self.at_sign(sign)
        if found:
            self._at += 1
        return found

    def accept_word(self, word: str) -> bool:
        """Take a word if it comes next."""
        found = self.at_word(word)
        if found:
            self._at += 1
        return found

    def expect(self, sign: str) -> None:
        """Take a sign that must come next."""
        if not self.accept(sign):
            raise self.wrong(f"{sign!r}")

    def expect_word(self, word: str) -> None:
        """Take a word that must come next."""
        if not self.accept_word(word):
            raise self.wrong(f"{word!r}")

    def wrong(self, expected: str) -> FeelSyntaxError:
        """Return what is wrong at this place."""
        token = self.token
        found = "the expression ends" if token.kind is Kind.END else f"got {token.text[:40]!r}"
        return FeelSyntaxError(f"Expected {expected}, but {found}", token.start + 1)

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Count one level of nesting."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FeelSyntaxError(f"Expected at most {MAX_DEPTH} levels of nesting", self.token.start + 1)
        yield
        self._depth -= 1

    # -- names ------------------------------------------------------------------------------------------------------

    @contextmanager
    def knowing(self, names: Mapping[Spelling, str]) -> Iterator[None]:
        """Know more names for a while: those that the expression itself makes."""
        before = self._known
        self._known = {**before, **{spelling: name for spelling, name in names.items() if is_special(spelling)}}
        yield
        self._known = before

    def spelled_until(self, *ends: str) -> tuple[Spelling, str] | None:
        """Take a name of any words and signs that ends before one of these signs or words; None if there is none."""
        first = self._at
        if self.token.kind is Kind.QUOTED and self.ahead().text in ends:
            return (), str(self.advance().value)
        at = first
        while self._tokens[at].kind in (Kind.WORD, Kind.NUMBER) or self._tokens[at].text in ("+", "-", "*", "/", "."):
            if self._tokens[at].text in ends:
                break
            at += 1
        if at == first or self._tokens[at].text not in ends or self._tokens[first].kind is not Kind.WORD:
            return None
        self._at = at
        name = squeeze(self._text[self._tokens[first].start : self._tokens[at - 1].end])
        return tuple(token.text for token in self._tokens[first:at]), name

    def name(self) -> str:
        """Take a name: the longest known one, else as many words as stand together."""
        token = self.token
        if token.kind is Kind.QUOTED:
            return str(self.advance().value)
        if token.kind is not Kind.WORD:
            raise self.wrong("a name")
        known = self._longest()
        if known is not None:
            return known
        words = [self.advance().text]
        while self._joins():
            words.append(self.advance().text)
        return " ".join(words)

    def _longest(self) -> str | None:
        best: tuple[int, str] | None = None
        for names, needs_call in ((self._known, False), (SPOKEN, True)):
            for spelling, name in names.items():
                length = len(spelling)
                if (best is None or length > best[0]) and self._spells(spelling, needs_call=needs_call):
                    best = (length, name)
        if best is None:
            return None
        self._at += best[0]
        return best[1]

    def _spells(self, spelling: Spelling, *, needs_call: bool = False) -> bool:
        if any(self.ahead(at).text != part for at, part in enumerate(spelling)):
            return False
        after = self.ahead(len(spelling))
        if needs_call:
            return after.text == "("
        return after.kind is not Kind.WORD or after.text in KEYWORDS or self._is_instance_of(len(spelling))

    def _joins(self) -> bool:
        token = self.token
        if token.kind is Kind.NUMBER:
            return token.text[0] != "."  # `decision 2.1` is a name; a number cannot follow one otherwise
        return token.kind is Kind.WORD and token.text not in KEYWORDS and not self._is_instance_of(0)

    def _is_instance_of(self, distance: int) -> bool:
        return self.ahead(distance).text == "instance" and self.ahead(distance + 1).text == "of"
