"""Where events are caught: catch events and receive tasks, boundary events beside their host, event-based gateways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from engine.spiff.scopes import Scope
from engine.spiff.specs import NodeSpec
from engine.spiff.steps import CloseReason, ElementLeft, FlowTaken
from engine.spiff.tokens import LIVE, Token
from engine.spiff.undoing import drive_on
from engine.spiff.waiting import ListeningSpec

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow


class CatchSpec(ListeningSpec):
    """An intermediate catch event or a receive task."""

    @override
    def _on_ready(self, my_task: Token) -> None:
        self.open(my_task, my_task.scope, my_task.id)

    @override
    def happened(self, token: Token, cause: Token | None, results: dict[str, Any]) -> None:
        """Go on; one of a race lets its gateway leave first and calls off the others."""
        instance: InstanceWorkflow = token.workflow.top_workflow
        race = token.parent
        if isinstance(race, Token) and isinstance(race.task_spec, EventGatewaySpec):
            race.task_spec.decide(race, token)
            self.announce(token)
        instance.finish(token, results)


class BoundarySpec(ListeningSpec):
    """A boundary event: a listener beside its host, and the place where a token starts when it fires."""

    @override
    def scope_for(self, token: Token) -> Scope:
        host = token.parent
        assert isinstance(host, Token)
        return host.scope

    @override
    def listen(self, host: Token) -> None:
        """Wait beside the host."""
        if self.listens:
            listener = host.workflow.top_workflow.new_token(self, host.workflow, parent=host)
            self.open(listener, host.scope, host.id)

    @override
    def happened(self, token: Token, cause: Token | None, results: dict[str, Any]) -> None:
        """Leave the host by this event, or beside it."""
        instance: InstanceWorkflow = token.workflow.top_workflow
        host = token.parent
        assert isinstance(host, Token)
        if not self.element.interrupting:
            self.stay(token, cause, host.id)
        elif cause is not None:
            instance.close_wait(cause, CloseReason.COMPLETED)
        self.catch(host, results)

    def catch(self, host: Token, results: dict[str, Any]) -> None:
        """Start a token here; an interrupting event removes the host with all that is in it."""
        instance: InstanceWorkflow = host.workflow.top_workflow
        if self.element.interrupting:
            instance.cancel(host)
        token = instance.new_token(self, host.workflow)
        self.announce(token)
        instance.finish(token, results)
        if self.element.interrupting and host.driver is not None:
            drive_on(instance, host)


class EventGatewaySpec(NodeSpec):
    """An event-based gateway: what follows it waits in a race, each with its own due moment."""

    @override
    def _on_ready(self, my_task: Token) -> None:
        instance: InstanceWorkflow = my_task.workflow.top_workflow
        my_task.mark(LIVE)
        for flow in self.flows:
            assert isinstance(flow.target, ListeningSpec)
            runner = instance.new_token(flow.target, my_task.workflow, parent=my_task)
            runner.flow = flow.id
            flow.target.open(runner, runner.scope, my_task.id)

    def begin_with(self, instance: InstanceWorkflow, happened: NodeSpec, results: dict[str, Any]) -> None:
        """Begin an instance by one of the events; of a parallel gateway the others are waited for, too."""
        gateway = instance.new_token(self, instance)
        self.announce(gateway)
        instance.emit(ElementLeft(self.element.id, gateway.id))
        for flow in self.flows:
            if flow.target is happened:
                instance.emit(FlowTaken(flow.id))
                token = instance.new_token(happened, instance)
                happened.announce(token)
                instance.finish(token, results)
            elif self.element.event_gateway_type == "Parallel":
                instance.emit(FlowTaken(flow.id))
                instance.set_out(instance, [flow.target])
        instance.remove(gateway)

    def decide(self, gateway: Token, winner: Token) -> None:
        """End the race."""
        instance: InstanceWorkflow = gateway.workflow.top_workflow
        instance.lift(winner)
        instance.emit(ElementLeft(self.element.id, gateway.id))
        instance.emit(FlowTaken(winner.flow or ""))
        gateway.entered = False
        instance.cancel(gateway)
        winner.flow = None
