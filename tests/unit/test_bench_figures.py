"""The bench's own arithmetic: turns, medians, bars; a figure that is measured wrongly is worse than none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from web.bench.rows import Bar, Row, bar_of
from web.bench.timing import Times, Work, alternate, percentile


def work(name: str, count: int, done: list[str]) -> Work:
    for _ in range(count):
        yield partial(done.append, name)


def test_sides_take_turns_slice_by_slice_until_both_are_done() -> None:
    done: list[str] = []

    times = alternate({"a": work("a", 5, done), "b": work("b", 3, done)}, slice_of=2)

    assert "".join(done) == "aabbaaba"
    assert (len(times["a"].wall), len(times["b"].wall)) == (5, 3)


def test_what_warms_up_is_done_and_not_counted() -> None:
    done: list[str] = []

    times = alternate({"a": work("a", 5, done)}, slice_of=10, warm_up=2)

    assert done == ["a"] * 5
    assert len(times["a"].wall) == 3


def test_preparing_an_act_is_not_in_its_time() -> None:
    clock = iter(range(0, 1_000_000_000, 1_000_000)).__next__
    times = Times(clock=clock)

    def acts() -> Iterator[partial[int]]:
        for _ in range(3):
            clock()  # the preparation uses a millisecond
            yield partial(clock)

    for act in acts():
        times.take(act)

    assert times.cpu == [2, 2, 2]  # of the act itself, and of looking at the clock after it


def test_a_profile_is_around_the_acts_of_its_side_only() -> None:
    done: list[str] = []

    @contextmanager
    def marked() -> Iterator[None]:
        done.append("(")
        yield
        done.append(")")

    alternate({"a": work("a", 1, done), "b": work("b", 1, done)}, slice_of=1, around={"a": marked})

    assert "".join(done) == "(a)b"


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.95, 95), (1, 100), (0, 0)])
def test_percentiles_are_values_that_were_measured(share: float, value: int) -> None:
    assert percentile([float(number) for number in range(100, -1, -1)], share) == value


@pytest.mark.parametrize(
    ("ratio", "reached", "full"),
    [(2.5, "goal", False), (2.51, "must", False), (5, "must", False), (5.01, "short", True)],
)
def test_a_bar_is_reached_up_to_its_edge(ratio: float, reached: str, full: bool) -> None:
    bar = bar_of(Row("completion", "sqlite", ratio, "ms", 1, ratio))

    assert bar is not None
    assert bar.reached(ratio) == reached
    assert (bar.share(ratio) > 1) is full


def test_the_stores_have_bars_of_their_own_and_rates_are_better_when_higher() -> None:
    assert bar_of(Row("completion", "postgresql", 1, "ms", 1, 1)) == Bar(2.5, 1.5)
    rate = bar_of(Row("http", "sqlite", 10, "1/s", 20, 0.5))

    assert rate is not None
    assert [rate.reached(ratio) for ratio in (0.49, 0.5, 0.8)] == ["short", "must", "goal"]
    assert rate.share(0.4) > 1 > rate.share(0.9)


def test_every_page_of_the_inbox_has_the_bar_and_processor_times_have_none() -> None:
    page = bar_of(Row("inbox/waiting/overdue", "sqlite", 41, "ms", 1, 41))

    assert page is not None
    assert page.measured(Row("inbox/waiting/overdue", "sqlite", 41, "ms", 1, 2)) == 41
    assert bar_of(Row("inbox/cpu", "sqlite", 41, "ms", 1, 41)) is None
    assert bar_of(Row("growth/10", "sqlite", 41, "ms", 1, 41)) is None


def test_a_row_for_machines_has_six_fields_and_four_digits() -> None:
    row = Row("http", "sqlite", 123.456789, "1/s", 3.0, 41.152263)

    assert row.as_json() == {
        "name": "http", "store": "sqlite", "value": 123.5, "unit": "1/s", "floor": 3.0, "ratio": 41.15,
    }  # fmt: skip
