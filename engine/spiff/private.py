"""Every private member of SpiffWorkflow that this room overrides or touches; a test fails when an upgrade moves one.

The library is subclassed, never patched. Public members are not listed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.workflow import Workflow

VERSION: Final = "3.2.0"

MEMBERS: Final[Mapping[type[Any], tuple[str, ...]]] = {
    # Overridden: no log extras on a change of state; a token that removed itself does not go on after its work.
    Task: ("__init__", "_set_state", "_ready", "run", "complete", "_child_added_notify"),
    # Overridden: the hooks of a flow node.
    TaskSpec: (
        "__init__",
        "_predict",
        "_update",
        "_update_hook",
        "_on_ready",
        "_on_ready_hook",
        "_run",
        "_run_hook",
        "_on_complete",
        "_on_complete_hook",
        "test",
    ),
    # Called past BpmnProcessSpec, whose own makes Start, End and EndJoin.
    WorkflowSpec: ("__init__", "_add_notify"),
    BpmnProcessSpec: ("__init__", "_add_notify"),
    # `deserializing=True` leaves the first token to us; `_remove_task` drops a token with all below it.
    Workflow: ("__init__", "_remove_task", "_task_removed_notify"),
    BpmnWorkflow: ("__init__", "create_subprocess", "get_subprocess", "delete_subprocess", "get_task_from_id"),
    # Overridden: it looks the host up by a walk over all sub-processes.
    BpmnSubWorkflow: ("__init__", "_calculate_depth", "_task_removed_notify", "get_task_from_id"),
}


def quiet() -> None:
    """Keep the library from building log records that nobody reads: a quarter of its time."""
    logging.getLogger("spiff").setLevel(logging.WARNING)
    for name in ("spiff.task", "spiff.workflow"):
        logging.getLogger(name).setLevel(logging.WARNING)
