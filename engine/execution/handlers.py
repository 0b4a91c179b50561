"""In-process work of service tasks: the host's handlers, in the engine's transaction, undone with the step."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from sqlalchemy.exc import DBAPIError

from engine.execution.transaction import Transaction
from engine.ports import BpmnError, HandlerContext
from engine.spiff.steps import StepFailed, Variables

log = logging.getLogger(__name__)


class HandlerCalls:
    """Calls handlers for one step; what they write is undone when the step fails."""

    def __init__(self, tx: Transaction, facts: Mapping[str, Any]) -> None:
        self._tx = tx
        self._facts = facts
        self._guarded = False
        self.undo: ExitStack | None = None

    def has(self, work_type: str) -> bool:
        """Tell whether the host has a handler for a type of work."""
        return work_type in self._tx.ports.handlers

    def call(
        self, element_id: str, work_type: str, headers: Mapping[str, str], variables: Variables
    ) -> Variables | None:
        """Call the handler of a type of work.

        Raises:
            StepFailed: The handler failed; what it wrote will be undone.
            BpmnError: The handler threw a business error.
        """
        handler = self._tx.ports.handlers.get(work_type)
        if handler is None:
            return None
        if not self._guarded and self.undo is not None:
            self.undo.enter_context(self._tx.savepoint())
            self._guarded = True
        element = self._facts["process"].elements.get(element_id)
        context = HandlerContext(
            session=self._tx.session,
            now=self._tx.now,
            actor=self._tx.actor,
            instance_id=self._facts["instance_id"],
            process_id=self._facts["process_id"],
            business_key=self._facts["business_key"],
            element_id=element_id,
            element_name=element.name if element is not None else None,
            variables=variables,
            headers=headers,
        )
        try:
            result = handler(context)
            self._tx.session.flush()
        except (BpmnError, StepFailed):
            raise
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            raise _failed(element_id, work_type, error) from error
        except Exception as error:  # the host's code may fail in any way; every way becomes an incident
            raise _failed(element_id, work_type, error) from error
        return dict(result or {})


def _failed(element_id: str, work_type: str, error: Exception) -> StepFailed:
    log.warning("handler_failed", extra={"element_id": element_id, "work_type": work_type}, exc_info=error)
    return StepFailed(element_id, "handler_error", failure_words(error))


def failure_words(error: Exception) -> str:
    """Say what failed, for an incident; the database's words are left out, since they quote statement and values."""
    return type(error).__name__ if isinstance(error, DBAPIError) else f"{type(error).__name__}: {error}"
