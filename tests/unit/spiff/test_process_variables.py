"""Large variables stand in parts of their own: read when they are asked for, written when they change, else left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from engine import codec
from engine.spiff.parts import Parts
from engine.spiff.process_variables import LARGE, ProcessVariables
from engine.spiff.steps import ProcessState
from tests.support.bpmn import process
from tests.unit.spiff.driver import Driver

UNITS = [{"unit": f"TH-{number}", "office": "สำนักงานจังหวัด"} for number in range(76)]


class Store:
    """Parts as a database keeps them; tells what was read."""

    def __init__(self) -> None:
        self.parts: dict[str, bytes] = {}
        self.read: list[str] = []

    def state(self) -> ProcessState:
        return ProcessState({}, lambda name: self._read([name])[name], self._read)

    def save(self, parts: Parts) -> dict[str, bytes]:
        change = parts.change()
        for name in change.removed:
            self.parts.pop(name, None)
        for name in change.written:
            assert name not in self.parts or name in self.read, "who writes over a part must have read it"
        self.parts |= change.written
        self.read.clear()
        return dict(change.written)

    def _read(self, names: Sequence[str]) -> Mapping[str, bytes]:
        self.read += names
        return {name: self.parts[name] for name in names if name in self.parts}


def test_a_step_that_does_not_use_a_large_variable_neither_reads_nor_writes_it() -> None:
    run = Driver(process("p").start().user_task("a").user_task("b").end(), {"units": UNITS, "small": 1})
    assert "v:units" in run.ways[1].parts

    run.complete("a", {"small": 2})

    assert run.ways[1].loaded == []
    assert run.ways[1].written == [""]
    assert len(run.ways[1].parts[""]) < LARGE
    assert run.variables == {"units": UNITS, "small": 2}


def test_an_expression_reads_it_and_the_end_hands_it_on() -> None:
    run = Driver(
        process("p").start().user_task("a").exclusive("x").flow_if("= count(units) = 76").user_task("b").end(),
        {"units": UNITS},
    )
    run.complete("a")
    run.complete("b", {"units": UNITS[:1]})

    assert run.ended
    assert run.variables == {"units": UNITS[:1]}


@pytest.mark.parametrize("value", ["ก" * (LARGE + 1), ["x" * 10] * 200, {"a": "b" * 2_000}])
def test_every_kind_of_large_value_comes_back_as_it_was(value: object) -> None:
    run = Driver(process("p").start().user_task("a").end("e"), {"value": value})
    assert "v:value" in run.ways[1].parts
    assert run.variables == {"value": value}


class AgainstATable(RuleBasedStateMachine):
    """Variables that are set, read, stored and taken up again say what a plain table says, in the same order."""

    names = st.sampled_from(["a", "b", "$odd", "ยอด รวม"])
    values = st.one_of(
        st.integers(), st.text(max_size=5), st.sampled_from(["x" * (LARGE + 5), ["y"] * 600, {"k": "z" * 1_500}, [1], {}])
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.store = Store()
        self.table: dict[str, Any] = {}
        self._begin()

    def _begin(self) -> None:
        self.parts = Parts(self.store.state())
        self.variables = ProcessVariables(self.parts)

    @rule(name=names, value=values)
    def put(self, name: str, value: Any) -> None:
        self.variables[name] = value
        self.table[name] = value

    @rule(name=names)
    def drop(self, name: str) -> None:
        if name in self.table:
            del self.variables[name]
            del self.table[name]

    @rule(name=names)
    def look(self, name: str) -> None:
        assert (name in self.variables) == (name in self.table)
        assert self.variables.get(name) == self.table.get(name)

    @rule()
    def restart(self) -> None:
        small, apart = self.variables.store()
        self.store.save(self.parts)
        head = codec.loads(codec.dumps({"d": small, "a": apart}))
        self._begin()
        self.variables.load(head["d"], head["a"])
        assert self.store.read == []
        assert set(self.store.parts) == {f"v:{name}" for name in apart}
        assert len(codec.dumps(small)) < 4 * LARGE

    @rule()
    def everything(self) -> None:
        assert list(self.variables.everything().items()) == list(self.table.items())

    @invariant()
    def the_names_are_the_same(self) -> None:
        assert list(self.variables) == list(self.table)


TestAgainstATable = AgainstATable.TestCase
