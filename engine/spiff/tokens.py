"""A token: SpiffWorkflow's Task, of which only place, state and tree are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.spiff.steps import Variables, WaitKind

if TYPE_CHECKING:
    from engine.spiff.repeating import Many
    from engine.spiff.scopes import Scope

ON_ITS_WAY = TaskState.FUTURE  # a flow was taken, its element does not know yet
AT_A_JOIN = TaskState.WAITING  # waits for tokens on other flows
DUE = TaskState.READY  # arrived, its work is next
LIVE = TaskState.STARTED  # waits for something from outside, or for what is inside it
DONE = TaskState.COMPLETED  # its work is over, it leaves next

ITEMS_IN_A_PART = 100  # of a multi-instance's collection, while bodies are still to come; stands in saved state


class Token(Task):
    """One token. Fields that most tokens never need stand on the class."""

    task_spec: Any
    workflow: Any
    id: str
    scope: Scope

    part: str = ""  # the state part that holds it
    flow: str | None = None  # the flow it came along; a join's label
    results: Variables | None = None  # what its work brought
    brought: bool = False  # and whether that has gone to its scopes
    wait: WaitKind | None = None  # what it waits for, while it does
    name: str | None = None  # of the signal it waits for
    held: bool | None = None  # whether the condition it waits for held when it was last looked at
    closing: bool | None = None  # of an ad-hoc sub-process: it waits only for what still runs
    queued: list[str] | None = None  # of an ad-hoc sub-process: elements that begin next, one after another
    taken_in: list[str] | None = None  # at a complex gateway: flows whose tokens it has taken in
    firing: int = 0  # how often its timer has fired
    cycle: Any = None  # the timer's repetition
    many: Many | None = None  # of a multi-instance: how far it is
    wrapper: Token | None = None  # of a body: its multi-instance
    index: int = 0  # of a body: its number
    entered: bool = False
    driver: str | None = None  # of a compensation handler: the token, by id, that goes on when it is over
    pending: list[Any] | None = None  # of such a driver: what is still to be undone
    records: list[Any] | None = None  # of what is inside and can be undone, until they go to the scope around
    own_scope: bool = False
    alive: bool = True

    def __init__(self, workflow: Any, spec: Any, parent: Task | None, token_id: str, state: int = ON_ITS_WAY) -> None:
        super().__init__(workflow, spec, parent, state=state, id=token_id)
        self.scope = workflow.scope

    @property
    def wait_id(self) -> str:
        """The name of the present wait; each firing of a repeated timer has its own."""
        return f"{self.id}:{self.firing}" if self.firing else self.id

    def mark(self, state: int) -> None:
        """Set the state."""
        self._state = state

    def arrive(self) -> None:
        """Tell the element that the token is there."""
        self.task_spec._update(self)  # noqa: SLF001 - the library's own hook

    def leave(self) -> None:
        """Go on along the flows."""
        self.task_spec._on_complete(self)  # noqa: SLF001 - the library's own hook

    def _set_state(self, value: int) -> None:
        self._state = value

    def run(self) -> bool | None:
        """Do the element's work; a token that has removed itself meanwhile does not go on."""
        result: bool | None = self.task_spec._run(self)  # noqa: SLF001 - the library's own hook
        if not self.alive:
            return result
        if result is not None:
            self.complete()
        elif self._state == DUE:
            self._state = LIVE
        return result


def order_of(token_id: str) -> tuple[int, ...]:
    """Sort key of ids: by age, whatever was loaded when."""
    return tuple(int(number) for number in token_id[1:].split("."))
