"""Random block models, run in every way stored, must do just what a reference written from the standard's text says."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.unit.spiff.blocks import Drawing, draw
from tests.unit.spiff.driver import Driver
from tests.unit.spiff.patient import Patient
from tests.unit.spiff.random_blocks import Model
from tests.unit.spiff.reference import Reference, Wait

RANDOM = st.randoms(use_true_random=True)  # by seed: drawn value by value the models would be small and alike
SIZE = st.integers(1, 45)
BOUNDED = settings(
    max_examples=500,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@BOUNDED
@given(RANDOM, SIZE)
def test_every_block_model_runs_as_the_standard_says_however_it_is_stored(random: Random, size: int) -> None:
    model = Model(random, size)
    note(f"{model.body}")
    drawing, variables = draw(model.body), model.variables()
    note(f"{variables}")
    expected = Reference(model.body, variables)
    run = Driver(drawing.builder, variables)
    _compare(run, expected)

    for step in range(200):
        closing = step >= 12
        wait = _choose(random, expected, closing=closing)
        if wait is None:
            break
        submitted: dict[str, Any] = {f"v_{wait.element}": step, f"res_{wait.element}": step}
        submitted |= dict.fromkeys(model.again, False) if closing else _some_of(random, model.decisions())
        note(f"{wait.element} {wait.path} {submitted}")
        _act(run, drawing, wait, submitted)
        wait.happen(submitted)
        _compare(run, expected)

    assert expected.ended


def _some_of(random: Random, values: dict[str, bool]) -> dict[str, bool]:
    return {name: value for name, value in values.items() if random.random() < 0.5}


def _choose(random: Random, expected: Reference, *, closing: bool) -> Wait | None:
    waits = [wait for wait in expected.waits if not (closing and wait.is_boundary)]
    assert waits or expected.ended
    return random.choice(waits) if waits else None


def _act(run: Driver, drawing: Drawing, wait: Wait, submitted: dict[str, Any]) -> None:
    """Do it to the engine's wait of the same element in the same bodies."""
    found = [one for one in run.open.values() if one.element_id == wait.element]
    names = drawing.items.get(wait.element, ())
    nth = 0
    if names:
        paths = []
        for one in found:
            seen = run.look(lambda process, one=one: process.variables(one.id, one.part))
            paths.append(tuple(seen[name] for name in names))
        nth = paths.index(wait.path)
    act = run.complete if found[nth].kind == "user_task" else run.fire
    act(wait.element, submitted, nth=nth)


def _compare(run: Driver, expected: Reference) -> None:
    assert Counter(run.waits) == Counter(wait.element for wait in expected.waits)
    assert Counter(run.visited) == +expected.visits
    assert (run.ended is not None) == expected.ended
    assert run.variables == expected.frame.values


@BOUNDED
@given(RANDOM, SIZE)
def test_what_fails_and_is_repaired_goes_on_as_if_it_had_not_failed(random: Random, size: int) -> None:
    model = Model(random, size)
    note(f"{model.body}")
    drawing, variables = draw(model.body), model.variables()
    expected = Reference(model.body, variables)
    run = Patient(drawing, dict(variables))

    for step in range(200):
        closing = step >= 12
        wait = _choose(random, expected, closing=closing)
        if wait is None:
            break
        submitted: dict[str, Any] = {f"v_{wait.element}": step}
        submitted |= dict.fromkeys(model.again, False) if closing else _some_of(random, model.decisions())
        run.broken = frozenset(name.removeprefix("n_") for name in model.counters if random.random() < 0.6)
        note(f"{wait.element} {wait.path} {submitted} {sorted(run.broken)}")
        run.act(wait, submitted)
        run.repair()
        wait.happen(submitted)
        assert run.parked == ()
        assert Counter(one.element_id for one in run.open.values()) == Counter(one.element for one in expected.waits)
        assert run.visited == +expected.visits
        assert run.ended == expected.ended
        assert run.variables == expected.frame.values
