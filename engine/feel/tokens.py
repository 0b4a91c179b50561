"""FEEL text as tokens: numbers, strings, at-literals, words and signs; comments and white space fall away."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import IntEnum
from typing import Any, Final, NamedTuple

from engine.feel.errors import FeelSyntaxError
from engine.feel.limits import MAX_TEXT


class Kind(IntEnum):
    """What a token is."""

    NUMBER = 1
    STRING = 2
    WORD = 3
    QUOTED = 4  # a name between back-ticks
    SIGN = 5
    END = 6


class Token(NamedTuple):
    """A piece of the text; `value` is what a literal means, else the text itself."""

    kind: Kind
    text: str
    value: Any
    start: int
    end: int


KEYWORDS: Final = frozenset(
    {"and", "between", "else", "every", "false", "for", "function", "if", "in", "null", "or"}
    | {"return", "satisfies", "some", "then", "true"}
)

# DMN 1.5, 10.3.1.2, rules 28 and 29: Thai letters and marks are among them.
_START: Final = (
    "?A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\ufffd\U00010000-\U000effff"
)
_PART: Final = _START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
_SPACE: Final = "\\s\u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
_TOKEN: Final = re.compile(
    rf"""
    (?P<space>[{_SPACE}]+|//[^\n]*|/\*.*?\*/)
  | (?P<open>/\*)
  | (?P<string>"(?:[^"\\]|\\.)*")
  | (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<word>[{_START}][{_PART}]*(?:'[{_PART}]+)*)
  | (?P<quoted>`[^`]+`)
  | (?P<sign>\*\*|\.\.|<=|>=|!=|->|[-+*/<>=.,:()\[\]{{}}@])
    """,
    re.VERBOSE | re.DOTALL,
)
_NAME: Final = re.compile(rf"[{_START}][{_PART}{_SPACE}./\-'+*]*")
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_PLAIN: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_MAX_EXPONENT: Final = 6_000
_MAX_DIGITS: Final = 400  # of a number literal, exponent apart


def tokenize(text: str) -> list[Token]:
    """Cut a text into tokens; the last one is always END.

    Raises:
        FeelSyntaxError: A sign is none of FEEL's, or a string has no end.
    """
    if len(text) > MAX_TEXT:
        raise FeelSyntaxError(f"Expected at most {MAX_TEXT} characters, but there are {len(text)}", MAX_TEXT + 1)
    tokens: list[Token] = []
    at, end = 0, len(text)
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup == "open":
            raise _unknown(text, at)
        if match.lastgroup != "space":
            tokens.append(_token(match, tokens))
            at = tokens[-1].end
        else:
            at = match.end()
    tokens.append(Token(Kind.END, "", None, end, end))
    return tokens


def squeeze(text: str) -> str:
    """Write a name with one blank where there is white space, as names are compared."""
    return re.sub(rf"[{_SPACE}]+", " ", text).strip()


def is_name(text: str) -> bool:
    """Tell whether a text can be a name: blanks and the signs . / - ' + * are allowed in it."""
    return _NAME.fullmatch(text) is not None


def _token(match: re.Match[str], before: list[Token]) -> Token:
    text, start, end = match[0], match.start(), match.end()
    if match.lastgroup == "number":
        if text[0] == "." and before and before[-1].end == start and before[-1].kind is not Kind.SIGN:
            return Token(Kind.SIGN, ".", ".", start, start + 1)  # a path into what stands before
        return Token(Kind.NUMBER, text, _number(text, start), start, end)
    if match.lastgroup == "string":
        return Token(Kind.STRING, text, unescape(text[1:-1], start + 1), start, end)
    if match.lastgroup == "word":
        return Token(Kind.WORD, text, text, start, end)
    if match.lastgroup == "quoted":
        return Token(Kind.QUOTED, text, squeeze(text[1:-1]), start, end)
    return Token(Kind.SIGN, text, text, start, end)


def _number(text: str, start: int) -> int | Decimal:
    if len(text) > _MAX_DIGITS:
        raise FeelSyntaxError(f"Expected a number of at most {_MAX_DIGITS} digits, but it is longer", start + 1)
    if text.isdigit():
        return int(text)
    number = Decimal(text)
    if abs(number.adjusted()) > _MAX_EXPONENT:
        raise FeelSyntaxError(f"Expected a number up to 1e{_MAX_EXPONENT}, but got {text}", start + 1)
    return number


def unescape(text: str, start: int) -> str:
    """Resolve the escapes of a string literal that begins at `start`.

    Raises:
        FeelSyntaxError: An escape means no character.
    """
    if "\\" not in text:
        return text

    def one(match: re.Match[str]) -> str:
        if match[3] is not None:
            return _PLAIN.get(match[3], match[0])
        code = int(match[1] or match[2], 16)
        if code > 0x10FFFF:  # noqa: PLR2004 - Unicode's last
            raise FeelSyntaxError(f"Expected a character, but {match[0]} is none", start + match.start() + 1)
        return chr(code)

    plain = _ESCAPE.sub(one, text)
    try:
        return plain.encode("utf-16", "surrogatepass").decode("utf-16")  # two halves make one character
    except UnicodeDecodeError as error:
        raise FeelSyntaxError("Expected a pair of surrogates, but there is only half of one", start + 1) from error


def _unknown(text: str, at: int) -> FeelSyntaxError:
    if text[at] == '"':
        return FeelSyntaxError("Expected the string to end with a quotation mark, but it has no end", at + 1)
    if text[at] == "/":
        return FeelSyntaxError("Expected the comment to end with */, but it has no end", at + 1)
    if text[at] == "`":
        return FeelSyntaxError("Expected the name to end with a back-tick, but it has no end", at + 1)
    return FeelSyntaxError(f"Expected FEEL, but {text[at]!r} is none of its signs", at + 1)
