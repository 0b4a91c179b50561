"""Writes BPMN for tests: a cursor walks from node to node, `at` moves it, `to` joins what is already there.

process("p").start().user_task("draft", groups="planner").exclusive("ok")
    .flow_if("= approved").end("done")
    .at("ok").otherwise().to("draft")
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    ' xmlns:saanphaen="https://saanphaen.org/schema/1.0"'
    ' id="defs" targetNamespace="http://example.org/test">\n'
)


def process(key: str, name: str | None = None, *, version_tag: str | None = None) -> Builder:
    """Begin a process."""
    builder = Builder(key, name)
    if version_tag:
        builder.extensions.append(f"<zeebe:versionTag value={quoteattr(version_tag)}/>")
    return builder


@dataclass
class _Node:
    id: str
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    extensions: list[str] = field(default_factory=list)
    inner: list[str] = field(default_factory=list)
    default: str | None = None


class Builder:
    """One process, or the inside of a sub-process."""

    def __init__(self, key: str, name: str | None = None, root: Builder | None = None) -> None:
        self.key = key
        self.name = name
        self.extensions: list[str] = []
        self._nodes: dict[str, _Node] = {}
        self._flows: list[tuple[str, str, str, str | None]] = []
        self._cursor: str | None = None
        self._condition: str | None = None
        self._is_default = False
        self._root = root or self
        self._roots: dict[str, str] = {}
        self._texts = 0
        self._held: list[str] = []
        self._associations: list[tuple[str, str]] = []

    # -- walking ----------------------------------------------------------------------------------------------------

    def at(self, node: str) -> Builder:
        """Go on from a node that is there."""
        self._cursor = node
        return self

    @property
    def cursor(self) -> str:
        """The node from which the next flow leads."""
        assert self._cursor is not None
        return self._cursor

    def to(self, node: str) -> Builder:
        """Draw a flow from the cursor to a node that is there or will be."""
        self._connect(node)
        self._cursor = node
        return self

    def apart(self) -> Builder:
        """The next node stands beside the flow."""
        self._cursor = None
        return self

    def flow_if(self, condition: str) -> Builder:
        """The next flow has a condition."""
        self._condition = condition
        return self

    def otherwise(self) -> Builder:
        """The next flow is the default one."""
        self._is_default = True
        return self

    # -- events -----------------------------------------------------------------------------------------------------

    def start(self, key: str = "start", *, interrupting: bool = True, **event: str) -> Builder:
        """A start event: none, or with `message=`, `signal=`, `condition=`, `timer=`/`cycle=`/`date=`."""
        attributes = {} if interrupting else {"isInterrupting": "false"}
        return self._place(_Node(key, "startEvent", attributes, inner=self._event(event)), connect=False)

    def end(self, key: str = "end", **event: str) -> Builder:
        """An end event: none, or with `message=`, `signal=`, `error=`, `escalation=`, `terminate="yes"`."""
        node = _Node(key, "endEvent", inner=self._event(event))
        node.extensions += self._work(event)
        return self._place(node)

    def catch(self, key: str, **event: str) -> Builder:
        """An intermediate catch event: `timer=`, `date=`, `message=` with `key_=`, `signal=`, `condition=`, `link=`."""
        node = _Node(key, "intermediateCatchEvent", inner=self._event(event))
        return self._place(node, connect="link" not in event)

    def throw(self, key: str, **event: str) -> Builder:
        """An intermediate throw event: none, `signal=`, `escalation=`, `message=` with `type=`."""
        node = _Node(key, "intermediateThrowEvent", inner=self._event(event))
        node.extensions += self._work(event)
        return self._place(node)

    def boundary(self, host: str, key: str, *, interrupting: bool = True, **event: str) -> Builder:
        """A boundary event; the cursor goes on from it."""
        attributes = {"attachedToRef": host} | ({} if interrupting else {"cancelActivity": "false"})
        return self._place(_Node(key, "boundaryEvent", attributes, inner=self._event(event)), connect=False)

    def also(self, key: str, *, parallel: bool = False, **event: str) -> Builder:
        """One more event at an event that is there; `parallel` lets it wait for all of them."""
        self._nodes[key].inner += self._event(event)
        if parallel:
            self._nodes[key].attributes["parallelMultiple"] = "true"
        return self

    def undo(self, host: str, handler: str) -> Builder:
        """A compensation boundary event `undo_HOST`, joined to the activity that undoes; the cursor stays."""
        cursor = self._cursor
        self.boundary(host, f"undo_{host}", compensate="")
        self._cursor = cursor
        self._nodes[handler].attributes["isForCompensation"] = "true"
        self._associations.append((f"undo_{host}", handler))
        return self

    # -- activities -------------------------------------------------------------------------------------------------

    def user_task(
        self,
        key: str,
        *,
        name: str | None = None,
        groups: str | None = None,
        users: str | None = None,
        assignee: str | None = None,
        due: str | None = None,
        priority: str | None = None,
        form: str | None = None,
        inputs: dict[str, str] | None = None,
        outputs: dict[str, str] | None = None,
        each: str | None = None,
        **many: str,
    ) -> Builder:
        """A user task."""
        node = _Node(key, "userTask", {"name": name} if name else {})
        node.extensions.append("<zeebe:userTask/>")
        who = {"assignee": assignee, "candidateGroups": groups, "candidateUsers": users}
        node.extensions += _tag("assignmentDefinition", who)
        node.extensions += _tag("taskSchedule", {"dueDate": due})
        node.extensions += _tag("priorityDefinition", {"priority": priority})
        node.extensions += _tag("formDefinition", {"formId": form})
        node.extensions += _mapping(inputs, outputs)
        node.inner += _many(each, many)
        return self._place(node)

    def task(self, key: str) -> Builder:
        """An undefined task."""
        return self._place(_Node(key, "task"))

    def manual_task(self, key: str) -> Builder:
        """A manual task."""
        return self._place(_Node(key, "manualTask"))

    def service_task(
        self,
        key: str,
        type: str,  # noqa: A002
        *,
        retries: str | None = None,
        inputs: dict[str, str] | None = None,
        outputs: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        each: str | None = None,
        **many: str,
    ) -> Builder:
        """A service task."""
        node = _Node(key, "serviceTask")
        node.extensions += _tag("taskDefinition", {"type": type, "retries": retries})
        if headers:
            inside = "".join(f"<zeebe:header key={quoteattr(k)} value={quoteattr(v)}/>" for k, v in headers.items())
            node.extensions.append(f"<zeebe:taskHeaders>{inside}</zeebe:taskHeaders>")
        node.extensions += _mapping(inputs, outputs)
        node.inner += _many(each, many)
        return self._place(node)

    def script(self, key: str, expression: str, result: str, *, each: str | None = None, **many: str) -> Builder:
        """A script task: FEEL into a variable."""
        node = _Node(key, "scriptTask", inner=_many(each, many))
        node.extensions += _tag("script", {"expression": expression, "resultVariable": result})
        return self._place(node)

    def decide(
        self,
        key: str,
        decision: str,
        result: str,
        *,
        binding: str | None = None,
        tag: str | None = None,
        inputs: dict[str, str] | None = None,
        outputs: dict[str, str] | None = None,
        each: str | None = None,
        **many: str,
    ) -> Builder:
        """A business rule task: a decision into a variable."""
        node = _Node(key, "businessRuleTask")
        called = {"decisionId": decision, "resultVariable": result, "bindingType": binding, "versionTag": tag}
        node.extensions += _tag("calledDecision", called)
        node.extensions += _mapping(inputs, outputs)
        node.inner += _many(each, many)
        return self._place(node)

    def send(self, key: str, *, message: str, key_: str) -> Builder:
        """A message thrown to whoever waits for it."""
        return self.throw(key, message=message, key_=key_)

    def receive(self, key: str, *, message: str, key_: str | None = None, starts: bool = False) -> Builder:
        """A receive task; with `starts` it begins a run."""
        attributes = {"messageRef": self._message(message, key_)} | ({"instantiate": "true"} if starts else {})
        return self._place(_Node(key, "receiveTask", attributes))

    def call(
        self,
        key: str,
        called: str,
        *,
        binding: str | None = None,
        version: str | None = None,
        version_tag: str | None = None,
        inputs: dict[str, str] | None = None,
        outputs: dict[str, str] | None = None,
        propagate_all: bool = False,
        each: str | None = None,
        **many: str,
    ) -> Builder:
        """A call activity."""
        node = _Node(key, "callActivity")
        called_element = {"processId": called, "propagateAllChildVariables": "true" if propagate_all else "false"}
        bound = {"bindingType": binding, "version": version, "versionTag": version_tag}
        node.extensions += _tag("calledElement", {**called_element, **bound})
        node.extensions += _mapping(inputs, outputs)
        node.inner += _many(each, many)
        return self._place(node)

    def sub(
        self,
        key: str,
        inside: Builder,
        *,
        event: bool = False,
        transaction: bool = False,
        inputs: dict[str, str] | None = None,
        outputs: dict[str, str] | None = None,
        each: str | None = None,
        **many: str,
    ) -> Builder:
        """A sub-process with the content of another builder (made by `inner`)."""
        tag = "transaction" if transaction else "subProcess"
        node = _Node(key, tag, {"triggeredByEvent": "true"} if event else {})
        node.extensions += _mapping(inputs, outputs)
        node.inner += [*_many(each, many), inside.content()]
        return self._place(node, connect=not event)

    def ad_hoc(
        self,
        key: str,
        inside: Builder,
        *,
        active: str | None = None,
        until: str | None = None,
        ordering: str | None = None,
        cancels: bool = True,
        inputs: dict[str, str] | None = None,
        each: str | None = None,
        **many: str,
    ) -> Builder:
        """An ad-hoc sub-process with the content of another builder; `active` begins at once."""
        node = _Node(key, "adHocSubProcess", {"ordering": ordering} if ordering else {})
        if not cancels:
            node.attributes["cancelRemainingInstances"] = "false"
        node.extensions += [*_tag("adHoc", {"activeElementsCollection": active}), *_mapping(inputs, None)]
        condition = f"<bpmn:completionCondition>{escape(until)}</bpmn:completionCondition>" if until else ""
        node.inner += [*_many(each, many), inside.content(), condition]
        return self._place(node)

    def pool(self, key: str) -> Builder:
        """Begin another process of the same file, which shares its messages."""
        return Builder(key, root=self._root)

    def inner(self) -> Builder:
        """Begin the inside of a sub-process of this process."""
        return Builder("", root=self._root)

    # -- gateways ---------------------------------------------------------------------------------------------------

    def exclusive(self, key: str) -> Builder:
        """An exclusive gateway."""
        return self._place(_Node(key, "exclusiveGateway"))

    def parallel(self, key: str) -> Builder:
        """A parallel gateway."""
        return self._place(_Node(key, "parallelGateway"))

    def inclusive(self, key: str) -> Builder:
        """An inclusive gateway."""
        return self._place(_Node(key, "inclusiveGateway"))

    def complex(self, key: str, activation: str | None = None) -> Builder:
        """A complex gateway."""
        inner = f"<bpmn:activationCondition>{escape(activation)}</bpmn:activationCondition>" if activation else ""
        return self._place(_Node(key, "complexGateway", inner=[inner]))

    def event_gateway(self, key: str, *, starts: bool = False, type: str | None = None) -> Builder:  # noqa: A002
        """An event-based gateway; with `starts` it begins a run."""
        attributes = {"instantiate": "true"} if starts else {}
        return self._place(_Node(key, "eventBasedGateway", attributes | ({"eventGatewayType": type} if type else {})))

    # -- writing ----------------------------------------------------------------------------------------------------

    def xml(self) -> bytes:
        """Return the file."""
        return _file([self])

    def file(self) -> dict[str, bytes]:
        """Return the file under its key's name, as `deploy` takes it."""
        return {f"{self.key}.bpmn": self.xml()}

    def content(self) -> str:
        """Return the nodes and flows."""
        associations = "".join(
            f'<bpmn:association id="{one}_with_{other}" sourceRef="{one}" targetRef="{other}"/>'
            for one, other in self._associations
        )
        nodes = "".join(map(self._write_node, self._nodes.values()))
        held = "".join(self._held)
        return held + nodes + "".join(_write_flow(*flow) for flow in self._flows) + associations

    def write(self) -> str:
        """Return the process element."""
        extensions = f"<bpmn:extensionElements>{''.join(self.extensions)}</bpmn:extensionElements>"
        name = f" name={quoteattr(self.name)}" if self.name else ""
        return (
            f'<bpmn:process id={quoteattr(self.key)}{name} isExecutable="true">'
            f"{extensions if self.extensions else ''}{self.content()}</bpmn:process>\n"
        )

    def root(self, xml: str) -> Builder:
        """Add a root element as it is written."""
        self._root._roots[xml] = xml
        return self

    def holds(self, xml: str, node: str | None = None) -> Builder:
        """Add an element as it is written: to a node, else to the process or sub-process itself."""
        (self._nodes[node].inner if node is not None else self._held).append(xml)
        return self

    def set(self, node: str, **attributes: str) -> Builder:
        """Set attributes of a node."""
        self._nodes[node].attributes.update(attributes)
        return self

    @property
    def roots(self) -> str:
        """Messages, signals, errors and escalations."""
        return "".join(self._roots.values())

    def _place(self, node: _Node, *, connect: bool = True) -> Builder:
        assert node.id not in self._nodes, f"there is a {node.id!r} already"
        self._nodes[node.id] = node
        if connect and self._cursor is not None:
            self._connect(node.id)
        self._cursor = node.id
        return self

    def _connect(self, target: str) -> None:
        assert self._cursor is not None
        key = f"{self._cursor}_to_{target}_{len(self._flows)}"
        self._flows.append((key, self._cursor, target, self._condition))
        if self._is_default:
            self._nodes[self._cursor].default = key
        self._condition, self._is_default = None, False

    def _write_node(self, node: _Node) -> str:
        attributes = dict(node.attributes)
        if node.default:
            attributes["default"] = node.default
        text = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
        extensions = f"<bpmn:extensionElements>{''.join(node.extensions)}</bpmn:extensionElements>"
        inside = (extensions if node.extensions else "") + "".join(node.inner)
        return f"<bpmn:{node.tag} id={quoteattr(node.id)}{text}>{inside}</bpmn:{node.tag}>"

    def _event(self, event: dict[str, str]) -> list[str]:
        for name, tag in (("timer", "timeDuration"), ("date", "timeDate"), ("cycle", "timeCycle")):
            if name in event:
                body = f'<bpmn:{tag} xsi:type="bpmn:tFormalExpression">{escape(event[name])}</bpmn:{tag}>'
                return [f"<bpmn:timerEventDefinition>{body}</bpmn:timerEventDefinition>"]
        if "message" in event:
            reference = self._message(event["message"], event.get("key_"))
            return [f'<bpmn:messageEventDefinition messageRef="{reference}"/>']
        for kind, attribute in (("signal", "name"), ("error", "errorCode"), ("escalation", "escalationCode")):
            if kind in event:
                reference = self._root_element(kind, attribute, event[kind]) if event[kind] else ""
                link = f' {kind}Ref="{reference}"' if reference else ""
                return [f"<bpmn:{kind}EventDefinition{link}/>"]
        return _inner_event(event)

    def _work(self, event: dict[str, str]) -> list[str]:
        return _tag("taskDefinition", {"type": event.get("type")})

    def _message(self, name: str, key: str | None) -> str:
        extensions = ""
        if key is not None:
            extensions = (
                "<bpmn:extensionElements>"
                f"<zeebe:subscription correlationKey={quoteattr(key)}/></bpmn:extensionElements>"
            )
        return self._add_root(f"message:{name}:{key}", "message", f"name={quoteattr(name)}", extensions)

    def _root_element(self, kind: str, attribute: str, value: str) -> str:
        named = "" if attribute == "name" else f'name="{kind}" '
        return self._add_root(f"{kind}:{value}", kind, f"{named}{attribute}={quoteattr(value)}")

    def _add_root(self, name: str, tag: str, attributes: str, inside: str = "") -> str:
        roots = self._root._roots
        if name not in roots:
            roots[name] = f'<bpmn:{tag} id="root_{len(roots)}" {attributes}>{inside}</bpmn:{tag}>'
        return f"root_{list(roots).index(name)}"


