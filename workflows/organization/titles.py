"""Positions and capacities in words: "ผู้ว่าราชการจังหวัดลำปาง", and by which order somebody acts in one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy.orm import Session

from workflows.organization.acting import KIND_NAMES, KIND_NAMES_EN, ActingKind
from workflows.organization.models import Unit
from workflows.organization.roles import ROLES, split_group
from workflows.organization.units import UnitNames, unit_names

THAI: Final = "th"


def unit_name(unit: Unit | UnitNames, *, language: str = THAI) -> str:
    """Return a unit as it is written alone."""
    return unit.name_th if language == THAI else unit.name_en


def position_titles(session: Session, positions: Iterable[str], *, language: str = THAI) -> dict[str, str]:
    """Return positions in words; what is no position of ours comes back as it is."""
    split = {position: split_group(position) for position in positions}
    units = unit_names(session, {unit for _, unit in split.values()})
    titles = {}
    for position, (role_code, unit_code) in split.items():
        role, unit = ROLES.get(role_code), units.get(unit_code)
        if role is None or unit is None:
            titles[position] = position
            continue
        title = (role.title_th or role.name_th) if language == THAI else (role.title_en or role.name_en)
        titles[position] = title.replace("{unit}", unit_name(unit, language=language))
    return titles


def position_title(session: Session, position: str, *, language: str = THAI) -> str:
    """Return one position in words."""
    return position_titles(session, [position], language=language)[position]


def order_words(kind: ActingKind, number: str, dated: str, *, language: str = THAI) -> str:
    """Return how somebody acts for an office: "ปฏิบัติราชการแทน ตามคำสั่งที่ 2145/2567 ลงวันที่ 1 ตุลาคม 2567"."""
    if language == THAI:
        return f"{KIND_NAMES[kind]} ตามคำสั่งที่ {number} ลงวันที่ {dated}"
    return f"{KIND_NAMES_EN[kind]} the holder, by order {number} of {dated}"
