"""Camunda 7, Activiti, Flowable and Operaton: one family with the same attributes under different namespaces.

What has an equal meaning becomes the setting that the reader knows; what changes nothing in an engine whose steps are
transactions is taken away; what is left is refused by the gate. Sources: the extension attributes and elements in the
reference of Camunda 7 and in the user guides of Flowable and Activiti.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from lxml import etree

from engine.bpmn.dialects.editing import Foreign, as_source, drop, holds_only
from engine.bpmn.dialects.parameters import take_parameters
from engine.bpmn.dialects.people import take_people
from engine.bpmn.juel import Untranslatable, is_juel, to_feel
from engine.bpmn.sheet import Sheet, text_of
from engine.bpmn.vocabulary import EXTENSION_ELEMENTS, PROCESS, SAANPHAEN, bpmn, local, zeebe

SPACES: Final = frozenset(
    {
        "http://camunda.org/schema/1.0/bpmn",
        "http://activiti.org/bpmn",
        "http://flowable.org/bpmn",
        "http://operaton.org/schema/1.0/bpmn",
    }
)

# Each step is a transaction that ends at the next wait state, history is kept, and a failed job is tried again anyway.
WITHOUT_EFFECT: Final = frozenset(
    {"async", "asyncBefore", "asyncAfter", "asyncLeave", "asyncLeaveExclusive", "asynchronous", "exclusive"}
    | {"historyTimeToLive", "isStartableInTasklist", "diagramRelationId", "errorMessage", "formFieldValidation"}
    | {"modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon", "modelerTemplateAppliesTo"}
    | {"isEagerExecutionFetching", "inheritBusinessKey"}
)
_TOLD: Final = frozenset({"jobPriority", "taskPriority", "candidateStarterUsers", "candidateStarterGroups"})
_SWITCHES: Final = frozenset(
    {"terminateAll", "terminateMultiInstance", "triggerable", "useLocalScopeForResultVariable", "inheritVariables"}
    | {"completeAsync", "useLocalScopeForOutParameters", "storeResultVariableAsTransient", "sameDeployment"}
    | {"autoStoreVariables"}
)
_USER_TASK: Final[Mapping[str, tuple[str, str]]] = {
    "assignee": ("assignmentDefinition", "assignee"),
    "candidateUsers": ("assignmentDefinition", "candidateUsers"),
    "candidateGroups": ("assignmentDefinition", "candidateGroups"),
    "dueDate": ("taskSchedule", "dueDate"),
    "followUpDate": ("taskSchedule", "followUpDate"),
    "priority": ("priorityDefinition", "priority"),
}
_WHO_STARTED: Final = "$INITIATOR"  # what the modeler of Flowable writes for the variable `initiator`
_INITIATOR: Final = f"{{{SAANPHAEN}}}initiator"
_FORM_FILE: Final = re.compile(r"camunda-forms:(?:deployment|bpmn):(?:.*/)?([^/:]+?)(?:\.form)?")
_PLAIN_KEY: Final = re.compile(r"[\w-]+")
_NAME: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_RETRIES: Final = re.compile(r"R(\d{1,4})/\S+")
_WORKERS: Final = frozenset({"external", "external-worker"})
_BINDINGS: Final = frozenset({"latest", "deployment", "versionTag"})
_DECISION_SHAPES: Final = frozenset({"singleEntry", "collectEntries"})


def translate(xml: etree._Element, sheet: Sheet) -> None:
    """Write anew what this family says of one BPMN element."""
    foreign = Foreign(xml, SPACES, sheet)
    for name in foreign.names():
        if name in WITHOUT_EFFECT or (name in _SWITCHES and foreign.peek(name) == "false"):
            foreign.take(name)
        elif name in _TOLD:
            foreign.take(name)
            foreign.without_effect(name)
    handler = _BY_TAG.get(local(str(xml.tag)))
    if handler is not None:
        handler(foreign)
    _take_extensions(foreign)


def _user_task(foreign: Foreign) -> None:
    for name, (setting, attribute) in _USER_TASK.items():
        value = foreign.take(name)
        if value is not None and value.strip():
            value = "${initiator}" if value == _WHO_STARTED else value
            foreign.put(setting, **{attribute: as_source(value)})
    reference = foreign.take("formRef")
    if reference is not None:
        binding = foreign.peek("formRefBinding")
        if binding in (None, "latest", "deployment"):
            foreign.take("formRefBinding")
        foreign.put("formDefinition", formId=reference, bindingType=binding or "latest")
    key = foreign.take("formKey")
    if key is not None:
        file = _FORM_FILE.fullmatch(key)
        if file is not None or _PLAIN_KEY.fullmatch(key):
            foreign.put("formDefinition", formId=file[1] if file else key)
        else:
            foreign.put("formDefinition", formKey=key)
    take_people(foreign)


def _work(foreign: Foreign) -> None:
    """Take work of an external worker; on the definition of a thrown message it belongs to the event."""
    event = foreign.xml.getparent() if local(str(foreign.xml.tag)) == "messageEventDefinition" else None
    if foreign.peek("type") in _WORKERS and foreign.says("topic"):
        foreign.take("type")
        target = foreign if event is None else Foreign(event, SPACES, foreign.sheet)
        target.put("taskDefinition", type=as_source(foreign.take("topic") or ""))
    elif event is None and foreign.says("decisionRef"):
        _decision(foreign)
    elif event is None and foreign.says("expression"):
        _value(foreign)


def _decision(foreign: Foreign) -> None:
    binding = foreign.peek("decisionRefBinding")
    tag = None
    if binding is None or binding in _BINDINGS:
        foreign.take("decisionRefBinding")
        tag = foreign.take("decisionRefVersionTag")
    if foreign.peek("mapDecisionResult") in _DECISION_SHAPES:
        foreign.take("mapDecisionResult")
        result = foreign.take("resultVariable")
    else:
        result = None  # lists of rows and rows of one are no results of ours: what asks for them stays, and is told
    decision = foreign.take("decisionRef")
    foreign.put(
        "calledDecision", decisionId=decision, resultVariable=result, bindingType=binding or "latest", versionTag=tag
    )


def _value(foreign: Foreign) -> None:
    """A service task that only works out a value is a script task."""
    expression = foreign.peek("expression") or ""
    result = foreign.peek("resultVariable") or foreign.peek("resultVariableName")
    if not is_juel(expression) or not result:
        return
    try:
        to_feel(expression)
    except Untranslatable:
        return
    foreign.take("expression")
    foreign.take("resultVariable")
    foreign.take("resultVariableName")
    foreign.xml.tag = bpmn("scriptTask")
    foreign.put("script", expression=expression, resultVariable=result)


def _script(foreign: Foreign) -> None:
    """A script in FEEL or `${…}` is taken with the variable of its result; other languages are left to be told."""
    xml = foreign.xml
    script = xml.find(bpmn("script"))
    language = (xml.get("scriptFormat") or "").lower()
    known = any(name in language for name in ("feel", "juel"))
    if script is None or not known or not holds_only(script):
        return
    text = text_of(script)
    expression = text if is_juel(text) else f"={text.removeprefix('=')}"
    if "feel" not in language and not is_juel(text):
        return
    drop(script)
    del xml.attrib["scriptFormat"]
    result = foreign.take("resultVariable")
    foreign.put("script", expression=expression, resultVariable=result)


def _call(foreign: Foreign) -> None:
    xml = foreign.xml
    called = xml.get("calledElement")
    if called is None:
        return
    binding = foreign.peek("calledElementBinding")
    tag = version = None
    if binding == "version":
        foreign.take("calledElementBinding")
        version = foreign.take("calledElementVersion")
    if binding is None or binding in _BINDINGS:
        foreign.take("calledElementBinding")
        tag = foreign.take("calledElementVersionTag")
    if foreign.peek("calledElementType") == "key":
        foreign.take("calledElementType")
    if foreign.take("sameDeployment") == "true":
        binding = "deployment"
    everything_in = foreign.take("inheritVariables") == "true"
    everything_out = False
    for child in foreign.children():
        direction = local(str(child.tag))
        if direction not in ("in", "out") or not holds_only(child):
            continue
        if child.get("variables") == "all" and set(map(str, child.attrib)) == {"variables"}:
            everything_in |= direction == "in"
            everything_out |= direction == "out"
        elif not _hand_over(child, direction, foreign):
            continue
        drop(child)
    del xml.attrib["calledElement"]
    foreign.put(
        "calledElement",
        processId=as_source(called),
        bindingType=binding or "latest",
        versionTag=tag,
        version=version,
        propagateAllParentVariables=str(everything_in).lower(),
        propagateAllChildVariables=str(everything_out).lower(),
    )


def _hand_over(child: etree._Element, direction: str, foreign: Foreign) -> bool:
    """Take one variable that is handed over; False for what has no equal (local variables, other keys)."""
    said = dict(child.attrib.items())
    if direction == "in" and set(said) == {"businessKey"}:
        if "processBusinessKey" not in str(said["businessKey"]):  # else: the called process bears the key anyway
            foreign.map_input(as_source(str(said["businessKey"])), "business_key")
        return True
    target = str(said.pop("target", ""))
    expression, name = said.pop("sourceExpression", None), said.pop("source", None)
    if said or not target or (expression is None) == (name is None):
        return False
    if name is not None and not _NAME.fullmatch(str(name)):
        return False
    source = f"={name}" if name is not None else as_source(str(expression))
    (foreign.map_input if direction == "in" else foreign.map_output)(source, target)
    return True


def _repeat(foreign: Foreign) -> None:
    collection = foreign.peek("collection")
    if collection is None or not (is_juel(collection) or _NAME.fullmatch(collection.strip())):
        return
    foreign.take("collection")
    source = collection if is_juel(collection) else f"={collection.strip()}"
    foreign.put("loopCharacteristics", inputCollection=source, inputElement=foreign.take("elementVariable"))


def _process(foreign: Foreign) -> None:
    tag = foreign.take("versionTag")
    if tag:
        foreign.put("versionTag", value=tag)


def _start(foreign: Foreign) -> None:
    """The variable that takes who starts a run is kept at the process; in an event sub-process nobody does."""
    process = foreign.xml.getparent()
    name = foreign.peek("initiator")
    if name and process is not None and process.tag == PROCESS and process.get(_INITIATOR) in (None, name):
        process.set(_INITIATOR, str(foreign.take("initiator")))


def _take_extensions(foreign: Foreign) -> None:
    take_parameters(foreign)
    for child in foreign.children("properties"):
        if not holds_only(child, "property"):
            continue
        for each in list(child.iterchildren("*")):
            foreign.note(str(each.get("name") or each.get("id") or ""), str(each.get("value") or ""))
        drop(child)
    for child in foreign.children("failedJobRetryTimeCycle"):
        if not holds_only(child):
            continue
        cycle = _RETRIES.fullmatch(text_of(child))
        work = foreign.xml.find(f"{EXTENSION_ELEMENTS}/{zeebe('taskDefinition')}")
        if cycle is not None and work is not None:
            work.set("retries", cycle[1])
        else:
            foreign.without_effect("failedJobRetryTimeCycle")
        drop(child)


_BY_TAG: Final[Mapping[str, Callable[[Foreign], None]]] = {
    "userTask": _user_task,
    "serviceTask": _work,
    "sendTask": _work,
    "businessRuleTask": _work,
    "messageEventDefinition": _work,
    "scriptTask": _script,
    "callActivity": _call,
    "multiInstanceLoopCharacteristics": _repeat,
    "process": _process,
    "startEvent": _start,
}
