"""Executable diagrams as other engines' modelers write them, each with what can be taken over and what cannot."""

from __future__ import annotations

from itertools import pairwise

BPMN = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def chain(*ids: str) -> str:
    """Return flows that connect the ids in a row."""
    return "".join(f'<sequenceFlow id="{a}-{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(ids))


def definitions(namespaces: str, inside: str) -> bytes:
    """Return a file with these namespaces."""
    return f'<?xml version="1.0"?><definitions {BPMN} {namespaces} targetNamespace="t">{inside}</definitions>'.encode()


CAMUNDA_7 = definitions(
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" exporter="Camunda Modeler"',
    """<process id="invoice" isExecutable="true" camunda:historyTimeToLive="180" camunda:versionTag="1.4">
    <startEvent id="s" camunda:initiator="starter" camunda:asyncAfter="true"/>
    <userTask id="approve" camunda:assignee="${starter}" camunda:candidateGroups="sales, ${extra}" camunda:dueDate="P5D"
     camunda:priority="60" camunda:formRef="approve" camunda:formRefBinding="latest"><extensionElements>
     <camunda:inputOutput><camunda:inputParameter name="title">Approve ${amount}</camunda:inputParameter>
      <camunda:inputParameter name="people"><camunda:list><camunda:value>a</camunda:value><camunda:value>${extra}</camunda:value>
      </camunda:list></camunda:inputParameter><camunda:inputParameter name="box"><camunda:map>
      <camunda:entry key="k v">1</camunda:entry></camunda:map></camunda:inputParameter>
      <camunda:outputParameter name="approved">${ok}</camunda:outputParameter></camunda:inputOutput>
     <camunda:properties><camunda:property name="x" value="y"/></camunda:properties></extensionElements></userTask>
    <exclusiveGateway id="g" default="no"/>
    <serviceTask id="pay" camunda:type="external" camunda:topic="payments"><extensionElements>
     <camunda:failedJobRetryTimeCycle>R5/PT10M</camunda:failedJobRetryTimeCycle></extensionElements></serviceTask>
    <serviceTask id="double" camunda:expression="${amount * 2}" camunda:resultVariable="twice"/>
    <callActivity id="ship" calledElement="shipping" camunda:calledElementBinding="latest"><extensionElements>
     <camunda:in source="twice" target="sum"/><camunda:in sourceExpression="${row + 1}" target="next"/>
     <camunda:in businessKey="#{execution.processBusinessKey}"/><camunda:out source="parcel" target="parcel"/></extensionElements>
     <multiInstanceLoopCharacteristics isSequential="true" camunda:collection="rows" camunda:elementVariable="row">
      <completionCondition xsi:type="tFormalExpression">${nrOfCompletedInstances &gt;= 2}</completionCondition>
     </multiInstanceLoopCharacteristics></callActivity><endEvent id="e"/>"""
    + chain("s", "approve", "g")
    + '<sequenceFlow id="yes" sourceRef="g" targetRef="pay"><conditionExpression xsi:type="tFormalExpression">'
    + "${approved &amp;&amp; amount &gt; 1000}</conditionExpression></sequenceFlow>"
    + '<sequenceFlow id="no" sourceRef="g" targetRef="e"/>'
    + chain("pay", "double", "ship", "e")
    + "</process>",
)

FLOWABLE = definitions(
    'xmlns:flowable="http://flowable.org/bpmn" xmlns:activiti="http://activiti.org/bpmn" '
    'expressionLanguage="http://www.w3.org/1999/XPath"',
    """<process id="leave"><startEvent id="s" flowable:initiator="me" flowable:formFieldValidation="true"/>
    <userTask id="ask" flowable:assignee="${me}" flowable:formKey="leaveForm"><extensionElements>
     <modeler:initiator-can-complete xmlns:modeler="http://flowable.org/modeler">false</modeler:initiator-can-complete>
    </extensionElements></userTask>
    <userTask id="decide"><potentialOwner><resourceAssignmentExpression><formalExpression>user(kermit), group(management), sales
    </formalExpression></resourceAssignmentExpression></potentialOwner></userTask>
    <userTask id="boss"><humanPerformer><resourceAssignmentExpression><formalExpression>${boss}</formalExpression>
    </resourceAssignmentExpression></humanPerformer></userTask>
    <serviceTask id="mail" flowable:type="external-worker" flowable:topic="mail" flowable:exclusive="false"/>
    <scriptTask id="sum" scriptFormat="juel" activiti:resultVariable="sum"><script>#{a + b}</script></scriptTask>
    <callActivity id="call" calledElement="shipping" flowable:inheritVariables="true" flowable:sameDeployment="false"/>
    <endEvent id="e"/>"""
    + chain("s", "ask", "decide", "boss", "mail", "sum", "call", "e")
    + "</process>",
)

JAVA_IN_IT = definitions(
    'xmlns:activiti="http://activiti.org/bpmn" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"',
    """<process id="java" isExecutable="true"><startEvent id="s" activiti:formKey="start.jsp"><extensionElements>
     <activiti:formProperty id="days"/></extensionElements></startEvent>
    <serviceTask id="class" activiti:class="org.example.Do"/>
    <serviceTask id="bean" camunda:delegateExpression="#{archive}"><extensionElements>
     <camunda:field name="to" stringValue="x"/></extensionElements></serviceTask>
    <serviceTask id="method" activiti:expression="${service.doIt(execution)}"/>
    <userTask id="heard" camunda:assignee="${users.find('a')}"><extensionElements>
     <camunda:taskListener event="create" class="org.example.Listen"/></extensionElements></userTask>
    <scriptTask id="groovy" scriptFormat="groovy"><script>x = 1</script></scriptTask>
    <userTask id="script"><extensionElements><camunda:inputOutput><camunda:inputParameter name="a">
     <camunda:script scriptFormat="javascript">1</camunda:script></camunda:inputParameter></camunda:inputOutput>
    </extensionElements></userTask>
    <userTask id="embedded"><extensionElements><camunda:formData><camunda:formField id="a" type="string"/></camunda:formData>
    </extensionElements></userTask>
    <callActivity id="fixed" calledElement="shipping" camunda:calledElementBinding="version" camunda:calledElementVersion="3"/>
    <callActivity id="local" calledElement="shipping"><extensionElements><camunda:in variables="all" local="true"/>
    </extensionElements></callActivity><endEvent id="e"/>"""
    + chain(
        "s", "class", "bean", "method", "heard", "groovy", "script", "embedded", "fixed", "local", "e"
    )
    + "</process>",
)  # fmt: skip

JBPM = definitions(
    'xmlns:tns="http://www.jboss.org/drools" expressionLanguage="http://www.mvel.org/2.0"',
    """<process id="evaluation" isExecutable="true" processType="Private" tns:packageName="defaultPackage" tns:version="1.0" tns:adHoc="false">
    <extensionElements><tns:import name="java.util.Map"/></extensionElements><startEvent id="s"/>
    <userTask id="self" name="Self Evaluation"><ioSpecification><dataInput id="gi" name="GroupId" tns:dtype="String"/>
     <dataInput id="tn" name="TaskName"/><inputSet><dataInputRefs>gi</dataInputRefs><dataInputRefs>tn</dataInputRefs></inputSet>
     <outputSet/></ioSpecification><dataInputAssociation><targetRef>gi</targetRef><assignment>
     <from xsi:type="tFormalExpression">HR,PM</from><to>gi</to></assignment></dataInputAssociation><dataInputAssociation>
     <targetRef>tn</targetRef><assignment><from>Performance</from><to>tn</to></assignment></dataInputAssociation>
     <potentialOwner><resourceAssignmentExpression><formalExpression>#{employee}</formalExpression>
     </resourceAssignmentExpression></potentialOwner></userTask><task id="mail" tns:taskName="Email"/>
    <scriptTask id="print" scriptFormat="http://www.java.com/java"><script>System.out.println(1);</script></scriptTask>
    <exclusiveGateway id="g" default="no"/><endEvent id="e"/>"""
    + chain("s", "self", "mail", "print", "g")
    + '<sequenceFlow id="yes" sourceRef="g" targetRef="e" tns:priority="1"><conditionExpression language="http://www.java.com/java">'
    + 'return x;</conditionExpression></sequenceFlow><sequenceFlow id="no" sourceRef="g" targetRef="e"/></process>',
)

SPIFFWORKFLOW = definitions(
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"',
    """<process id="p"><startEvent id="s"/><userTask id="ask"><extensionElements><spiffworkflow:properties>
     <spiffworkflow:property name="formJsonSchemaFilename" value="a.json"/><spiffworkflow:property name="k" value="v"/>
     </spiffworkflow:properties><spiffworkflow:instructionsForEndUser>Hi</spiffworkflow:instructionsForEndUser>
     <spiffworkflow:preScript>x = 1</spiffworkflow:preScript></extensionElements></userTask>
    <serviceTask id="get"><extensionElements><spiffworkflow:serviceTaskOperator id="http/Get" resultVariable="r">
     <spiffworkflow:parameters><spiffworkflow:parameter id="url" type="str" value="&quot;http://x&quot;"/>
     <spiffworkflow:parameter id="n" type="any" value="n"/></spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>
     </extensionElements></serviceTask><intermediateCatchEvent id="wait"><timerEventDefinition>
     <timeDuration>"PT1S"</timeDuration></timerEventDefinition></intermediateCatchEvent>
    <exclusiveGateway id="g" default="no"/><endEvent id="e"/>"""
    + chain("s", "ask", "get", "wait", "g")
    + '<sequenceFlow id="yes" sourceRef="g" targetRef="e"><conditionExpression>x == "a"</conditionExpression></sequenceFlow>'
    + '<sequenceFlow id="no" sourceRef="g" targetRef="e"/></process>',
)

ALL = (CAMUNDA_7, FLOWABLE, JAVA_IN_IT, JBPM, SPIFFWORKFLOW)
