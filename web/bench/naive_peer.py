"""The yardstick: SpiffWorkflow as its examples use it, the whole run as one JSON text through an ORM session.

Each completion loads the text with the specification in it, runs, writes the text back and commits; task rows and
audit lines are mapped objects. No authority, no chain of hashes, no outbox: it does less than the product does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import BigInteger, ForeignKey, Integer, Text, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from engine import open_database

_DIAGRAM: Final = Path(__file__).parent / "diagrams" / "naive-approval.bpmn"
_PROCESS: Final = "naive-approval"
_BIG: Final = BigInteger().with_variant(Integer(), "sqlite")


class _Base(DeclarativeBase):
    pass


class _Instance(_Base):
    __tablename__ = "naive_instance"

    id: Mapped[int] = mapped_column(_BIG, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    data: Mapped[str] = mapped_column(Text)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - as SQLAlchemy asks for it


class _Task(_Base):
    __tablename__ = "naive_task"

    id: Mapped[int] = mapped_column(_BIG, primary_key=True)
    instance_id: Mapped[int] = mapped_column(_BIG, ForeignKey("naive_instance.id"), index=True)
    spiff_id: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)


class _Audit(_Base):
    __tablename__ = "naive_audit"

    id: Mapped[int] = mapped_column(_BIG, primary_key=True)
    instance_id: Mapped[int] = mapped_column(_BIG, ForeignKey("naive_instance.id"), index=True)
    what: Mapped[str] = mapped_column(Text)
    details: Mapped[str] = mapped_column(Text)


class NaivePeer:
    """Runs of the approval, each a text in a table."""

    def __init__(self, url: str) -> None:
        self._database = open_database(url)
        for table in _Base.metadata.sorted_tables:
            table.create(self._database)
        parser = BpmnParser()
        parser.add_bpmn_file(str(_DIAGRAM))
        self._spec = parser.get_spec(_PROCESS)
        self._serializer = BpmnWorkflowSerializer()

    def close(self) -> None:
        """Give the connections back."""
        self._database.dispose()

    def start(self, variables: dict[str, object]) -> int:
        """Begin a run and return its number."""
        workflow = BpmnWorkflow(self._spec)
        workflow.data.update(variables)
        workflow.do_engine_steps()
        with Session(self._database) as session, session.begin():
            instance = _Instance(data=self._serializer.serialize_json(workflow))
            session.add(instance)
            session.flush()
            self._open_tasks(session, instance, workflow, known=set())
            session.add(_Audit(instance_id=instance.id, what="started", details="{}"))
            return instance.id

    def open_task(self, instance_id: int) -> int:
        """Return the number of the open task of a run."""
        with Session(self._database) as session:
            wanted = select(_Task.id).where(_Task.instance_id == instance_id, _Task.state == "open")
            return session.scalars(wanted).one()

    def complete(self, task_id: int, variables: dict[str, object]) -> None:
        """Complete a task in one transaction: load, run, write, commit."""
        with Session(self._database) as session, session.begin():
            row = session.get_one(_Task, task_id)
            instance = session.get_one(_Instance, row.instance_id)
            workflow: Any = self._serializer.deserialize_json(instance.data)
            task = next(task for task in workflow.get_tasks(state=TaskState.READY) if str(task.id) == row.spiff_id)
            task.data.update(variables)
            task.run()
            workflow.do_engine_steps()
            instance.data = self._serializer.serialize_json(workflow)
            row.state = "done"
            session.add(_Audit(instance_id=instance.id, what="completed", details=json.dumps(variables)))
            self._open_tasks(session, instance, workflow, known={row.spiff_id})
            session.add(_Audit(instance_id=instance.id, what="advanced", details="{}"))

    @staticmethod
    def _open_tasks(session: Session, instance: _Instance, workflow: Any, *, known: set[str]) -> None:
        for task in workflow.get_tasks(state=TaskState.READY):
            if str(task.id) not in known:
                name = task.task_spec.bpmn_name or task.task_spec.name
                session.add(_Task(instance_id=instance.id, spiff_id=str(task.id), name=name, state="open"))


class PlainLibrary:
    """Plain SpiffWorkflow in memory: files parsed once, a process of them run to its end again and again."""

    def __init__(self, files: Mapping[str, bytes], process: str) -> None:
        parser = BpmnParser()
        for content in files.values():
            parser.add_bpmn_str(content)
        self._spec = parser.get_spec(process)
        self._inner = parser.get_subprocess_specs(process)

    def once(self) -> None:
        """Run it to its end.

        Raises:
            RuntimeError: It is not over.
        """
        workflow = BpmnWorkflow(self._spec, self._inner)
        workflow.do_engine_steps()
        if not workflow.is_completed():
            raise RuntimeError("Expected a run that goes through, but plain SpiffWorkflow did not end it.")
