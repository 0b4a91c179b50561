"""Extension elements → settings: zeebe's, and our own under `saanphaen:`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn import rules
from engine.bpmn.model import (
    CallSettings,
    DecisionSettings,
    ElementKind,
    Expression,
    Mapping_,
    ScriptSettings,
    UserTaskSettings,
    WorkSettings,
)
from engine.bpmn.sheet import Attributes, Sheet
from engine.bpmn.vocabulary import ACTIVITIES, EVENTS, SAANPHAEN, local, namespace, zeebe

_WORKING = frozenset(
    {
        ElementKind.SERVICE_TASK,
        ElementKind.BUSINESS_RULE_TASK,
        ElementKind.SEND_TASK,
        ElementKind.END_EVENT,
        ElementKind.INTERMEDIATE_THROW_EVENT,
    }
)
_USER_TASK = frozenset({ElementKind.USER_TASK})

_NO_EXPRESSION = Expression("", is_feel=False)


@dataclass(slots=True)
class Settings:
    """What the extension elements of one node say."""

    user_task: dict[str, Expression | None] = field(default_factory=dict)
    form: dict[str, str | None] = field(default_factory=dict)
    inputs: list[Mapping_] = field(default_factory=list)
    outputs: list[Mapping_] = field(default_factory=list)
    work_type: Expression | None = None
    retries: Expression | None = None
    headers: dict[str, str] = field(default_factory=dict)
    has_work: bool = False
    call: CallSettings | None = None
    script: ScriptSettings | None = None
    decision: DecisionSettings | None = None
    version_tag: str | None = None
    active_elements: Expression | None = None
    properties: dict[str, str] = field(default_factory=dict)

    def user_task_settings(self) -> UserTaskSettings:
        """Return the settings of a user task; all are optional."""
        settings = self.user_task
        return UserTaskSettings(
            assignee=settings.get("assignee"),
            candidate_groups=settings.get("candidateGroups"),
            candidate_users=settings.get("candidateUsers"),
            due_date=settings.get("dueDate"),
            follow_up_date=settings.get("followUpDate"),
            priority=settings.get("priority"),
            form_id=self.form.get("formId"),
            form_key=self.form.get("formKey"),
            form_binding=self.form.get("bindingType") or "latest",
            headers=dict(self.headers),
        )

    def work_settings(self) -> WorkSettings | None:
        """Return the work of a handler or worker; None when there is none."""
        if not self.has_work:
            return None
        return WorkSettings(self.work_type or _NO_EXPRESSION, self.retries, dict(self.headers))


def read_extensions(
    xml: etree._Element, settings: Settings, kind: ElementKind | None, element_id: str | None, sheet: Sheet
) -> None:
    """Read a bpmn:extensionElements; what does not belong on this kind of element is left unread."""
    seen: set[str] = set()
    for child in xml.iterchildren("*"):
        tag = str(child.tag)
        if namespace(tag) == SAANPHAEN:
            _read_own(child, settings, element_id, sheet)
            continue
        reader, kinds = _READERS.get(tag, (None, None))
        if reader is None or (kinds is not None and kind not in kinds):
            sheet.leave(child, element_id)
            continue
        if tag in seen:
            sheet.report(rules.DOUBLED_SETTING, child, element_id, setting=local(tag))
        seen.add(tag)
        reader(child, settings, element_id, sheet)


def read_own_attributes(attributes: Attributes, properties: dict[str, str]) -> None:
    """Take the `saanphaen:` attributes of any element into its properties."""
    for name in attributes:
        if namespace(name) == SAANPHAEN:
            properties[f"saanphaen:{local(name)}"] = attributes.text(name) or ""


def _read_own(xml: etree._Element, settings: Settings, element_id: str | None, sheet: Sheet) -> None:
    key = f"saanphaen:{local(str(xml.tag))}"
    properties = settings.properties
    attributes = {f"{key}.{local(str(name))}": str(value) for name, value in xml.attrib.items()}
    text = (xml.text or "").strip()
    if key in properties or attributes.keys() & properties.keys():
        sheet.report(rules.DOUBLED_SETTING, xml, element_id, setting=key)
    properties.update(attributes)
    properties[key] = text
    for child in xml.iterchildren("*"):
        sheet.leave(child, element_id)


def _leave_children(xml: etree._Element, element_id: str | None, sheet: Sheet) -> None:
    for child in xml.iterchildren("*"):
        sheet.leave(child, element_id)


def _user_task_part(*names: str) -> Callable[[etree._Element, Settings, str | None, Sheet], None]:
    def read(xml: etree._Element, settings: Settings, element_id: str | None, sheet: Sheet) -> None:
        attributes = Attributes(xml, sheet, element_id)
        for name in names:
            settings.user_task[name] = attributes.expression(name)
        attributes.close()
        _leave_children(xml, element_id, sheet)

    return read


def _read_form(xml: etree._Element, settings: Settings, element_id: str | None, sheet: Sheet) -> None:
    attributes = Attributes(xml, sheet, element_id)
    settings.form = {
        "formId": attributes.name("formId"),
        "formKey": attributes.text("formKey") or attributes.text("externalReference"),
        "bindingType": attributes.text("bindingType"),
    }
    attributes.close()
    _leave_children(xml, element_id, sheet)


def _read_mappings(xml: etree._Element, settings: Settings, element_id: str | None, sheet: Sheet) -> None:
    Attributes(xml, sheet, element_id).close()
    for child in xml.iterchildren("*"):
        tag = str(child.tag)
        if tag not in (zeebe("input"), zeebe("output")):
            sheet.leave(child, element_id)
            continue
        attributes = Attributes(child, sheet, element_id)
        source = attributes.expression("source") or _NO_EXPRESSION
        mapping = Mapping_(source, (attributes.text("target") or "").strip())
        (settings.inputs if tag == zeebe("input") else settings.outputs).append(mapping)
        attributes.close()
        _leave_children(child, element_id, sheet)


def _read_work(xml: etree._Element, settings: Settings, element_id: str | None, sheet: Sheet) -> None:
    attributes = Attributes(xml, sheet, element_id)
    settings.has_work = True
    settings.work_type = attributes.expression("type")
    settings.retries = attributes.expression("retries")
    attributes.close()
    _leave_children(xml, element_id, sheet)


def _read_headers(xml: etree._Element, settings: Settings, element_id: str | None, sheet: Sheet) -> None:
    _read_pairs(Attributes(xml, sheet, element_id), (zeebe("header"), "key"), settings.headers, sheet)


def _read_properties(xml: etree._Element, settings: Settings, element_id: str | None, sheet: Sheet) -> None:
    _read_pairs(Attributes(xml, sheet, element_id), (zeebe("property"), "name"), settings.properties, sheet)


def _read_pairs(around: Attributes, kind: tuple[str, str], into: dict[str, str], sheet: Sheet) -> None:
    around.close()
    tag, key = kind
    element_id = around.element_id
    for child in around.xml.iterchildren("*"):
        if child.tag != tag:
            sheet.leave(child, element_id)
            continue
        attributes = Attributes(child, sheet, element_id)
        name = attributes.name(key) or ""
        if name in into:
            sheet.report(rules.DOUBLED_SETTING, child, element_id, setting=name)
        into[name] = attributes.text("value") or ""
        attributes.close()
        _leave_children(child, element_id, sheet)


def _read_call(xml: etree._Element, settings: Settings, element_id: str | None, sheet: Sheet) -> None:
    attributes = Attributes(xml, sheet, element_id)
    settings.call = CallSettings(
        process_id=attributes.expression("processId") or _NO_EXPRESSION,
        binding=attributes.text("bindingType") or "latest",
        version_tag=attributes.name("versionTag"),
        version=attributes.whole_number("version"),
        propagate_all_parent_variables=attributes.flag("propagateAllParentVariables", default=True),
        propagate_all_child_variables=attributes.flag("propagateAllChildVariables", default=True),
    )
    attributes.close()
    _leave_children(xml, element_id, sheet)


def _read_decision(xml: etree._Element, settings: Settings, element_id: str | None, sheet: Sheet) -> None:
    attributes = Attributes(xml, sheet, element_id)
    settings.decision = DecisionSettings(
        decision_id=attributes.expression("decisionId") or _NO_EXPRESSION,
        result_variable=attributes.name("resultVariable"),
        binding=attributes.text("bindingType") or "latest",
        version_tag=attributes.name("versionTag"),
    )
    attributes.close()
    _leave_children(xml, element_id, sheet)


def _read_script(xml: etree._Element, settings: Settings, element_id: str | None, sheet: Sheet) -> None:
    attributes = Attributes(xml, sheet, element_id)
    source = attributes.expression("expression") or _NO_EXPRESSION
    settings.script = ScriptSettings(source, attributes.name("resultVariable"))
    attributes.close()
    _leave_children(xml, element_id, sheet)


def _read_ad_hoc(xml: etree._Element, settings: Settings, element_id: str | None, sheet: Sheet) -> None:
    attributes = Attributes(xml, sheet, element_id)
    settings.active_elements = attributes.expression("activeElementsCollection")
    attributes.close()
    _leave_children(xml, element_id, sheet)


def _read_version_tag(xml: etree._Element, settings: Settings, element_id: str | None, sheet: Sheet) -> None:
    attributes = Attributes(xml, sheet, element_id)
    settings.version_tag = attributes.name("value")
    attributes.close()
    _leave_children(xml, element_id, sheet)


_Reader = Callable[[etree._Element, Settings, str | None, Sheet], None]  # noqa: SLF001 - lxml names its type so

# Each setting with the kinds it means something on; None: on all, the process among them.
_READERS: dict[str, tuple[_Reader, frozenset[ElementKind | None] | frozenset[ElementKind] | None]] = {
    zeebe("userTask"): (_user_task_part(), _USER_TASK),
    zeebe("assignmentDefinition"): (_user_task_part("assignee", "candidateGroups", "candidateUsers"), _USER_TASK),
    zeebe("taskSchedule"): (_user_task_part("dueDate", "followUpDate"), _USER_TASK),
    zeebe("priorityDefinition"): (_user_task_part("priority"), _USER_TASK),
    zeebe("formDefinition"): (_read_form, _USER_TASK),
    zeebe("ioMapping"): (_read_mappings, ACTIVITIES | EVENTS),
    zeebe("taskDefinition"): (_read_work, _WORKING),
    zeebe("taskHeaders"): (_read_headers, _WORKING | _USER_TASK),
    zeebe("calledElement"): (_read_call, frozenset({ElementKind.CALL_ACTIVITY})),
    zeebe("calledDecision"): (_read_decision, frozenset({ElementKind.BUSINESS_RULE_TASK})),
    zeebe("script"): (_read_script, frozenset({ElementKind.SCRIPT_TASK})),
    zeebe("adHoc"): (_read_ad_hoc, frozenset({ElementKind.AD_HOC_SUB_PROCESS})),
    zeebe("versionTag"): (_read_version_tag, frozenset({None})),
    zeebe("properties"): (_read_properties, None),
}
