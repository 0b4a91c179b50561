"""The one place where the domain is plugged into the engine: calendar, people, authority, handlers, listeners."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from engine import (
    SYSTEM,
    Actor,
    AuthorityPolicy,
    Clock,
    DefinitionRule,
    Deployment,
    DueDateCalendar,
    Duty,
    EngineConfig,
    EventListener,
    IdentityProvider,
    Ports,
)
from workflows.calendar import BANGKOK, DueDates, UnitCalendar, WorkingDaysBetween, seed_holidays
from workflows.clocks import ClockKeeper, Ladder, OrganizationPositions
from workflows.definitions import ORDER, basis_of, bundle, stage_of
from workflows.handlers import Handlers
from workflows.organization.authority import Authority
from workflows.organization.directory import Directory
from workflows.organization.geography import NATION, areas_or_nation
from workflows.organization.lapsing import LapsedTasks
from workflows.organization.models import Unit
from workflows.organization.roles import ROLES, UnitKind
from workflows.organization.units import cluster_at, get_unit, seed_units
from workflows.plans.cycles import UnitOfCycle
from workflows.plans.due_dates import CycleDueDates
from workflows.plans.errors import CycleRefused
from workflows.plans.known_parties import KnownParties
from workflows.plans.parties import Parties
from workflows.plans.progress import Progress, WorkingDays
from workflows.plans.states import Level
from workflows.plans.submissions import check_submission
from workflows.rules import definition_rules

if TYPE_CHECKING:
    from engine import ProcessEngine

# A plan may be handed in long before the bundle that takes it, a province's input long before the cluster listens.
MESSAGES_LIVE = dt.timedelta(days=730)


def config(outbox: Collection[str] = ()) -> EngineConfig:
    """Return the engine's settings for Thailand's planning; events named in `outbox` are kept for sending too."""
    return EngineConfig(zone=BANGKOK, message_time_to_live=MESSAGES_LIVE, outbox=frozenset(outbox), path_events=False)


def rules() -> tuple[DefinitionRule, ...]:
    """Return what the deploy gate asks of diagrams beside the engine's own rules."""
    return definition_rules(roles=ROLES, handlers=Handlers(KnownParties()).table())


def open_engine(
    url: str,
    *,
    clock: Clock | None = None,
    migrate: bool = False,
    deploy: bool = False,
    outbox: Collection[str] = (),
    duties: Sequence[Duty] = (),
) -> ProcessEngine:
    """Open the engine with the whole domain plugged in; a new database gets the country and its holidays.

    Args:
        url: `sqlite://` (in memory), `sqlite:///file.db` or `postgresql://…`.
        clock: The source of time; the system's, unless given.
        migrate: Bring an older database to this version.
        deploy: Deploy the shipped processes, where their bytes are new.
        outbox: Names of events that are kept for sending too (e.g. "TaskCompleted").
        duties: The host's own, beside those of the domain.

    Raises:
        DatabaseUnavailable: The database does not answer, or is older and `migrate` was not given.
    """
    directory = Directory()
    authority = Authority(directory)
    engine = open_with(
        url,
        clock=clock,
        parties=KnownParties(),
        roles=tuple(ROLES),
        calendar=DueDates(_areas_of),
        working_days=WorkingDaysBetween(_areas_of),
        identity=directory,
        authority=authority,
        listeners=(ClockKeeper(areas_of=_areas_of, basis_of=basis_of),),
        duties=(LapsedTasks(authority), Ladder(areas_of=_areas_of, positions=OrganizationPositions()), *duties),
        migrate=migrate,
        outbox=outbox,
    )
    try:
        if migrate or not is_prepared(engine):
            prepare(engine)
        if deploy:
            deploy_definitions(engine)
    except BaseException:
        engine.close()
        raise
    return engine


def open_with(
    url: str,
    *,
    clock: Clock | None,
    parties: Parties,
    roles: Sequence[str],
    calendar: DueDateCalendar,
    working_days: WorkingDays,
    identity: IdentityProvider | None = None,
    authority: AuthorityPolicy | None = None,
    listeners: Sequence[EventListener] = (),
    duties: Sequence[Duty] = (),
    migrate: bool = False,
    outbox: Collection[str] = (),
) -> ProcessEngine:
    """Open an engine with these parts plugged in beside what the room of plans brings, for trying a part alone."""
    from engine import ProcessEngine

    handlers = Handlers(parties).table()
    ports = Ports(
        clock=clock,
        identity=identity,
        authority=authority,
        calendar=CycleDueDates(calendar),
        working_days=UnitCalendar(areas_or_nation),
        handlers=handlers,
        rules=definition_rules(roles=roles, handlers=handlers),
        listeners=(check_submission, Progress(working_days=working_days, stage_of=stage_of), *listeners),
        duties=duties,
    )
    return ProcessEngine.open(url, clock=clock, ports=ports, config=config(outbox), migrate=migrate)


def deploy_definitions(engine: ProcessEngine, *, actor: Actor = SYSTEM) -> list[Deployment]:
    """Deploy the shipped processes; what was deployed before with the same bytes makes no new version."""
    return [engine.deploy(bundle(process_id), actor=actor) for process_id in ORDER]


def is_prepared(engine: ProcessEngine) -> bool:
    """Tell whether a database knows the country."""
    with engine.reading() as read:
        return read.session.get(Unit, NATION) is not None


def prepare(engine: ProcessEngine) -> None:
    """Write the units with their positions and the holidays; what is there already stays as it is."""
    with engine.unit_of_work() as uow:
        seed_units(uow.session)
        seed_holidays(uow.session, uow.now)


def units_for_cycle(session: Session, codes: Sequence[str], at: dt.datetime) -> list[UnitOfCycle]:
    """Return provinces and clusters as a cycle takes them, with the clusters of that moment.

    Raises:
        UnknownUnit: There is no unit with such a code.
        CycleRefused: One is neither a province nor a cluster.
    """
    return [_unit_of_cycle(session, code, at) for code in codes]


def _unit_of_cycle(session: Session, code: str, at: dt.datetime) -> UnitOfCycle:
    unit = get_unit(session, code)
    if unit.kind == UnitKind.PROVINCE:
        name = unit.name_th.removeprefix("จังหวัด")
        return UnitOfCycle(code, Level.PROVINCE, name, unit.parent or "", cluster_at(session, code, at))
    if unit.kind == UnitKind.CLUSTER:
        return UnitOfCycle(code, Level.CLUSTER, unit.name_th, unit.parent or "")
    raise CycleRefused(f"Expected provinces and clusters, but {code} is a {unit.kind}.", unit=code)


def _areas_of(_session: Session, unit: str) -> tuple[str, ...]:
    return areas_or_nation(unit)
