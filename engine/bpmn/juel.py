"""Expressions in the Unified Expression Language (`${…}`, `#{…}`) → FEEL: values and conditions, never calls.

The grammar is that of JSR-341, chapter 1, without lambdas and assignments. What reaches into Java (methods, functions,
the engine's own objects) has no equal in FEEL and is refused with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_OPENING: Final = re.compile(r"\\?[$#]\{")
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)"
    r"|(?P<string>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]]))",
    re.DOTALL,
)
_LONGEST: Final = 10_000  # characters
_DEEPEST: Final = 50  # brackets in brackets

_NO_VALUE: Final = "it is not a simple value or condition"
_CALL: Final = "it calls a method or function"
_OBJECT: Final = "it uses an object of the other engine"
_NAME: Final = "it uses a name that no variable can have"

# What the other engines put beside the variables, and words that FEEL keeps for itself.
_OBJECTS: Final = frozenset({"execution", "task", "authenticatedUserId", "delegateTask", "caseExecution", "connector"})
_FEEL_WORDS: Final = frozenset(
    {"and", "between", "else", "every", "external", "for", "function", "if", "in", "instance", "not", "null", "or"}
    | {"return", "satisfies", "some", "then"}
)
# Java engines count what a multi-instance does under these names, and its items from zero.
_COUNTERS: Final = {
    "nrOfInstances": "numberOfInstances",
    "nrOfActiveInstances": "numberOfActiveInstances",
    "nrOfCompletedInstances": "numberOfCompletedInstances",
}
_WORDS: Final = {
    "and": "&&", "or": "||", "not": "!", "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=",
    "div": "/", "mod": "%", "empty": "empty", "instanceof": "instanceof",
}  # fmt: skip
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}

_IF, _OR, _AND, _COMPARISON, _SUM, _PRODUCT, _UNARY, _WHOLE = range(8)  # how closely the parts of a FEEL text hold
_BINARY: Final[dict[str, tuple[int, str]]] = {
    "||": (_OR, "or"),
    "&&": (_AND, "and"),
    "==": (_COMPARISON, "="),
    "!=": (_COMPARISON, "!="),
    "<": (_COMPARISON, "<"),
    ">": (_COMPARISON, ">"),
    "<=": (_COMPARISON, "<="),
    ">=": (_COMPARISON, ">="),
    "+": (_SUM, "+"),
    "-": (_SUM, "-"),
    "*": (_PRODUCT, "*"),
    "/": (_PRODUCT, "/"),
}


class Untranslatable(ValueError):
    """Expected a value or condition without calls, but the expression is none; the reason is for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_juel(text: str) -> bool:
    """Tell whether a text holds an expression in `${…}` or `#{…}`."""
    return "${" in text or "#{" in text


def to_feel(text: str) -> str:
    """Return the FEEL of a text that is one expression, or a text with expressions in it, which are joined.

    Raises:
        Untranslatable: It calls Java, or is no expression of this language.
    """
    if len(text) > _LONGEST:
        raise Untranslatable(_NO_VALUE)
    parts = _parts(text.strip())
    if len(parts) == 1 and parts[0].is_expression:
        return _translate(parts[0].text)
    return " + ".join(f"string({_translate(part.text)})" if part.is_expression else quoted(part.text) for part in parts)


def quoted(text: str) -> str:
    """Return a text as a FEEL string."""
    return f'"{"".join(_ESCAPES.get(sign, sign) for sign in text)}"'


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    is_expression: bool


def _parts(text: str) -> list[_Part]:
    parts: list[_Part] = []
    plain = ""
    place = 0
    while found := _OPENING.search(text, place):
        plain += text[place : found.start()]
        if found[0].startswith("\\"):
            plain += found[0][1:]
            place = found.end()
            continue
        end = _closing(text, found.end())
        if plain:
            parts.append(_Part(plain, is_expression=False))
            plain = ""
        parts.append(_Part(text[found.end() : end], is_expression=True))
        place = end + 1
    plain += text[place:]
    if plain:
        parts.append(_Part(plain, is_expression=False))
    return parts


def _closing(text: str, place: int) -> int:
    """Return where the brace is that ends an expression; braces in strings do not count."""
    quote = ""
    while place < len(text):
        sign = text[place]
        if quote:
            if sign == "\\":
                place += 1
            elif sign == quote:
                quote = ""
        elif sign in "'\"":
            quote = sign
        elif sign == "}":
            return place
        place += 1
    raise Untranslatable(_NO_VALUE)


def _translate(text: str) -> str:
    return _Reader(_tokens(text)).whole()


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    place = 0
    end = len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None:
            raise Untranslatable(_NO_VALUE)
        kind = str(found.lastgroup)
        word = found[kind]
        after_a_dot = bool(tokens) and tokens[-1] == ("sign", ".")
        if kind == "name" and word in _WORDS and not after_a_dot:
            kind, word = "sign", _WORDS[word]
        tokens.append((kind, word))
        place = found.end()
    return tokens


@dataclass(frozen=True, slots=True)
class _Feel:
    """A part of the translation, and how closely it holds together."""

    text: str
    holds: int

    def within(self, level: int) -> str:
        """Return the text for a place that wants parts which hold at least so closely."""
        return self.text if self.holds >= level else f"({self.text})"