def _inner_event(event: dict[str, str]) -> list[str]:
    """An event that refers to nothing outside its scope."""
    if "condition" in event:
        body = f'<bpmn:condition xsi:type="bpmn:tFormalExpression">{escape(event["condition"])}</bpmn:condition>'
        return [f"<bpmn:conditionalEventDefinition>{body}</bpmn:conditionalEventDefinition>"]
    if "link" in event:
        return [f"<bpmn:linkEventDefinition name={quoteattr(event['link'])}/>"]
    if "compensate" in event:
        activity = f' activityRef="{event["compensate"]}"' if event["compensate"] else ""
        waits = ' waitForCompletion="false"' if event.get("waits") == "no" else ""
        return [f"<bpmn:compensateEventDefinition{activity}{waits}/>"]
    return [f"<bpmn:{kind}EventDefinition/>" for kind in ("terminate", "cancel") if kind in event]


def bundle(*builders: Builder, name: str = "bundle.bpmn") -> dict[str, bytes]:
    """Put several processes into one file."""
    return {name: _file(builders)}


def _file(builders: list[Builder] | tuple[Builder, ...]) -> bytes:
    assert len(builders) == 1 or not any(b.roots for b in builders[1:]), "roots of one file come from one builder"
    return (
        _HEAD + "".join(b.roots for b in builders) + "".join(b.write() for b in builders) + "</bpmn:definitions>"
    ).encode()


