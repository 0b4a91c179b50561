"""Whose data: a person of the organisation, and the ways in which people write the name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from workflows.errors import DomainError
from workflows.organization.models import Person

_TITLES: Final = re.compile(
    r"^(?:นางสาว|นาย|นาง|น\.ส\.|ดร\.|ผศ\.|รศ\.|ศ\.|ว่าที่ร้อยตรี|ว่าที่ ร\.ต\.|ร้อยตรี|ร้อยโท|ร้อยเอก"
    r"|พันตรี|พันโท|พันเอก|พล\S*|ม\.ล\.|ม\.ร\.ว\.|Mr\.?|Mrs\.?|Ms\.?)\s*"
)
_REMARK: Final = re.compile(r"\s*\([^()]*\)\s*$")
_SHORTEST: Final = 5
ERASED_ID: Final = re.compile(r"\[บุคคล [0-9A-F]{8}\]")
"""What stands where a name was taken out; the number is drawn, and leads nowhere."""


class PersonUnknown(DomainError):
    """Expected a person of the organisation, but there is none with this id."""

    code = "person_not_found"


@dataclass(frozen=True, slots=True)
class Subject:
    """A person with the names to look for, the longest first; without an id somebody who is only named in texts."""

    id: str
    name: str
    names: tuple[str, ...]

    @property
    def is_erased(self) -> bool:
        """Whether the name was taken out already."""
        return ERASED_ID.fullmatch(self.name) is not None


def find_subject(session: Session, person_id: str, *, also: Sequence[str] = ()) -> Subject:
    """Return a person with the names under which texts may know them: as registered, without title, and those given.

    Raises:
        PersonUnknown: There is none with this id.
    """
    person = session.get(Person, person_id)
    if person is None:
        raise PersonUnknown(f"Expected a person of the organisation, but {person_id!r} is none.", person=person_id)
    return Subject(person.id, person.name, _names(person.name, also))


def named_subject(name: str, *, also: Sequence[str] = ()) -> Subject:
    """Return somebody who is no person of the organisation: a speaker or guest of a consultation."""
    return Subject("", name.strip(), _names(name.strip(), also))


def _names(name: str, also: Sequence[str]) -> tuple[str, ...]:
    if ERASED_ID.fullmatch(name):
        return ()
    wanted = {name, *(other.strip() for other in also)}
    for full in (name, _REMARK.sub("", name)):
        bare = _TITLES.sub("", full).strip()
        if " " in bare:  # one word alone could be anybody's, or no name at all
            wanted |= {full, bare}
    return tuple(sorted((each for each in wanted if len(each) >= _SHORTEST), key=lambda each: (-len(each), each)))
