"""The one place where the domain is plugged into the engine: calendar, people, authority, handlers, listeners."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine import (
    SYSTEM,
    Actor,
    AuthorityPolicy,
    Clock,
    Deployment,
    DueDateCalendar,
    EngineConfig,
    EventListener,
    IdentityProvider,
    Ports,
)
from workflows.definitions import ORDER, bundle, stage_of
from workflows.handlers import Handlers
from workflows.plans.due_dates import CycleDueDates
from workflows.plans.parties import Parties
from workflows.plans.progress import Progress, WorkingDays
from workflows.plans.submissions import check_submission
from workflows.plans.values import BANGKOK
from workflows.rules import definition_rules

if TYPE_CHECKING:
    from engine import ProcessEngine

# A plan may be handed in long before the bundle that takes it, a province's input long before the cluster listens.
MESSAGES_LIVE = dt.timedelta(days=730)


def config() -> EngineConfig:
    """Return the engine's settings for Thailand's planning."""
    return EngineConfig(zone=BANGKOK, message_time_to_live=MESSAGES_LIVE)


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
    migrate: bool = False,
) -> ProcessEngine:
    """Open an engine with these parts plugged in beside what the room of plans brings."""
    from engine import ProcessEngine

    handlers = Handlers(parties).table()
    ports = Ports(
        clock=clock,
        identity=identity,
        authority=authority,
        calendar=CycleDueDates(calendar),
        handlers=handlers,
        rules=definition_rules(roles=roles, handlers=handlers),
        listeners=(check_submission, Progress(working_days=working_days, stage_of=stage_of), *listeners),
    )
    return ProcessEngine.open(url, clock=clock, ports=ports, config=config(), migrate=migrate)


def deploy_definitions(engine: ProcessEngine, *, actor: Actor = SYSTEM) -> list[Deployment]:
    """Deploy the shipped processes; what was deployed before with the same bytes makes no new version."""
    return [engine.deploy(bundle(process_id), actor=actor, note="as shipped") for process_id in ORDER]
