"""Each rule of the catalogue, broken once: the gate names the rule and the element."""

from __future__ import annotations

import pytest

from engine.bpmn.rules import READER_RULES
from engine.decisions import DECISION_RULES
from engine.problems import Severity
from engine.validation import GATE_RULES, Known, validate
from tests.support.bpmn_xml import bpmn_file, flow, line

S = '<bpmn:startEvent id="s"/>'
E = '<bpmn:endEvent id="e"/>'
ROOTS = """<bpmn:message id="M" name="m"><bpmn:extensionElements><zeebe:subscription correlationKey="=k"/>
</bpmn:extensionElements></bpmn:message><bpmn:message id="N" name="n"/><bpmn:message id="F" name="=f"/>
<bpmn:message id="U"/><bpmn:signal id="G" name="=f"/><bpmn:signal id="H"/><bpmn:error id="E" errorCode="E1"/>
<bpmn:error id="D"/><bpmn:error id="C" errorCode="=c"/>"""


def ext(inside: str) -> str:
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"


def mid(inside: str, **more: str) -> bytes:
    return bpmn_file(S + inside + E + line("s", "x", "e"), roots=ROOTS, **more)


def node(tag: str, inside: str = "", attributes: str = "") -> bytes:
    return mid(f'<bpmn:{tag} id="x" {attributes}>{inside}</bpmn:{tag}>')


def settings(tag: str, inside: str) -> bytes:
    return node(tag, ext(inside))


def catch(definition: str) -> bytes:
    return node("intermediateCatchEvent", definition)


def timer(kind: str, text: str) -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>"


