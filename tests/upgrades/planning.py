"""A planning year of the product, stopped half-way for a release and played to its end by a later version."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from web.composition import file_store
from web.config import Settings
from workflows import install
from workflows.cast import NU1, PROVINCES, office_holder, seed
from workflows.replay import fy2570
from workflows.replay.clock import ScriptClock
from workflows.replay.player import Player

HALF: Final = 52  # scenes: consultations are under way, the cluster drafts, dates were not re-issued yet


def begin(url: str) -> None:
    """Play the first half of the year on an empty database."""
    engine = install.open_engine(url, clock=ScriptClock(fy2570.OPENED))
    install.deploy_definitions(engine)
    with engine.unit_of_work() as uow:
        seed(uow.session, uow.now)
        units = install.units_for_cycle(uow.session, [*PROVINCES, NU1], uow.now)
    fy2570.open_cycle(engine, units)
    engine.close()
    _play(url, fy2570.script()[:HALF])


def go_on(url: str, played: int, until: int | None = None) -> dict[str, Any]:
    """Play the rest (or up to a scene); tell each step with its dates and delays, and how every run ended."""
    return _play(url, fy2570.script()[played:until])


def standing(url: str) -> dict[str, Any]:
    """Tell what is open now."""
    engine = install.open_engine(url, clock=ScriptClock(fy2570.script()[HALF - 1].at))
    tasks = engine.tasks(limit=1_000)
    runs = engine.instances(limit=1_000)
    engine.close()
    return {
        "tasks": sorted([str(task.business_key), task.element_id, str(task.due_at)] for task in tasks),
        "runs": sorted([str(run.business_key), run.process_id, str(run.state)] for run in runs),
    }


def _play(url: str, scenes: Sequence[Any]) -> dict[str, Any]:
    clock = ScriptClock(fy2570.OPENED if scenes[0] == fy2570.script()[0] else fy2570.script()[HALF - 1].at)
    engine = install.open_engine(url, clock=clock)
    try:
        with tempfile.TemporaryDirectory(prefix="saanphaen-upgrade-") as folder:
            player = Player(
                engine,
                clock=clock,
                cast=lambda office, when: office_holder(engine, office, when),
                store=file_store(Settings(data_dir=Path(folder))),
            )
            lines = [line for found in player.play(scenes) for line in found]
        runs = engine.instances(limit=1_000)
        return {
            "steps": [
                [line.unit, line.step, str(line.due), str(line.done), line.working_days_late, line.outcome]
                for line in lines
            ],
            "runs": sorted([str(run.business_key), run.process_id, str(run.state)] for run in runs),
            "verified": engine.verify_audit().verified,
        }
    finally:
        engine.close()
