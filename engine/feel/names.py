"""Names that hold signs or keywords (`pre-bureau risk`, `profit and loss`): where a text may mean one of them.

`a-b` is a subtraction unless something is called `a-b`. What is in scope is known when the expression is evaluated, so
the places where such a name may stand are found once, and looked up each time; only those that exist change how the
text is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.feel.limits import MAX_NAME_TOKENS
from engine.feel.tokens import KEYWORDS, Kind, Token, squeeze, tokenize

SIGNS: Final = frozenset("+-*/")
Spelling = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Words and signs that would be one name; `bases` are paths of variables whose members are in scope there."""

    spelling: Spelling
    written: tuple[str, ...]  # how a variable may be written: as in the text, and without blanks around signs
    bases: tuple[tuple[str, ...], ...]
    is_member: bool


def spelling_of(name: str) -> Spelling:
    """Return a name as the texts of its tokens, by which names are compared whatever their blanks."""
    return tuple(token.text for token in tokenize(name)[:-1])


def is_special(spelling: Sequence[str]) -> bool:
    """Tell whether a name must be known to be read as one."""
    return any(part in SIGNS or part in KEYWORDS for part in spelling)


def candidates(text: str, tokens: Sequence[Token]) -> list[Candidate]:
    """Find all places of a text where a longer name may be meant, each spelling and place once."""
    found: dict[tuple[Spelling, tuple[tuple[str, ...], ...]], Candidate] = {}
    for first, token in enumerate(tokens):
        if token.kind is not Kind.WORD or token.text in KEYWORDS or _continues(tokens, first):
            continue
        for last in _ends(tokens, first):
            spelling = tuple(part.text for part in tokens[first : last + 1])
            bases, is_member = _bases(tokens, first)
            shown = squeeze(text[token.start : tokens[last].end])
            written = tuple(dict.fromkeys((shown, _tight(spelling), _loose(spelling))))
            found.setdefault((spelling, bases), Candidate(spelling, written, bases, is_member))
    return list(found.values())


def known_among(candidates_: Sequence[Candidate], variables: Mapping[str, Any]) -> frozenset[tuple[Spelling, str]]:
    """Return the spellings that something in scope has, each with how it is written there."""
    known = set()
    for candidate in candidates_:
        for written in candidate.written:
            if not candidate.is_member and written in variables:
                known.add((candidate.spelling, written))
                break
            if candidate.bases and any(written in members for members in _members(candidate.bases, variables)):
                known.add((candidate.spelling, written))
                break
    return frozenset(known)


def _continues(tokens: Sequence[Token], at: int) -> bool:
    return at > 0 and tokens[at - 1].kind is Kind.WORD and tokens[at - 1].text not in KEYWORDS


def _ends(tokens: Sequence[Token], first: int) -> Iterator[int]:
    """Yield where a name that begins at `first` and holds a sign or keyword may end."""
    special = False
    for at in range(first + 1, min(first + MAX_NAME_TOKENS, len(tokens))):
        token = tokens[at]
        if token.kind is Kind.SIGN:
            if token.text not in SIGNS:
                return
            special = True
        elif token.kind in (Kind.WORD, Kind.NUMBER):
            special = special or token.text in KEYWORDS
            follows = tokens[at + 1]
            whole = follows.kind is not Kind.WORD or follows.text in KEYWORDS
            if special and whole and token.text not in KEYWORDS:
                yield at
        else:
            return


def _bases(tokens: Sequence[Token], at: int) -> tuple[tuple[tuple[str, ...], ...], bool]:
    """Return the paths before this place: the one it is a member of, else those of the filters around it."""
    if at > 0 and tokens[at - 1].text == ".":
        path = _path_before(tokens, at - 1)
        return ((path,) if path else ()), True
    around, depth = [], 0
    for back in range(at - 1, -1, -1):
        text = tokens[back].text if tokens[back].kind is Kind.SIGN else ""
        if text in ("]", ")", "}"):
            depth += 1
        elif text in ("[", "(", "{"):
            if depth == 0 and text == "[" and (path := _path_before(tokens, back)):
                around.append(path)
            depth = max(0, depth - 1)
    return tuple(around), False


def _path_before(tokens: Sequence[Token], end: int) -> tuple[str, ...]:
    """Return the path of plain names that ends before a place: `a.b c` as ("a", "b c")."""
    path: list[str] = []
    at = end - 1
    while at >= 0 and tokens[at].kind is Kind.WORD and tokens[at].text not in KEYWORDS:
        words = [tokens[at].text]
        while at > 0 and tokens[at - 1].kind is Kind.WORD and tokens[at - 1].text not in KEYWORDS:
            at -= 1
            words.insert(0, tokens[at].text)
        path.insert(0, " ".join(words))
        if at < 2 or tokens[at - 1].text != ".":  # noqa: PLR2004 - a name and a full stop
            return tuple(path)
        at -= 2
    return ()


def _members(bases: Sequence[tuple[str, ...]], variables: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for path in bases:
        value: Any = variables
        for name in path:
            value = value[name] if isinstance(value, Mapping) and name in value else None
            if isinstance(value, list | tuple):
                value = next((item for item in value if isinstance(item, Mapping)), None)
        if isinstance(value, Mapping):
            yield value


def _tight(spelling: Spelling) -> str:
    shown = ""
    for part in spelling:
        blank = shown and part not in SIGNS and shown[-1] not in SIGNS
        shown += f" {part}" if blank else part
    return shown


def _loose(spelling: Spelling) -> str:
    return " ".join(spelling)
