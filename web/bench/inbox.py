"""The inbox of a country at work: 100,000 open and 400,000 done tasks; every list, filter, search and second page.

Asked for over HTTP with a signed-in session, from one process as `saanphaen serve` runs it, in the names of a planner,
a governor, an agency and the ministry's desk. A row is what 95 of 100 answers stay below, over all four of them;
`inbox` is the slowest row. The floor is a bare SELECT of the 50 rows that such a page shows, without HTTP, without the
counts beside the lists.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from engine import TaskList
from web.bench.country import QUICK_ROLES, ROLES, Filled, filled
from web.bench.country_people import PASSWORD
from web.bench.inbox_floor import InboxFloor
from web.bench.rows import Row
from web.bench.run import Run
from web.bench.served import Browser, InProcess, NotServed, in_this_process, product
from web.bench.timing import Clock, Times
from web.formatting import Urgency

_FILTERS: Final[dict[str, dict[str, str]]] = {
    "": {},
    **{str(due): {"due": due.value} for due in Urgency},
    "process": {"process": "provincial-plan"},
    "text": {"q": "เชียงใหม่"},
    "text-of-step": {"q": "ลงนาม"},
    "text-and-due": {"q": "แผนพัฒนา", "due": Urgency.OVERDUE.value},
}
_SECOND: Final = "second-page"


MOST: Final[dict[str, Callable[[Times], float]]] = {
    "/quiet": lambda times: times.quiet,
    "/cpu": lambda times: times.median_cpu,
}
"""Of these, too, the largest of all rows is told."""


def measure(run: Run) -> Iterator[Row]:
    """Ask for every page in random order, and beside it for its rows."""
    country = filled(run)
    with signed_in(run, country) as (browsers, clock), closing(InboxFloor(country.url)) as floor:
        times: dict[str, dict[str, Times]] = {}
        pages = list(_pages(browsers))
        order = pages * run.size(8, 1)
        random.Random(2572).shuffle(order)  # noqa: S311 - no secret
        for one in run.size(pages, pages[:1]):  # the first time a page is asked for, statements and templates are made
            page(browsers[one.role], one.which, one.query)
        for one in order:
            sides = times.setdefault(one.row, {"product": Times(clock=clock), "floor": Times()})
            with run.profiled():
                sides["product"].take(partial(page, browsers[one.role], one.which, one.query))
            person = country.person(one.role)
            sides["floor"].take(partial(floor.page, one.which, person, ROLES[one.role], one.query))
    rows = [run.row(name, times[name]["product"].p95, times[name]["floor"].p95) for name in sorted(times)]
    slowest = max(rows, key=lambda row: row.value)
    yield run.row("inbox", slowest.value, slowest.floor)
    for suffix, figure in MOST.items():
        own, own_floor = max((figure(sides["product"]), figure(sides["floor"])) for sides in times.values())
        yield run.row(f"inbox{suffix}", own, own_floor)
    yield from rows
    run.notes.append(f"inbox on {run.store.name} is {slowest.name}, the slowest of its {len(rows)} rows")


@contextmanager
def signed_in(run: Run, country: Filled) -> Iterator[tuple[dict[str, Browser], Clock]]:
    """Serve a country and sign one person of each role in; for a profile, in this process instead.

    Yields the browsers by role, and the processor time of whatever answers them.
    """
    clock: Clock = time.process_time_ns
    with ExitStack() as opened:
        if run.profile is None:
            server = opened.enter_context(product(country.url, processes=1))
            browsers: dict[str, Browser] = {role: Browser(server.port) for role in run.size(tuple(ROLES), QUICK_ROLES)}
            clock = server.cpu
        else:
            client = opened.enter_context(in_this_process(country.url))
            browsers = {role: InProcess(0, client=client) for role in run.size(tuple(ROLES), QUICK_ROLES)}
            run.notes.append("pages were asked for in this process, for the profile: their figures are without HTTP")
        for role, browser in browsers.items():
            opened.callback(browser.close)
            browser.sign_in(country.person(role), PASSWORD)
        yield browsers, clock


@dataclass(frozen=True, slots=True)
class _Page:
    """What is asked for in whose name, and the row that it counts for."""

    row: str
    role: str
    which: TaskList
    query: dict[str, str]


def _pages(browsers: dict[str, Browser]) -> Iterator[_Page]:
    for role, browser in browsers.items():
        for which in TaskList:
            for name, query in _FILTERS.items():
                yield _Page("/".join(filter(None, ("inbox", which.value, name))), role, which, query)
            following = _next_of(browser, which)
            if following is not None:
                yield _Page(f"inbox/{which.value}/{_SECOND}", role, which, following)


def _next_of(browser: Browser, which: TaskList) -> dict[str, str] | None:
    """Return what leads to the second page of a list, None where one page holds it."""
    import lxml.html

    found = lxml.html.fromstring(page(browser, which, {}))
    links = found.xpath('//a[@rel="next"]/@href')
    return dict(parse_qsl(urlsplit(str(links[0])).query)) if links else None


def page(browser: Browser, which: TaskList, query: dict[str, str]) -> str:
    """Ask for a page of a list; returns its text.

    Raises:
        NotServed: The answer is another page.
    """
    answer = browser.get("/tasks?" + urlencode({**query, "tab": which.value}))
    if answer.status != HTTPStatus.OK or f'name="tab" value="{which.value}"' not in answer.text:
        raise NotServed(f"Expected the list {which.value!r} with {query}, but the answer was {answer.status}.")
    return answer.text
