"""The signed-in person as the pages see them: name, positions held today, and the one in which they act now."""

from __future__ import annotations

from dataclasses import dataclass

from flask_login import UserMixin

from engine import Actor


@dataclass(frozen=True, slots=True)
class Capacity:
    """A position in which a person may act today."""

    id: str
    role: str
    unit: str  # code
    title: str  # "ผู้ว่าราชการจังหวัดลำปาง"
    acting: str = ""  # "ปฏิบัติราชการแทน ตามคำสั่งที่ …"
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SignedIn(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """The user of Flask-Login; one for each request."""

    token: str
    session_id: int
    account_id: int
    person_id: str
    login: str
    name: str
    capacities: tuple[Capacity, ...]
    capacity: Capacity | None
    unread: int = 0  # messages
    must_enrol: bool = False  # the role asks for a second factor, and there is none yet: nothing else opens
    confirmed: bool = True  # proved who they are a short while ago

    def get_id(self) -> str:
        """Return what the cookie keeps: the session's token, never the person's id."""
        return self.token

    @property
    def roles(self) -> frozenset[str]:
        """The roles of the present capacity."""
        return frozenset({self.capacity.role}) if self.capacity else frozenset()

    @property
    def actor(self) -> Actor:
        """Who acts, for the engine and the domain."""
        if self.capacity is None:
            return Actor(self.person_id)
        return Actor(self.person_id, self.capacity.id, self.capacity.groups)
