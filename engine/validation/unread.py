"""What the reader found no place for: an explicit list says what is harmless; everything else is a problem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from engine.bpmn.model import Unread
from engine.bpmn.vocabulary import BPMN, SAANPHAEN, ZEEBE, local, namespace
from engine.problems import Problem, Rule
from engine.validation.catalogue import refused as c

_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"

# Notes, drawings and declarations that no token ever meets.
HARMLESS_ELEMENTS: Final = frozenset(
    {
        "documentation",
        "extensionElements",
        "textAnnotation",
        "text",
        "association",
        "group",
        "category",
        "categoryValue",
        "participant",
        "messageFlow",
        "messageFlowAssociation",
        "participantAssociation",
        "conversation",
        "subConversation",
        "callConversation",
        "conversationLink",
        "conversationAssociation",
        "dataObject",
        "dataObjectReference",
        "dataStore",
        "dataStoreReference",
        "itemDefinition",
        "interface",
        "resource",
        "partnerEntity",
        "partnerRole",
        "endPoint",
        "extension",
        "import",
        "relationship",
        "auditing",
        "monitoring",
        "partitionElement",
    }
)

# Attributes that change nothing, whatever they hold; their owner does not matter.
HARMLESS_ATTRIBUTES: Final = frozenset(
    {
        "id",
        "name",
        "targetNamespace",
        "expressionLanguage",
        "typeLanguage",
        "exporterVersion",
        "gatewayDirection",
        "processType",
        "isClosed",
        "isImmediate",
        "definitionalCollaborationRef",
        "itemRef",
        "structureRef",
        "itemSubjectRef",
        "evaluatesToTypeRef",
        "partitionElementRef",
    }
)

# Attributes that change nothing as long as they hold this.
HARMLESS_VALUES: Final[Mapping[str, frozenset[str]]] = {
    "implementation": frozenset({"", "##unspecified", "##Unspecified", "##WebService"}),
    "isForCompensation": frozenset({"false", "0"}),
    "instantiate": frozenset({"false", "0"}),
    "parallelMultiple": frozenset({"false", "0"}),
    "triggeredByEvent": frozenset({"false", "0"}),
    "waitForCompletion": frozenset({"true", "1"}),
    "method": frozenset({"", "##Compensate"}),
    "scriptLanguage": frozenset({"feel", "FEEL", "text/feel"}),
    "scriptFormat": frozenset({"feel", "FEEL", "text/feel"}),
    "default": frozenset({""}),
}

# Colours, templates, simulation figures and layout of modelers.
HARMLESS_NAMESPACES: Final = (
    "http://camunda.org/schema/modeler/",
    "http://flowable.org/modeler",
    "http://activiti.com/modeler",
    "http://www.activiti.com/modeler",
    "http://bpmn.io/schema/",
    "http://bpmn.io/schema/bpmn/biocolor/",
    "http://www.omg.org/spec/BPMN/non-normative/color/",
    "http://www.omg.org/spec/BPMN/20100524/DI",
    "http://www.omg.org/spec/DD/",
    "http://www.bpsim.org/schemas/",
    "http://www.signavio.com",
    "http://www.w4.eu/spec/",
    "http://www.trisotech.com/",
    "http://www.w3.org/XML/1998/namespace",
    _XSI,
)
_HARMLESS: Final = frozenset(
    {(BPMN, name) for name in HARMLESS_ELEMENTS}
    | {(ZEEBE, name) for name in ("modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon")}
)

# Engines whose extensions say what is to be done.
ENGINE_NAMESPACES: Final = (
    "http://camunda.org/schema/1.0/bpmn",
    "http://activiti.",
    "http://www.activiti.",
    "http://flowable.",
    "http://www.jboss.org/",
    "http://spiffworkflow.org/",
    "http://www.bonitasoft.",
    "http://www.bizagi.com/",
    "http://www.kie.org/",
    "http://jbpm.",
    "http://operaton.org/",
)

_ELEMENT_RULES: Final[Mapping[tuple[str, str], Rule]] = {
    (ZEEBE, "executionListeners"): c.LISTENER,
    (ZEEBE, "taskListeners"): c.LISTENER,
    (ZEEBE, "userTaskForm"): c.EMBEDDED_FORM,
    (BPMN, "script"): c.FOREIGN_SCRIPT,
    (BPMN, "ioSpecification"): c.DATA_ASSOCIATION,
    (BPMN, "dataInputAssociation"): c.DATA_ASSOCIATION,
    (BPMN, "dataOutputAssociation"): c.DATA_ASSOCIATION,
    (BPMN, "property"): c.DATA_ASSOCIATION,
    (BPMN, "dataInput"): c.DATA_ASSOCIATION,
    (BPMN, "dataOutput"): c.DATA_ASSOCIATION,
    (BPMN, "inputSet"): c.DATA_ASSOCIATION,
    (BPMN, "outputSet"): c.DATA_ASSOCIATION,
    (BPMN, "loopDataInputRef"): c.DATA_ASSOCIATION,
    (BPMN, "loopDataOutputRef"): c.DATA_ASSOCIATION,
    (BPMN, "inputDataItem"): c.DATA_ASSOCIATION,
    (BPMN, "outputDataItem"): c.DATA_ASSOCIATION,
    (BPMN, "potentialOwner"): c.RESOURCE_ROLE,
    (BPMN, "humanPerformer"): c.RESOURCE_ROLE,
    (BPMN, "performer"): c.RESOURCE_ROLE,
    (BPMN, "resourceRole"): c.RESOURCE_ROLE,
}
# What other engines call by these names, whichever of them it is.
_FOREIGN_RULES: Final[Mapping[str, Rule]] = {
    **dict.fromkeys(("executionListener", "taskListener", "eventListener"), c.LISTENER),
    **dict.fromkeys(("formData", "formProperty", "formField"), c.EMBEDDED_FORM),
    **dict.fromkeys(
        ("resource", "script", "preScript", "postScript", "onEntry-script", "onExit-script"), c.FOREIGN_SCRIPT
    ),
    **dict.fromkeys(("class", "delegateExpression", "expression", "type", "field", "connector"), c.FOREIGN_CODE),
    **dict.fromkeys(("variableMappingClass", "variableMappingDelegateExpression", "ruleFlowGroup"), c.FOREIGN_CODE),
}
_NAMESPACE_RULES: Final = {ZEEBE: c.MISPLACED_SETTING, SAANPHAEN: c.MISPLACED_SETTING, BPMN: c.NOT_EXECUTED}
_ATTRIBUTE_RULES: Final[Mapping[str, Rule]] = {
    "scriptFormat": c.FOREIGN_SCRIPT,
}


def verdict(unread: Unread) -> Rule | None:
    """Return the rule that an unread element or attribute breaks; None when it is known to be harmless."""
    tag = unread.attribute or unread.tag
    space, name = namespace(tag), local(tag)
    if unread.attribute and not space:
        return _attribute_verdict(unread, name)
    if space.startswith(HARMLESS_NAMESPACES) or (space, name) in _HARMLESS:
        return None
    if space.startswith(ENGINE_NAMESPACES):
        return _FOREIGN_RULES.get(name, c.FOREIGN_EXTENSION)
    return _ELEMENT_RULES.get((space, name)) or _NAMESPACE_RULES.get(space, c.UNKNOWN_EXTENSION)


def check_unread(
    unread: Iterable[Unread], file: str, *, drawings: frozenset[str], refused: frozenset[str]
) -> Iterator[Problem]:
    """Yield what was not read and matters; processes that stay drawings and refused elements have had their word."""
    said: set[str] = set()
    for item in unread:
        if item.process in drawings and item.process:
            continue
        rule = verdict(item) or (c.NOT_EXECUTED if item.inside else None)
        if rule is None or (item.element_id in refused and rule in (c.NOT_EXECUTED, c.MISPLACED_SETTING)):
            continue
        tag = item.attribute or item.tag
        if rule is c.UNKNOWN_EXTENSION:  # once for each kind: such files have one at every shape
            if tag in said:
                continue
            said.add(tag)
        yield rule.problem(
            element_id=item.element_id,
            file=file,
            line=item.line,
            name=item.inside if verdict(item) is None else local(tag),
            namespace=namespace(tag),
            value=item.value,
        )


def _attribute_verdict(unread: Unread, name: str) -> Rule | None:
    if namespace(unread.tag) in (ZEEBE, SAANPHAEN):
        return c.MISPLACED_SETTING
    if name in HARMLESS_ATTRIBUTES or unread.value.strip() in HARMLESS_VALUES.get(name, ()):
        return None
    return _ATTRIBUTE_RULES.get(name, c.NOT_EXECUTED)