def _tag(name: str, attributes: dict[str, str | None]) -> list[str]:
    given = {key: value for key, value in attributes.items() if value is not None}
    if not given:
        return []
    return [f"<zeebe:{name} {' '.join(f'{key}={quoteattr(value)}' for key, value in given.items())}/>"]


def _mapping(inputs: dict[str, str] | None, outputs: dict[str, str] | None) -> list[str]:
    lines = [
        f"<zeebe:{tag} source={quoteattr(source)} target={quoteattr(target)}/>"
        for tag, pairs in (("input", inputs), ("output", outputs))
        for target, source in (pairs or {}).items()
    ]
    return [f"<zeebe:ioMapping>{''.join(lines)}</zeebe:ioMapping>"] if lines else []


def _loop(many: dict[str, str]) -> list[str]:
    """The loop marker: `loop` is the condition, `most` the maximum, `before` tests before the first run."""
    attributes = (' testBefore="true"' if many.get("before") else "") + (
        f' loopMaximum="{many["most"]}"' if "most" in many else ""
    )
    test = f"<bpmn:loopCondition>{escape(many['loop'])}</bpmn:loopCondition>" if "loop" in many else ""
    return [f"<bpmn:standardLoopCharacteristics{attributes}>{test}</bpmn:standardLoopCharacteristics>"]