def message(ref: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="{ref}"/>'


def boundary(definition: str, boundary_id: str = "x", attributes: str = "", host: str = "t") -> str:
    return (
        f'<bpmn:boundaryEvent id="{boundary_id}" attachedToRef="{host}" {attributes}>{definition}</bpmn:boundaryEvent>'
    )


def starting(definition: str, more: str = "") -> bytes:
    return bpmn_file(f'<bpmn:startEvent id="x">{definition}</bpmn:startEvent>{more}{E}' + line("x", "e"), roots=ROOTS)


def loop(inside: str) -> bytes:
    return node("task", f"<bpmn:multiInstanceLoopCharacteristics>{inside}</bpmn:multiInstanceLoopCharacteristics>")


def behind_gateway(targets: str, *flows: str) -> bytes:
    return bpmn_file(f'{S}<bpmn:eventBasedGateway id="x"/>{E}{targets}' + line("s", "x") + "".join(flows), roots=ROOTS)


UNDO = boundary("<bpmn:compensateEventDefinition/>", "b", host="x")
UNDOES = '<bpmn:task id="u" isForCompensation="true"/>'
ASSOCIATION = '<bpmn:association id="a" sourceRef="b" targetRef="u"/>'


def throwing(activity: str) -> str:
    definition = f'<bpmn:compensateEventDefinition activityRef="{activity}"/>'
    return f'<bpmn:intermediateThrowEvent id="t">{definition}</bpmn:intermediateThrowEvent>' + line("x", "t", "e")


SIGNALS = '<bpmn:signalEventDefinition signalRef="G"/>'
LINK = '<bpmn:linkEventDefinition name="l"/>'


def links(*, throw: str = "", catch: str = "", target: str = "", more: str = "") -> bytes:
    inside = S + E
    if throw:
        to = LINK.replace("/>", f"><bpmn:target>{target}</bpmn:target></bpmn:linkEventDefinition>") if target else LINK
        inside += f'<bpmn:intermediateThrowEvent id="{throw}">{to}</bpmn:intermediateThrowEvent>' + flow("s", throw)
    if catch:
        inside += f'<bpmn:intermediateCatchEvent id="{catch}">{LINK}</bpmn:intermediateCatchEvent>' + flow(catch, "e")
    return bpmn_file(inside + more)


HANDLER = '<bpmn:startEvent id="y"><bpmn:errorEventDefinition/></bpmn:startEvent>'


def beside(inside: str, *, more: str = "", flows: str = "") -> bytes:
    return mid(
        f'<bpmn:task id="x"/><bpmn:subProcess id="h" triggeredByEvent="true">{inside}</bpmn:subProcess>{more}{flows}'
    )


TASKS = "".join(f'<bpmn:task id="{name}"/>' for name in "ab")
XOR = S + '<bpmn:exclusiveGateway id="x"/>' + TASKS + E + line("s", "x")
AND = '<bpmn:parallelGateway id="j"/>'
CATCH_M = f'<bpmn:intermediateCatchEvent id="m">{message("M")}</bpmn:intermediateCatchEvent>'
CATCH_T = f'<bpmn:intermediateCatchEvent id="t">{timer("timeDuration", "PT1H")}</bpmn:intermediateCatchEvent>'
RECEIVE = '<bpmn:receiveTask id="r" messageRef="M"/>'
THRICE = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
INPUT = ext('<zeebe:ioMapping><zeebe:input source="=1" target="a"/></zeebe:ioMapping>')
WORK = '<zeebe:taskDefinition type="w"/>'
OTHER = 'xmlns:o="http://example.org/o" xmlns:c="http://camunda.org/schema/1.0/bpmn"'

CASES: list[tuple[str, str | None, bytes]] = [
    ("not_executed", "x", node("task", "<bpmn:rendering/>")),
    ("pool_not_executed", "g", mid('<bpmn:task id="x"/>').replace(b"<bpmn:process", b'<bpmn:globalTask id="g"/><bpmn:process')),
    ("bad_attribute", "x", node("task", attributes='startQuantity="0"')),
    ("behavior_event_missing", "x", node("task", THRICE.replace("Characteristics>", 'Characteristics behavior="One">', 1))),
    ("behavior_event", "x", node("task", THRICE.replace("Characteristics>", 'Characteristics behavior="None" noneBehaviorEventRef="T">', 1)).replace(b"<bpmn:process", b'<bpmn:terminateEventDefinition id="T"/><bpmn:process')),
    ("dangling_reference", "x", node("task", THRICE.replace("Characteristics>", 'Characteristics behavior="One" oneBehaviorEventRef="gone">', 1))),
    ("data_association", "x", node("task", "<bpmn:dataInputAssociation><bpmn:sourceRef>store</bpmn:sourceRef></bpmn:dataInputAssociation>")),
    ("data_association", "x", node("exclusiveGateway", "<bpmn:ioSpecification/>")),
    ("resource_role", "x", node("userTask", "<bpmn:potentialOwner/>")),
    ("listener", "x", settings("userTask", "<zeebe:taskListeners/>")),
    ("foreign_script", "x", node("scriptTask", ext('<zeebe:script expression="=1" resultVariable="r"/>') + "<bpmn:script>import os</bpmn:script>")),
    ("foreign_script", "x", node("scriptTask", ext('<zeebe:script expression="=1" resultVariable="r"/>'), 'scriptFormat="python"')),
    ("foreign_extension", "x", mid('<bpmn:userTask id="x" c:businessCalendarName="demo"/>', head=OTHER)),
    ("listener", "x", mid(f'<bpmn:userTask id="x">{ext("<c:taskListener/>")}</bpmn:userTask>', head=OTHER)),
    ("foreign_code", "x", mid(f'<bpmn:serviceTask id="x" c:class="org.example.Do">{ext(WORK)}</bpmn:serviceTask>', head=OTHER)),
    ("unknown_extension", "x", mid('<bpmn:userTask id="x" o:colour="red"/>', head=OTHER)),
    ("embedded_form", "p", mid('<bpmn:task id="x"/>' + ext('<zeebe:userTaskForm id="f">{}</zeebe:userTaskForm>'))),
    ("misplaced_setting", "x", settings("task", '<zeebe:taskDefinition type="w"/>')),
    ("misplaced_setting", "x", settings("userTask", '<zeebe:assignmentDefinition whom="w"/>')),
    ("misplaced_setting", "x", settings("userTask", '<zeebe:formDefinition formId="f" bindingType="versionTag"/>')),
    ("no_process", None, b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>'),
    ("not_executable", "p", mid('<bpmn:task id="x"/>').replace(b'isExecutable="true"', b"")),
    ("pool_not_executed", "q", mid('<bpmn:task id="x"/>').replace(b"<bpmn:process", b'<bpmn:process id="q"/><bpmn:process')),
    ("no_start", "p", bpmn_file("")),
    ("no_start", "x", node("subProcess")),
    ("compensation_handler", "b", mid('<bpmn:task id="x"/>' + UNDO)),
    ("compensation_handler", "b", mid('<bpmn:task id="x"/><bpmn:task id="u"/>' + UNDO + ASSOCIATION + flow("x", "u"))),
    ("compensation_flow", "u", mid('<bpmn:task id="x"/>' + UNDO + UNDOES + ASSOCIATION + flow("u", "e"))),
    ("compensation_flow", "b", mid('<bpmn:task id="x"/>' + UNDO + UNDOES + ASSOCIATION + flow("b", "e"))),
    ("compensation_unused", "u", mid('<bpmn:task id="x"/>' + UNDOES)),
    ("compensation_target", "t", mid('<bpmn:task id="x"/>' + throwing("x"))),
    ("compensation_target", "t", mid('<bpmn:task id="x"/>' + throwing("nobody"))),
    ("compensation_target", "t", mid('<bpmn:subProcess id="x"><bpmn:task id="y"/>' + UNDO.replace('"x"', '"y"') + UNDOES + ASSOCIATION + "</bpmn:subProcess>" + throwing("y"))),
    ("compensation_scope", "y", beside('<bpmn:startEvent id="y"><bpmn:compensateEventDefinition/></bpmn:startEvent>')),
    ("compensation_doubled", "b2", mid('<bpmn:task id="x"/>' + UNDO + UNDO.replace('"b"', '"b2"') + UNDOES + ASSOCIATION)),
    ("cancel_outside", "e2", mid('<bpmn:task id="x"/><bpmn:endEvent id="e2"><bpmn:cancelEventDefinition/></bpmn:endEvent>' + flow("x", "e2"))),
    ("cancel_outside", "b", mid('<bpmn:task id="x"/>' + boundary("<bpmn:cancelEventDefinition/>", "b", host="x") + line("b", "e"))),
    ("cancel_uncaught", "x", mid('<bpmn:transaction id="x"><bpmn:startEvent id="y"/><bpmn:endEvent id="z"><bpmn:cancelEventDefinition/></bpmn:endEvent>' + flow("y", "z") + "</bpmn:transaction>")),
    ("multiple_event", "x", node("intermediateThrowEvent", "<bpmn:compensateEventDefinition/>" + SIGNALS)),
    ("multiple_event", "b", mid('<bpmn:task id="x"/>' + boundary("<bpmn:errorEventDefinition/>" + SIGNALS, "b", 'parallelMultiple="true"', host="x") + line("b", "e"))),
    ("link_name_missing", "x", node("intermediateThrowEvent", "<bpmn:linkEventDefinition/>")),
    ("link_dangling", "x", links(throw="x")),
    ("link_dangling", "x", links(catch="x")),
    ("link_dangling", "x", links(throw="x", catch="y", target="z")),
    ("link_doubled", "z", links(throw="x", catch="y", more=f'<bpmn:intermediateCatchEvent id="z">{LINK}</bpmn:intermediateCatchEvent>' + flow("z", "e"))),
    ("link_flow", "x", links(throw="x", catch="y", more=flow("x", "e"))),
    ("event_condition_missing", "x", catch("<bpmn:conditionalEventDefinition/>")),
    ("event_sub_process_start", "h", beside("")),
    ("event_sub_process_start", "h", beside(HANDLER + HANDLER.replace("y", "y2"))),
    ("event_sub_process_plain", "h", beside(HANDLER, flows=line("s", "h", "e"))),
    ("event_sub_process_plain", "h", beside(HANDLER + THRICE)),
    ("duplicate_handler", "y2", beside(HANDLER, more=f'<bpmn:subProcess id="h2" triggeredByEvent="true">{HANDLER.replace("y", "y2")}</bpmn:subProcess>')),
    ("several_starts", "s2", mid('<bpmn:subProcess id="x"><bpmn:startEvent id="s1"/><bpmn:startEvent id="s2"/></bpmn:subProcess>')),
    ("several_plain_starts", "s2", mid('<bpmn:task id="x"/><bpmn:startEvent id="s2"/>' + line("s2", "x"))),
    ("instantiate", "x", node("receiveTask", THRICE, 'messageRef="M" instantiate="true"')),
    ("instantiate", "r", node("subProcess", '<bpmn:receiveTask id="r" messageRef="M" instantiate="true"/>')),
    ("instantiate", "x", mid('<bpmn:task id="t"/><bpmn:receiveTask id="x" messageRef="M" instantiate="true"/>' + line("t", "x"))),
    ("instantiate_event", "x", bpmn_file('<bpmn:eventBasedGateway id="x" instantiate="true"/>' + CATCH_M + CATCH_T + E + line("x", "m", "e") + line("x", "t", "e"), roots=ROOTS)),
    ("parallel_event_gateway", "x", behind_gateway(CATCH_M + CATCH_T, line("x", "m", "e"), line("x", "t", "e")).replace(b"<bpmn:eventBasedGateway", b'<bpmn:eventBasedGateway eventGatewayType="Parallel"')),
    ("bad_attribute", "x", behind_gateway(CATCH_M + CATCH_T, line("x", "m", "e"), line("x", "t", "e")).replace(b"<bpmn:eventBasedGateway", b'<bpmn:eventBasedGateway eventGatewayType="Both"')),
    ("start_name_not_literal", "r", bpmn_file('<bpmn:receiveTask id="r" messageRef="F" instantiate="true"/>' + E + line("r", "e"), roots=ROOTS)),
    ("duplicate_start", "x", starting(message("N"), '<bpmn:receiveTask id="r" messageRef="N" instantiate="true"/>' + line("r", "e")).replace(b'id="x"', b'id="y"', 1).replace(b'"r"', b'"x"').replace(b'sourceRef="x" targetRef="e"', b'sourceRef="y" targetRef="e"', 1)),
    ("ad_hoc_content", "s1", node("adHocSubProcess", '<bpmn:task id="t"/><bpmn:startEvent id="s1"/>')),
    ("ad_hoc_empty", "x", node("adHocSubProcess", '<bpmn:task id="t"/>' + line("t", "t"))),
    ("implicit_start", "y", mid('<bpmn:task id="x"/><bpmn:task id="y"/>')),
    ("start_with_incoming", "s", mid('<bpmn:task id="x"/>' + line("x", "s"))),
    ("end_with_outgoing", "e", mid('<bpmn:task id="x"/>' + line("e", "x"))),
    ("boundary_with_incoming", "x", mid('<bpmn:task id="t"/>' + boundary(timer("timeDuration", "PT1H")))),
    ("boundary_without_outgoing", "b", mid('<bpmn:task id="x"/>' + boundary(timer("timeDuration", "PT1H"), "b", host="x"))),
    ("boundary_host", "b", mid('<bpmn:parallelGateway id="x"/>' + boundary(timer("timeDuration", "PT1H"), "b", host="x") + line("b", "e"))),
    ("flow_crosses", "y_x", mid('<bpmn:task id="x"/><bpmn:subProcess id="sub"><bpmn:task id="y"/></bpmn:subProcess>' + line("y", "x"))),
    ("unreachable", "a", mid('<bpmn:task id="x"/>' + '<bpmn:task id="a"/>' + line("a", "a"))),
    ("cannot_end", "a", mid('<bpmn:task id="x"/>' + TASKS + line("x", "a", "b", "a"))),
    ("join_never_fires", "j", bpmn_file(XOR + AND + flow("x", "a", "=c") + flow("x", "b", "=not(c)") + line("a", "j", "e") + line("b", "j"))),
    ("join_never_fires", "j", bpmn_file(S + AND + TASKS + E + line("s", "j", "a", "e") + line("a", "b", "j"))),
    ("condition_missing", "x_b", bpmn_file(XOR + flow("x", "a", "=c") + line("x", "b", "e") + line("a", "e"))),
    ("condition_not_allowed", "s_x", bpmn_file(S + '<bpmn:task id="x"/>' + flow("s", "x", "=c"))),
    ("activation_missing", "x", bpmn_file(S + '<bpmn:complexGateway id="x"/>' + TASKS + E + line("s", "a", "x", "e") + line("s", "b", "x"))),
    ("default_missing", "x", bpmn_file(XOR + flow("x", "a", "=c") + flow("x", "b", "=d") + line("a", "e") + line("b", "e"))),
    ("default_with_condition", "x", bpmn_file(S + '<bpmn:exclusiveGateway id="x" default="x_e"/>' + E + line("s", "x") + flow("x", "e", "=c"))),
    ("default_not_outgoing", "x", node("task", attributes='default="s_x"')),
    ("default_not_allowed", "x", node("parallelGateway", attributes='default="x_e"')),
    ("event_gateway_successor", "x", behind_gateway(CATCH_M + TASKS, line("x", "m", "e"), line("x", "a", "e"))),
    ("event_gateway_shared", "x", behind_gateway(CATCH_M + CATCH_T, line("x", "m", "e"), line("x", "t", "e"), line("s", "t"))),
    ("event_gateway_few", "x", behind_gateway(CATCH_M, line("x", "m", "e"))),
    ("event_gateway_mixed", "x", behind_gateway(CATCH_M + RECEIVE, line("x", "m", "e"), line("x", "r", "e"))),
    ("event_gateway_plain", "x", behind_gateway(CATCH_T + RECEIVE + boundary(timer("timeDuration", "PT1H"), "b", host="r"), line("x", "t", "e"), line("x", "r", "e"), line("b", "e"))),
    ("event_gateway_plain", "x", behind_gateway(CATCH_T + RECEIVE.replace("/>", f">{THRICE}</bpmn:receiveTask>"), line("x", "t", "e"), line("x", "r", "e"))),
    ("event_gateway_plain", "x", behind_gateway(CATCH_T + RECEIVE.replace("/>", f">{INPUT}</bpmn:receiveTask>"), line("x", "t", "e"), line("x", "r", "e"))),
    ("message_missing", "x", catch("<bpmn:messageEventDefinition/>")),
    ("message_missing", "x", node("receiveTask")),
    ("message_name_missing", "x", catch(message("U"))),
    ("correlation_key_missing", "x", catch(message("N"))),
    ("correlation_key_missing", "x", node("receiveTask", attributes='messageRef="N"')),
    ("found_by_name", "x", catch(message("N")).replace(b"http://camunda.org/schema/zeebe/1.0", b"http://example.org/nobody")),
    ("start_key_unused", "x", starting(message("M"))),
    ("start_name_not_literal", "x", starting(message("F"))),
    ("start_name_not_literal", "x", starting('<bpmn:signalEventDefinition signalRef="G"/>')),
    ("duplicate_start", "y", starting(message("N"), f'<bpmn:startEvent id="y">{message("N")}</bpmn:startEvent>' + line("y", "e"))),
    ("duplicate_handler", "b", mid('<bpmn:task id="x"/>' + boundary("<bpmn:errorEventDefinition/>", "a", host="x") + boundary("<bpmn:errorEventDefinition/>", "b", host="x") + line("a", "e") + line("b", "e"))),
    ("signal_missing", "x", catch('<bpmn:signalEventDefinition signalRef="H"/>')),
    ("code_missing", "x", bpmn_file(S + '<bpmn:endEvent id="x"><bpmn:errorEventDefinition errorRef="D"/></bpmn:endEvent>' + line("s", "x"), roots=ROOTS)),
    ("code_missing", "x", node("intermediateThrowEvent", "<bpmn:escalationEventDefinition/>")),
    ("code_not_literal", "b", mid('<bpmn:task id="x"/>' + boundary('<bpmn:errorEventDefinition errorRef="C"/>', "b", host="x") + line("b", "e"))),
    ("error_uncaught", "x", bpmn_file(S + '<bpmn:endEvent id="x"><bpmn:errorEventDefinition errorRef="E"/></bpmn:endEvent>' + line("s", "x"), roots=ROOTS)),
    ("timer_missing", "x", catch("<bpmn:timerEventDefinition/>")),
    ("timer_syntax", "x", catch(timer("timeDuration", "5 days"))),
    ("timer_cron", "x", starting(timer("timeCycle", "0 9 * * MON-FRI"))),
    ("timer_position", "x", catch(timer("timeCycle", "R/PT1H"))),
    ("feel_function", "x_e", bpmn_file(S + '<bpmn:exclusiveGateway id="x"/>' + E + line("s", "x") + flow("x", "e", "= cuont(plans) = 0"))),
    ("feel_syntax", "x_e", bpmn_file(S + '<bpmn:exclusiveGateway id="x"/>' + E + line("s", "x") + flow("x", "e", "= (1 +"))),
    ("expression_expected", "x_e", bpmn_file(S + '<bpmn:exclusiveGateway id="x"/>' + E + line("s", "x") + flow("x", "e", "approved"))),
    ("expression_empty", "x", settings("userTask", '<zeebe:ioMapping><zeebe:input source="" target="a"/></zeebe:ioMapping>')),
    ("vendor_expression", "x", settings("userTask", '<zeebe:assignmentDefinition assignee="${users.find(who)}"/>')),
    ("expression_translated", "x", settings("userTask", '<zeebe:assignmentDefinition assignee="${who}"/>')),
    ("foreign_language", "x_e", bpmn_file(XOR + line("a", "e") + flow("x", "a") + '<bpmn:sequenceFlow id="x_e" sourceRef="x" targetRef="e"><bpmn:conditionExpression language="http://www.java.com/java">return a;</bpmn:conditionExpression></bpmn:sequenceFlow>')),
    ("mapping_target", "x", settings("userTask", '<zeebe:ioMapping><zeebe:input source="=1" target="1a"/></zeebe:ioMapping>')),
    ("mapping_not_applied", "x", catch(message("M") + ext('<zeebe:ioMapping><zeebe:input source="=1" target="a"/></zeebe:ioMapping>'))),
    ("mapping_not_applied", "x", node("intermediateThrowEvent", ext('<zeebe:ioMapping><zeebe:output source="=1" target="a"/></zeebe:ioMapping>'))),
    ("work_missing", "x", node("serviceTask")),
    ("work_missing", "x", settings("serviceTask", '<zeebe:taskDefinition type=""/>')),
    ("work_missing", "x", node("sendTask")),
    ("message_and_work", "x", node("sendTask", ext('<zeebe:taskDefinition type="w"/>'), 'messageRef="M"')),
    ("retries", "x", settings("serviceTask", '<zeebe:taskDefinition type="w" retries="many"/>')),
    ("retries", "x", settings("serviceTask", '<zeebe:taskDefinition type="w" retries="0"/>')),
    ("priority", "x", settings("userTask", '<zeebe:priorityDefinition priority="101"/>')),
    ("script_missing", "x", node("scriptTask")),
    ("result_variable_missing", "x", settings("scriptTask", '<zeebe:script expression="=1"/>')),
    ("call_missing", "x", node("callActivity")),
    ("unknown_process", "x", settings("callActivity", '<zeebe:calledElement processId="nobody"/>')),
    ("unknown_process", "x", settings("callActivity", '<zeebe:calledElement processId="known" bindingType="deployment"/>')),
    ("unknown_binding", "x", settings("callActivity", '<zeebe:calledElement processId="p" bindingType="newest"/>')),
    ("version_missing", "x", settings("callActivity", '<zeebe:calledElement processId="p" bindingType="version"/>')),
    ("version_tag_missing", "x", settings("callActivity", '<zeebe:calledElement processId="known" bindingType="versionTag"/>')),
    ("call_recursion", "p", settings("callActivity", '<zeebe:calledElement processId="p"/>')),
    ("decision_missing", "x", settings("businessRuleTask", "")),
    ("decision_missing", "x", settings("businessRuleTask", '<zeebe:calledDecision resultVariable="r"/>')),
    ("result_variable_missing", "x", settings("businessRuleTask", '<zeebe:calledDecision decisionId="known"/>')),
    ("decision_and_work", "x", settings("businessRuleTask", '<zeebe:calledDecision decisionId="known" resultVariable="r"/><zeebe:taskDefinition type="t"/>')),
    ("unknown_decision", "x", settings("businessRuleTask", '<zeebe:calledDecision decisionId="gone" resultVariable="r"/>')),
    ("unknown_decision", "x", settings("businessRuleTask", '<zeebe:calledDecision decisionId="known" resultVariable="r" bindingType="deployment"/>')),
    ("unknown_binding", "x", settings("businessRuleTask", '<zeebe:calledDecision decisionId="known" resultVariable="r" bindingType="newest"/>')),
    ("version_tag_missing", "x", settings("businessRuleTask", '<zeebe:calledDecision decisionId="known" resultVariable="r" bindingType="versionTag"/>')),
    ("unknown_form", "x", settings("userTask", '<zeebe:formDefinition formId="nothing"/>')),
    ("form_id_expression", "x", settings("userTask", '<zeebe:formDefinition formId="=f"/>')),
    ("form_key", "x", settings("userTask", '<zeebe:formDefinition formKey="custom:x"/>')),
    ("multi_instance_source", "x", loop("")),
    ("multi_instance_pair", "x", loop(ext('<zeebe:loopCharacteristics inputCollection="=a" outputElement="=b"/>'))),
    ("multi_instance_pair", "x", loop(ext('<zeebe:loopCharacteristics inputElement="b"/>') + "<bpmn:loopCardinality>3</bpmn:loopCardinality>")),
    ("multi_instance_both", "x", loop(ext('<zeebe:loopCharacteristics inputCollection="=a"/>') + "<bpmn:loopCardinality>3</bpmn:loopCardinality>")),
    ("multi_instance_pair", "x", loop(ext('<zeebe:loopCharacteristics inputCollection="=a" outputCollection="b"/>'))),
    ("cardinality", "x", loop("<bpmn:loopCardinality>some</bpmn:loopCardinality>")),
    ("loop_endless", "x", node("task", "<bpmn:standardLoopCharacteristics/>")),
    ("bad_attribute", "x", node("task", '<bpmn:standardLoopCharacteristics loopMaximum="0"/>')),
    ("doubled_setting", "x", node("task", '<bpmn:standardLoopCharacteristics loopMaximum="2"/>' + THRICE)),
]  # fmt: skip

ELSEWHERE = {
    # whole bundles: test_gate.py
    "no_process_file", "too_many_files", "too_many_problems", "too_many_warnings", "duplicate_process",
    "form_json", "duplicate_form", "decision_twice",
    # files that cannot be opened: tests/web/test_cli_validate.py
    "file_missing",
    # what only a deployment can find: tests/integration/engine/test_deployments.py
    "start_event_value",
}  # fmt: skip


@pytest.mark.parametrize(("rule", "element_id", "data"), CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(CASES)])
def test_the_gate_names_rule_and_element(rule: str, element_id: str | None, data: bytes):
    result = validate({"a.bpmn": data}, known=Known(processes=frozenset({"known"}), decisions=frozenset({"known"})))

    found = [problem for problem in result.problems if problem.rule == rule]
    assert [problem.element_id for problem in found] == [element_id], result.problems
    assert found[0].severity is GATE_RULES[rule].severity
    assert found[0].file == "a.bpmn"
    assert result.deployable == (not any(p.severity is Severity.ERROR for p in result.problems))


def test_no_rule_is_left_without_a_case():
    from tests.unit.validation.test_whitelist import EVENTS_AT, KINDS, MARKERS

    rows = {
        rule.code
        for rule in (*EVENTS_AT.values(), *KINDS.values(), *(marker.rule for marker in MARKERS))
        if rule is not None
    }
    reader = {rule.code for rule in (*READER_RULES, *DECISION_RULES)}  # tests/unit/bpmn, tests/unit/decisions

    assert set(GATE_RULES) == {case[0] for case in CASES} | rows | reader | ELSEWHERE


GOOD_TIMERS = [
    ("timeDuration", "P5D"),
    ("timeDuration", "P1Y2M3W4DT5H6M7.5S"),
    ("timeDuration", "PT0S"),
    ("timeDate", "2026-10-01T09:00:00+07:00"),
    ("timeDate", "2026-10-01T02:00:00Z"),
    ("timeDate", "2026-10-01T09:00:00+07:00[Asia/Bangkok]"),
    ("timeDate", "=due"),
]
BAD_TIMERS = [
    ("timeDuration", "P"),
    ("timeDuration", "PT"),
    ("timeDuration", "P5DT"),
    ("timeDuration", "-P5D"),
    ("timeDuration", "P1.5D"),
    ("timeDuration", "P9999Y"),
    ("timeDuration", "PT999999999H"),
    ("timeDuration", "P" + "1" * 5_000 + "D"),
    ("timeDate", "2026-10-01"),
    ("timeDate", "2026-10-01T09:00:00"),
    ("timeDate", "2026-13-01T09:00:00+07:00"),
    ("timeDate", "1 ต.ค. 2569"),
]


@pytest.mark.parametrize(("kind", "text"), GOOD_TIMERS)
def test_timer_texts_that_are_read(kind: str, text: str):
    assert not validate({"a.bpmn": catch(timer(kind, text))}).problems


@pytest.mark.parametrize(("kind", "text"), BAD_TIMERS)
def test_timer_texts_that_are_refused(kind: str, text: str):
    assert [p.rule for p in validate({"a.bpmn": catch(timer(kind, text))}).problems] == ["timer_syntax"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("R/PT1H", None),
        ("R3/P1D", None),
        ("R3/2026-10-01T09:00:00+07:00/P1D", None),
        ("=period", None),
        ("R0/PT1H", "timer_syntax"),
        ("R/PT0S", "timer_syntax"),
        ("R/P1D/P1D", "timer_syntax"),
        ("PT1H", "timer_syntax"),
        ("@daily", None),
        ("0 0 9 * * MON-FRI", None),
        ("0 0 0 30 2 *", "timer_cron"),
        ("@never", "timer_cron"),
        ("*/5 * * * *", "timer_cron"),
        ("A" * 199 + "!", "timer_syntax"),
    ],
)
def test_cycles(text: str, rule: str | None):
    assert [p.rule for p in validate({"a.bpmn": starting(timer("timeCycle", text))}).problems] == (
        [rule] if rule else []
    )


