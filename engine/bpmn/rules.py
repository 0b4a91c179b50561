"""What the reader itself finds wrong: a file that cannot be read, and a file that contradicts itself."""

from __future__ import annotations

from engine.errors import DeploymentRejected
from engine.problems import Rule, Severity


class UnreadableXml(DeploymentRejected):
    """Expected BPMN 2.0 XML within the limits, but the file cannot be read as such."""

    code = "unreadable_xml"


TOO_LARGE = Rule(
    "file_too_large",
    "Expected at most {limit} bytes, but the file has {size}.",
    "Split the process into several, called by call activities, or raise the limit.",
)
WRONG_ENCODING = Rule(
    "wrong_encoding",
    "Expected text in UTF-8 or UTF-16, but the file says or holds {encoding}.",
    "Save the file as UTF-8.",
)
DOCTYPE = Rule(
    "doctype",
    "Expected plain XML, but the file has a document type declaration (DOCTYPE).",
    "Remove the DOCTYPE and every entity; BPMN needs none.",
)
MALFORMED = Rule(
    "malformed_xml",
    "Expected well-formed XML, but {reason}.",
    "Save the file again with a BPMN modeler.",
)
NOT_BPMN = Rule(
    "not_bpmn",
    "Expected BPMN 2.0 `definitions`, but the file begins with `{tag}`.",
    "Export the diagram as BPMN 2.0 XML.",
)
TOO_MANY_ELEMENTS = Rule(
    "too_many_elements",
    "Expected at most {limit} elements, but the file has {size}.",
    "Split the process into several, called by call activities, or raise the limit.",
)
TOO_DEEP = Rule(
    "too_deep",
    "Expected XML nested at most {limit} deep, but the file is deeper.",
    "Move inner sub-processes into processes of their own, called by call activities.",
)
TOO_MANY_ATTRIBUTES = Rule(
    "too_many_attributes",
    "Expected at most {limit} attributes on an element, but `{tag}` has {size}.",
    "Remove those that no modeler wrote.",
)
TEXT_TOO_LONG = Rule(
    "text_too_long",
    "Expected at most {limit} characters in a text or attribute, but `{tag}` has {size}.",
    "Shorten the text, or keep it in a document beside the process.",
)
NAME_TOO_LONG = Rule(
    "name_too_long",
    "Expected a {attribute} of at most {limit} characters, but this one has {size}.",
    "Shorten it; the rest belongs in the documentation.",
)
DUPLICATE_ID = Rule(
    "duplicate_id",
    "Expected every id once in a file, but `{id}` stands {count} times.",
    "Give each element an id of its own.",
)
MISSING_ID = Rule(
    "missing_id",
    "Expected an id, but this `{tag}` has none.",
    "Give the element an id; running instances and history name it by that.",
)
BAD_ATTRIBUTE = Rule(
    "bad_attribute",
    "Expected {expected} in `{attribute}`, but it holds `{value}`.",
    "Write {expected}.",
)
DANGLING_REFERENCE = Rule(
    "dangling_reference",
    "Expected `{reference}` in `{attribute}` to be in the file, but nothing there has this id.",
    "Draw the connection again, or remove the reference.",
)
LANE_REFERENCE = Rule(
    "lane_reference",
    "Lane `{lane}` names `{reference}`, which is not an element of its process.",
    "Move the element into the lane again, or remove the reference.",
    Severity.WARNING,
)
FLOW_MISMATCH = Rule(
    "flow_mismatch",
    "Expected flow `{flow}` to be {direction} here, but it connects `{source}` with `{target}`.",
    "Draw the flow again; the element and the flow contradict each other.",
)
DOUBLED_SETTING = Rule(
    "doubled_setting",
    "Expected `{setting}` once, but the element has it more than once.",
    "Keep one of them.",
)
LANE_TWICE = Rule(
    "lane_twice",
    "`{reference}` stands in lane `{lane}` and in another one beside it.",
    "Leave it in one of them; the last one counts.",
    Severity.WARNING,
)
MESSAGE_FLOW_INSIDE = Rule(
    "message_flow_inside",
    "A message flow connects two pools, but both ends of this one are in {pool}.",
    "Draw a sequence flow, or use a signal.",
)
MESSAGE_FLOW_END = Rule(
    "message_flow_end",
    "A message flow begins and ends at a pool, an activity or an event, but {reference} is a `{kind}`.",
    "Draw it to an activity or a message event.",
)
WITHOUT_EFFECT = Rule(
    "setting_without_effect",
    "`{name}` changes nothing in this engine.",
    "Nothing to do, unless something was meant to happen by it.",
    Severity.WARNING,
)
ASSUMED_EXECUTABLE = Rule(
    "assumed_executable",
    "Process {process} does not say whether it is executable; it is run, as the engine that it was drawn for would.",
    "Write isExecutable: true, or false if it is a drawing.",
    Severity.WARNING,
)

READER_RULES = (
    TOO_LARGE,
    WRONG_ENCODING,
    DOCTYPE,
    MALFORMED,
    NOT_BPMN,
    TOO_MANY_ELEMENTS,
    TOO_DEEP,
    TOO_MANY_ATTRIBUTES,
    TEXT_TOO_LONG,
    NAME_TOO_LONG,
    DUPLICATE_ID,
    MISSING_ID,
    BAD_ATTRIBUTE,
    DANGLING_REFERENCE,
    LANE_REFERENCE,
    FLOW_MISMATCH,
    DOUBLED_SETTING,
    LANE_TWICE,
    MESSAGE_FLOW_INSIDE,
    MESSAGE_FLOW_END,
    WITHOUT_EFFECT,
    ASSUMED_EXECUTABLE,
)
