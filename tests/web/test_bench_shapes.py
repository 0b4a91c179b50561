"""What `saanphaen bench instances` runs is what it says: so many steps, branches, items and calls, ours and the library's."""

from __future__ import annotations

import pytest
from SpiffWorkflow.bpmn.parser import BpmnParser

from engine import ProcessEngine, validate
from web.bench.automatic import OURS, PLAIN, SHAPES, Shape, chain_of


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_shape_goes_through_with_as_many_runs_as_it_says(shape: Shape) -> None:
    engine = ProcessEngine.open()
    engine.deploy(shape.files(OURS), actor="bench")
    engine.start(shape.process, actor="bench")

    runs = engine.instances()
    assert len(runs) == shape.instances
    assert {str(run.state) for run in runs} == {"completed"}
    engine.close()


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_the_library_reads_the_same_elements(shape: Shape) -> None:
    parser = BpmnParser()
    ours = validate(shape.files(OURS)).definitions
    for content in shape.files(PLAIN).values():
        parser.add_bpmn_str(content)
    theirs = parser.get_spec(shape.process)
    (process,) = (process for file in ours for process in file.processes if process.id == shape.process)
    assert set(process.elements) <= set(theirs.task_specs)


def test_a_chain_has_the_size_that_is_asked_for() -> None:
    (definitions,) = validate({"chain.bpmn": chain_of(500)}).definitions
    (process,) = definitions.processes
    assert abs(len(process.elements) + len(process.flows) - 500) < 10
