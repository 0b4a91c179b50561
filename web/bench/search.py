"""Words of Thai titles at 500,000 tasks: what a person finds in each of the lists by typing a few letters.

Asked for over HTTP as in `inbox`, in the same names; a row is what 95 of 100 answers for one kind of words stay below:
one that nearly every title has, one of a province, one of a step, two words, letters within a word, and one that is
nowhere. `search` is the slowest row. The floor is what one has without an index over words: a bare SELECT that looks
into every title with LIKE. A ratio below 1 is therefore what the index is worth.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from typing import Final

from engine import TaskList
from web.bench.country import filled
from web.bench.floor import Floor
from web.bench.inbox import MOST, page, signed_in
from web.bench.rows import Row
from web.bench.run import Run
from web.bench.served import Browser
from web.bench.timing import Clock, Times

_WORDS: Final = {
    "everywhere": "แผนพัฒนา",
    "province": "แม่ฮ่องสอน",
    "step": "ลงนาม",
    "two-words": "จังหวัด ลำปาง",
    "within-a-word": "ฒนาจัง",
    "nowhere": "อวกาศยาน",
}
_SCAN: Final = """
SELECT t.id FROM bpm_task t LEFT JOIN plan_document d ON d.plan_key = t.business_key
WHERE t.name LIKE ? OR d.title LIKE ? ORDER BY t.id LIMIT 51
"""


def measure(run: Run) -> Iterator[Row]:
    """Type every kind of words in every list, in random order, and beside it scan for them."""
    country = filled(run)
    with signed_in(run, country) as (browsers, clock), closing(Floor(country.url)) as floor:
        times = _measure(run, floor, browsers, clock)
    rows = [run.row(f"search/{kind}", sides["product"].p95, sides["floor"].p95) for kind, sides in times.items()]
    slowest = max(rows, key=lambda row: row.value)
    yield run.row("search", slowest.value, slowest.floor)
    for suffix, figure in MOST.items():
        own, own_floor = max((figure(sides["product"]), figure(sides["floor"])) for sides in times.values())
        yield run.row(f"search{suffix}", own, own_floor)
    yield from rows


def _measure(run: Run, floor: Floor, browsers: dict[str, Browser], clock: Clock) -> dict[str, dict[str, Times]]:
    times = {kind: {"product": Times(clock=clock), "floor": Times()} for kind in _WORDS}
    asked = [(kind, role, which) for kind in _WORDS for role in browsers for which in TaskList]
    for kind, role, which in run.size(asked, asked[:1]):
        page(browsers[role], which, {"q": _WORDS[kind]})
    order = asked * run.size(5, 1)
    random.Random(2573).shuffle(order)  # noqa: S311 - no secret
    for number, (kind, role, which) in enumerate(order):
        with run.profiled():
            times[kind]["product"].take(partial(page, browsers[role], which, {"q": _WORDS[kind]}))
        if number % 4 == 0 or not times[kind]["floor"].wall:  # a scan takes long, and always the same
            times[kind]["floor"].take(partial(_scan, floor, _WORDS[kind]))
    return times


def _scan(floor: Floor, words: str) -> None:
    floor.execute(_SCAN, [f"%{words}%"] * 2).fetchall()
