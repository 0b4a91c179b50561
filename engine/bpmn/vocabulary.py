"""The XML names of BPMN 2.0 and of the two extension namespaces that the reader knows."""

from __future__ import annotations

from engine.bpmn.model import ElementKind, EventKind

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
SAANPHAEN = "https://saanphaen.org/schema/1.0"


def bpmn(name: str) -> str:
    """Return the tag of a BPMN element."""
    return f"{{{BPMN}}}{name}"


def zeebe(name: str) -> str:
    """Return the tag of a zeebe extension element."""
    return f"{{{ZEEBE}}}{name}"


def local(tag: str) -> str:
    """Return a tag without its namespace."""
    return tag.rpartition("}")[2]


def namespace(tag: str) -> str:
    """Return the namespace of a tag or attribute; empty when it has none."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


NODE_KINDS = {bpmn(kind.value): kind for kind in ElementKind}

EVENT_DEFINITIONS = {bpmn(f"{kind.value}EventDefinition"): kind for kind in EventKind if kind is not EventKind.NONE}

EVENTS = frozenset(
    {
        ElementKind.START_EVENT,
        ElementKind.END_EVENT,
        ElementKind.INTERMEDIATE_CATCH_EVENT,
        ElementKind.INTERMEDIATE_THROW_EVENT,
        ElementKind.BOUNDARY_EVENT,
    }
)
GATEWAYS = frozenset(
    {
        ElementKind.EXCLUSIVE_GATEWAY,
        ElementKind.PARALLEL_GATEWAY,
        ElementKind.INCLUSIVE_GATEWAY,
        ElementKind.COMPLEX_GATEWAY,
        ElementKind.EVENT_BASED_GATEWAY,
    }
)
ACTIVITIES = frozenset(ElementKind) - EVENTS - GATEWAYS
CONTAINERS = frozenset({ElementKind.SUB_PROCESS, ElementKind.AD_HOC_SUB_PROCESS, ElementKind.TRANSACTION})

DEFINITIONS = bpmn("definitions")
PROCESS = bpmn("process")
COLLABORATION = bpmn("collaboration")
DIAGRAM = f"{{{BPMNDI}}}BPMNDiagram"
DOCUMENTATION = bpmn("documentation")
EXTENSION_ELEMENTS = bpmn("extensionElements")
INCOMING = bpmn("incoming")
OUTGOING = bpmn("outgoing")
SEQUENCE_FLOW = bpmn("sequenceFlow")
CONDITION_EXPRESSION = bpmn("conditionExpression")
LANE_SET = bpmn("laneSet")
CHILD_LANE_SET = bpmn("childLaneSet")
LANE = bpmn("lane")
FLOW_NODE_REF = bpmn("flowNodeRef")
EVENT_DEFINITION_REF = bpmn("eventDefinitionRef")
MULTI_INSTANCE = bpmn("multiInstanceLoopCharacteristics")
STANDARD_LOOP = bpmn("standardLoopCharacteristics")
LOOP_CONDITION = bpmn("loopCondition")
LOOP_CARDINALITY = bpmn("loopCardinality")
COMPLEX_BEHAVIOR = bpmn("complexBehaviorDefinition")
COMPLEX_BEHAVIOR_EVENT = bpmn("event")
ACTIVATION_CONDITION = bpmn("activationCondition")
COMPLETION_CONDITION = bpmn("completionCondition")
CONDITION = bpmn("condition")
ASSOCIATION = bpmn("association")
LINK_SOURCE = bpmn("source")
LINK_TARGET = bpmn("target")
MESSAGE = bpmn("message")
SIGNAL = bpmn("signal")
ERROR = bpmn("error")
ESCALATION = bpmn("escalation")
INSIDE = frozenset(NODE_KINDS) | {SEQUENCE_FLOW, LANE_SET}  # what a process or sub-process is made of
