"""How much processor time the parts of an installation have used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Part:
    """Processes that belong together."""

    name: str
    pids: tuple[int, ...]

    def seconds(self) -> float:
        """Return the processor time of these processes and of all below them, also of those that have ended."""
        return sum(_of_tree(pid) for pid in self.pids)


def used(parts: list[Part]) -> dict[str, float]:
    """Return the processor time of each part so far, with that of this process."""
    own = psutil.Process().cpu_times()
    return {"driver": own.user + own.system, **{part.name: part.seconds() for part in parts}}


def between(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return what was used between two moments."""
    return {name: after[name] - before.get(name, 0.0) for name in after}


def postmaster(port: int) -> int:
    """Return the process that leads the PostgreSQL that listens on a port."""
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
            return int(connection.pid)
    raise AssertionError(f"nobody listens on {port}")


def _of_tree(pid: int) -> float:
    try:
        leader = psutil.Process(pid)
        times = leader.cpu_times()
        total = times.user + times.system + times.children_user + times.children_system
        return total + sum(_of_one(child) for child in leader.children(recursive=True))
    except psutil.NoSuchProcess:
        return 0.0


def _of_one(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system + times.children_user + times.children_system
