"""What may be begun inside ad-hoc sub-processes: a person chooses, when and how often they find it right."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import InstanceNotFound
from engine.execution import stepper
from engine.execution.run import lock_run
from engine.execution.transaction import Transaction
from engine.services.authority import check
from engine.services.commands import Commands
from engine.services.ids import number
from engine.services.instances import Instances
from engine.states import InstanceState
from engine.views import AdHocChoice, Instance


class OptionalWork:
    """The verb and the read of ad-hoc sub-processes."""

    def __init__(self, tx: Transaction, commands: Commands, instances: Instances) -> None:
        self._tx = tx
        self._commands = commands
        self._instances = instances

    def choices(self, instance_id: str) -> list[AdHocChoice]:
        """Return the ad-hoc sub-processes that run, with what may be begun in each now.

        Raises:
            InstanceNotFound: There is none with this id.
        """
        found = self._instances.get(instance_id)
        if found.state not in (InstanceState.ACTIVE, InstanceState.SUSPENDED):
            return []
        elements = self._tx.models.get(self._tx.connection, found.definition_id).process.elements
        return [
            AdHocChoice(
                id=token,
                element_id=element_id,
                name=elements[element_id].name or element_id,
                elements={key: elements[key].name or key for key in choices},
            )
            for token, element_id, choices in stepper.choices(self._tx, int(found.id))
        ]

    def activate(
        self, instance_id: str, ad_hoc: str, elements: Sequence[str], *, idempotency_key: str | None = None
    ) -> Instance:
        """Begin elements inside an ad-hoc sub-process, named by its id in the diagram or of its choice.

        Raises:
            InstanceNotFound: There is none with this id.
            InstanceNotActive: It is not active.
            InvalidArgument: It is none of what may be chosen.
            StateConflict: No such sub-process runs, or several do; or nothing may be begun in it now.
            NotAuthorized: The actor may not.
            IdempotencyMismatch: The key was used for another command.
        """
        run_id = number(instance_id, InstanceNotFound)
        check(self._tx, "activate", self._instances.get(instance_id))
        arguments = {"instance": instance_id, "ad_hoc": ad_hoc, "elements": list(elements)}

        def act() -> Instance:
            run = lock_run(self._tx, run_id)
            run.ensure_active()
            known = {token: element for token, element, _ in stepper.choices(self._tx, run.id)}
            details: dict[str, object] = {"elements": list(elements)}
            run.record("elements_chosen", known.get(ad_hoc, ad_hoc), details, by=self._tx.actor)
            stepper.advance(run, lambda process: process.activate(ad_hoc, elements))
            run.save()
            self._tx.dispatch()
            return self._instances.get(instance_id)

        return self._commands.once(Instance, "activate", arguments, act, idempotency_key)
