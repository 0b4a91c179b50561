"""Who the people are and what their positions are called, as the organisation knows them, in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from flask import has_request_context
from flask_babel import get_locale
from flask_login import current_user
from sqlalchemy.orm import Session
from typing_extensions import override

from web.formatting import long_date
from web.identity import Capacity
from web.people import Colleague, DayCounter, DemoPerson, DemoUnit, Directory
from workflows.calendar import WorkingDaysBetween, day_of, read_calendar
from workflows.cast import people
from workflows.organization import directory
from workflows.organization.acting import ActingKind
from workflows.organization.directory import Holder
from workflows.organization.geography import NATION, areas_or_nation, province_of
from workflows.organization.models import ActingOrder
from workflows.organization.roles import split_group
from workflows.organization.titles import THAI, order_words, position_title, position_titles, unit_name
from workflows.organization.units import unit_names


class OrganizationDirectory(Directory):
    """Answers the pages from the tables of the organisation and the calendar."""

    def __init__(self) -> None:
        self._between = WorkingDaysBetween(lambda _session, unit: areas_or_nation(unit))

    @override
    def capacities_of(self, session: Session, person_id: str, at: dt.datetime) -> Sequence[Capacity]:
        holders = directory.capacities_of(session, person_id, at)
        titles = position_titles(session, {holder.position for holder in holders}, language=_language())
        return [_capacity(holder, titles[holder.position]) for holder in holders]

    @override
    def names_of(self, session: Session, person_ids: Collection[str]) -> dict[str, str]:
        return dict(directory.names_of(session, person_ids))

    @override
    def colleagues(
        self, session: Session, groups: Collection[str], at: dt.datetime, *, without: str
    ) -> Sequence[Colleague]:
        found: dict[str, Holder] = {}
        for holder in directory.holders_of_any(session, groups, at):
            if holder.person != without:
                found.setdefault(holder.person, holder)
        titles = position_titles(session, {holder.position for holder in found.values()}, language=_language())
        return [Colleague(holder.person, holder.name, titles[holder.position]) for holder in found.values()]

    @override
    def group_title(self, session: Session, group: str) -> str:
        return position_title(session, group, language=_language())

    @override
    def group_titles(self, session: Session, groups: Collection[str]) -> dict[str, str]:
        return position_titles(session, groups, language=_language())

    @override
    def capacity_title(self, session: Session, capacity: str) -> str:
        position, order_id = directory.split_capacity(capacity)
        if not split_group(position)[1]:
            return ""  # the engine itself, or an act from outside of the organisation
        title = position_title(session, position, language=_language())
        order = session.get(ActingOrder, order_id) if order_id is not None else None
        if order is None:
            return title
        return f"{title} ({_order_words(ActingKind(order.kind), order.number, order.dated)})"

    @override
    def day_counter(self, session: Session, now: dt.datetime) -> DayCounter:
        days_off = read_calendar(session, areas_or_nation(_present_unit())).days_off
        today = day_of(now)

        def count(due: dt.datetime | None) -> int | None:
            return abs(days_off.between(today, day_of(due))) if due is not None else None

        return count

    @override
    def working_days(self, session: Session, start: dt.datetime, end: dt.datetime, unit: str) -> int:
        return self._between(session, start, end, unit)

    @override
    def demo_people(self, session: Session, at: dt.datetime) -> Sequence[DemoUnit]:
        order = {person: place for place, person in enumerate(people())}
        holders = directory.capacities_of_any(session, order, at)
        titles = position_titles(session, {holder.position for holder in holders}, language=_language())
        homes: dict[str, list[DemoPerson]] = {}
        for holder in sorted(holders, key=lambda holder: order[holder.person]):
            unit = split_group(holder.position)[1]
            capacity = _capacity(holder, titles[holder.position])
            title = f"{capacity.title} ({capacity.acting})" if capacity.acting else capacity.title
            person = DemoPerson(holder.person, holder.name, title, capacity.id)
            homes.setdefault(province_of(unit) or unit, []).append(person)
        units = unit_names(session, homes)
        upwards = sorted(homes, key=lambda home: province_of(home) is None)
        return [DemoUnit(unit_name(units[home], language=_language()), tuple(homes[home])) for home in upwards]


def _capacity(holder: Holder, title: str) -> Capacity:
    role, unit = split_group(holder.position)
    acting = ""
    if holder.kind is not None and holder.dated is not None:
        acting = _order_words(holder.kind, holder.number, holder.dated)
    groups = frozenset({holder.position})
    return Capacity(id=holder.capacity, role=role, unit=unit, title=title, acting=acting, groups=groups)


def _order_words(kind: ActingKind, number: str, dated: dt.date) -> str:
    return order_words(kind, number, long_date(dated), language=_language())


def _language() -> str:
    return str(get_locale() or THAI)


def _present_unit() -> str:
    """Return the unit in which the signed-in person acts, else the nation."""
    capacity = current_user.capacity if has_request_context() and current_user.is_authenticated else None
    return capacity.unit if capacity is not None else NATION