class _Reader:
    """Reads the tokens of one expression by descent, writing FEEL on the way."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0

    def whole(self) -> str:
        """Return the FEEL of all tokens."""
        found = self._choice()
        if self._place < len(self._tokens):
            raise Untranslatable(_NO_VALUE)
        return found.text

    def _take(self, *signs: str) -> str | None:
        if self._place < len(self._tokens):
            kind, word = self._tokens[self._place]
            if kind == "sign" and word in signs:
                self._place += 1
                return word
        return None

    def _must(self, sign: str) -> None:
        if self._take(sign) is None:
            raise Untranslatable(_NO_VALUE)

    def _choice(self) -> _Feel:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Untranslatable(_NO_VALUE)
        test = self._row(self._and, "||")
        if self._take("?") is not None:
            first = self._choice()
            self._must(":")
            second = self._choice()
            test = _Feel(f"if {test.text} then {first.within(_OR)} else {second.within(_OR)}", _IF)
        self._depth -= 1
        return test

    def _and(self) -> _Feel:
        return self._row(self._equality, "&&")

    def _equality(self) -> _Feel:
        return self._row(self._order, "==", "!=")

    def _order(self) -> _Feel:
        return self._row(self._sum, "<", ">", "<=", ">=")

    def _sum(self) -> _Feel:
        return self._row(self._product, "+", "-")

    def _row(self, inner: Callable[[], _Feel], *signs: str) -> _Feel:
        left = inner()
        while (sign := self._take(*signs)) is not None:
            right = inner()
            level, written = _BINARY[sign]
            closest_left = level + 1 if level == _COMPARISON else level  # FEEL does not compare comparisons
            left = _Feel(f"{left.within(closest_left)} {written} {right.within(level + 1)}", level)
        return left

    def _product(self) -> _Feel:
        left = self._unary()
        while (sign := self._take("*", "/", "%")) is not None:
            right = self._unary()
            if sign == "%":
                left = _Feel(f"modulo({left.text}, {right.text})", _WHOLE)
            else:
                left = _Feel(f"{left.within(_PRODUCT)} {sign} {right.within(_UNARY)}", _PRODUCT)
        return left

    def _unary(self) -> _Feel:
        before: list[str] = []
        while (sign := self._take("-", "!", "empty")) is not None:
            before.append(sign)
        found = self._value()
        for sign in reversed(before):
            if sign == "-":
                found = _Feel(f"-{found.within(_WHOLE)}", _UNARY)
            elif sign == "!":
                found = _Feel(f"not({found.text})", _WHOLE)
            else:
                found = _Feel(f'list contains([null, "", [], {{}}], {found.text})', _WHOLE)
        return found

    def _value(self) -> _Feel:
        found = self._primary()
        while (sign := self._take(".", "[", "(")) is not None:
            if sign == "(":
                raise Untranslatable(_CALL)
            found = self._member(found) if sign == "." else self._item(found)
        return found

    def _member(self, owner: _Feel) -> _Feel:
        kind, word = self._next()
        if kind != "name":
            raise Untranslatable(_NO_VALUE)
        if self._place < len(self._tokens) and self._tokens[self._place] == ("sign", "("):
            raise Untranslatable(_CALL)
        return _Feel(f"{owner.within(_WHOLE)}.{_name(word)}", _WHOLE)

    def _item(self, owner: _Feel) -> _Feel:
        kind, word = self._tokens[self._place] if self._place < len(self._tokens) else ("", "")
        inner = self._choice()
        self._must("]")
        if kind == "string" and inner.text == quoted(_unquoted(word)):
            return _Feel(f"get value({owner.text}, {inner.text})", _WHOLE)
        if kind == "number" and inner.text.isdigit():
            return _Feel(f"{owner.within(_WHOLE)}[{int(inner.text) + 1}]", _WHOLE)  # FEEL counts from one
        raise Untranslatable(_NO_VALUE)  # whether it is a position or a key shows only when it runs

    def _primary(self) -> _Feel:
        if self._take("(") is not None:
            return self._bracketed()
        kind, word = self._next()
        if kind == "number":
            return _Feel(word.rstrip(".") if word.endswith(".") else word, _WHOLE)
        if kind == "string":
            return _Feel(quoted(_unquoted(word)), _WHOLE)
        if kind != "name":
            raise Untranslatable(_NO_VALUE)
        if word in ("true", "false", "null"):
            return _Feel(word, _WHOLE)
        is_called = self._place < len(self._tokens) and self._tokens[self._place][1] in ("(", ":")
        if is_called and self._is_function():
            raise Untranslatable(_CALL)
        if word in _OBJECTS:
            raise Untranslatable(_OBJECT)
        if word == "loopCounter":
            return _Feel("loopCounter - 1", _SUM)
        return _Feel(_COUNTERS.get(word) or _name(word), _WHOLE)

    def _bracketed(self) -> _Feel:
        inner = self._choice()
        self._must(")")
        return inner

    def _is_function(self) -> bool:
        """Tell a call `f(…)` or `p:f(…)` from the colon of a choice."""
        rest = self._tokens[self._place : self._place + 3]
        return rest[0] == ("sign", "(") or (
            len(rest) == 3 and rest[0] == ("sign", ":") and rest[1][0] == "name" and rest[2] == ("sign", "(")  # noqa: PLR2004
        )

    def _next(self) -> tuple[str, str]:
        if self._place >= len(self._tokens):
            raise Untranslatable(_NO_VALUE)
        self._place += 1
        return self._tokens[self._place - 1]


def _name(word: str) -> str:
    if word in _FEEL_WORDS:
        raise Untranslatable(_NAME)
    return word


def _unquoted(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word[1:-1], flags=re.DOTALL)
