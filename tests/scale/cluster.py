"""One installation on several machines, each of them a process with a port of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import make_url

from tests.scale import programs
from tests.scale.cpu import Part, postmaster
from tests.soak.harness.browser import Browser
from tests.soak.harness.site import Site, free_port
from tests.soak.harness.staff import PLANNERS


@dataclass(frozen=True, slots=True)
class Shape:
    """How many of what."""

    web: int  # machines, each one process with eight threads
    workers: int = 1
    pooled: bool = False
    proxied: bool = True

    @property
    def words(self) -> str:
        """The shape as a table shows it."""
        front = "nginx" if self.proxied else "no proxy"
        return f"{self.web} web, {self.workers} workers, {front}, {'pgbouncer' if self.pooled else 'direct'}"


@dataclass
class Cluster:
    """What runs."""

    shape: Shape
    port: int
    tls_port: int
    machines: list[Site]
    workers: Site
    parts: list[Part] = field(default_factory=list)

    def browsers(self, count: int) -> list[Browser]:
        """Sign people in; more people than there are come a second time."""
        found = [Browser(self.port, PLANNERS[number % len(PLANNERS)]) for number in range(count)]
        for browser in found:
            browser.sign_in()
        return found

    def complaints(self) -> list[str]:
        """Return what only a fault of the product writes."""
        return [line for site in (*self.machines, self.workers) for line in site.complaints()]


@contextmanager
def started(shape: Shape, url: str, home: Path) -> Iterator[Cluster]:
    """Start everything, and end it."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    with ExitStack() as stack:
        parts = [Part("postgresql", (postmaster(int(make_url(url).port or 5432)),))]
        if shape.pooled:
            bouncer, url = stack.enter_context(
                programs.pgbouncer(home / "pgbouncer", url, port=free_port(), pool=4 * shape.web + 4)
            )
            parts.append(Part("pgbouncer", (bouncer.pid,)))
        machines = [stack.enter_context(_site(url, home / f"web{number}", home)) for number in range(shape.web)]
        workers = stack.enter_context(_site(url, home / "worker", home))
        for machine in machines:
            machine.serve()
        for machine in machines:
            machine.wait_until_it_answers()
        workers.work(shape.workers)
        port, tls_port = machines[0].port, 0
        if shape.proxied:
            port, tls_port = free_port(), free_port()
            proxy = stack.enter_context(
                programs.nginx(home / "nginx", port=port, tls_port=tls_port, machines=[one.port for one in machines])
            )
            parts.append(Part("nginx", (proxy.pid,)))
        parts.append(Part("web", tuple(machine.server.pid for machine in machines)))
        parts.append(Part("workers", tuple(worker.pid for worker in workers.workers)))
        yield Cluster(shape, port, tls_port, machines, workers, parts)


def _site(url: str, home: Path, shared: Path) -> Site:
    home.mkdir(parents=True)
    site = Site(url, home, web=1, threads=8)
    # One folder of uploaded files for all machines, and one proxy before them.
    site.environment |= {"SAANPHAEN_DATA_DIR": str(shared / "data"), "SAANPHAEN_TRUSTED_PROXIES": "1"}
    return site