@pytest.mark.parametrize(
    ("target", "is_name"),
    [("ลำดับ", True), ("แผน.ผู้รับผิดชอบ", True), ("len", True), ("typename", True), ("a b", True), ("_x1", True)]
    + [(name, False) for name in ("", "a.", "null", "a+b", "=a", "a[1]", "1a")],
)
def test_names_that_variables_can_have(target: str, is_name: bool):
    data = settings("userTask", f'<zeebe:ioMapping><zeebe:output source="=1" target="{target}"/></zeebe:ioMapping>')

    assert [p.rule for p in validate({"a.bpmn": data}).problems] == ([] if is_name else ["mapping_target"])


def test_an_error_that_somebody_around_or_a_caller_may_catch_is_no_concern():
    inner = '<bpmn:startEvent id="i"/><bpmn:endEvent id="y"><bpmn:errorEventDefinition errorRef="E"/></bpmn:endEvent>'
    sub = f'<bpmn:subProcess id="x">{inner}{line("i", "y")}</bpmn:subProcess>'
    caught = mid(sub + boundary('<bpmn:errorEventDefinition errorRef="E"/>', "b", host="x") + line("b", "e"))
    called = ext('<zeebe:calledElement processId="p"/>')
    caller = bpmn_file(
        f'{S}<bpmn:callActivity id="x">{called}</bpmn:callActivity>' + line("s", "x"), process_id="caller"
    )

    assert not validate({"a.bpmn": caught}).problems
    assert not validate({"a.bpmn": mid(sub), "b.bpmn": caller}).problems