def _many(each: str | None, many: dict[str, str]) -> list[str]:
    """Multi-instance: `each` is the collection; `item`, `collect`, `result`, `sequential`, `until` say the rest."""
    if "loop" in many or "most" in many:
        return _loop(many)
    if each is None:
        return []
    loop = {
        "inputCollection": each,
        "inputElement": many.get("item"),
        "outputCollection": many.get("collect"),
        "outputElement": many.get("result"),
    }
    until = many.get("until")
    condition = (
        f'<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">{escape(until)}</bpmn:completionCondition>'
        if until
        else ""
    )
    sequential = ' isSequential="true"' if many.get("sequential") else ""
    sequential += many.get("behavior", "")  # attributes as they are written
    condition = many.get("complex", "") + condition  # elements as they are written
    extensions = f"<bpmn:extensionElements>{''.join(_tag('loopCharacteristics', loop))}</bpmn:extensionElements>"
    tag = "multiInstanceLoopCharacteristics"
    return [f"<bpmn:{tag}{sequential}>{extensions}{condition}</bpmn:{tag}>"]


def _write_flow(key: str, source: str, target: str, condition: str | None) -> str:
    body = (
        f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{escape(condition)}</bpmn:conditionExpression>'
        if condition
        else ""
    )
    return f'<bpmn:sequenceFlow id="{key}" sourceRef="{source}" targetRef="{target}">{body}</bpmn:sequenceFlow>'
