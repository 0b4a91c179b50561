"""Damaged diagrams: what hands, editors and attackers make of real ones; the one mutator of all tests that need it."""

from __future__ import annotations

import copy
import random
from functools import cache
from pathlib import Path

from lxml import etree

from tests.support.bpmn_xml import bpmn_file, flow, line
from tests.support.foreign_files import ALL

_HERE = Path(__file__).resolve().parents[2]
SHIPPED = sorted((_HERE / "workflows" / "definitions").glob("*.bpmn"))
MODELS = sorted((_HERE.parent / "shared" / "conformance" / "miwg").glob("*.bpmn"))

RICH = bpmn_file(
    """<bpmn:laneSet id="ls"><bpmn:lane id="l" name="ฝ่าย"><bpmn:flowNodeRef>u</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
    <bpmn:startEvent id="s"/><bpmn:userTask id="u" default="u_g"><bpmn:extensionElements>
    <zeebe:assignmentDefinition candidateGroups='= "role@" + unit'/><zeebe:taskSchedule dueDate="P5D"/>
    <zeebe:ioMapping><zeebe:output source="=a" target="b.c"/></zeebe:ioMapping>
    <saanphaen:clock rule="working" days="30"/></bpmn:extensionElements></bpmn:userTask>
    <bpmn:boundaryEvent id="b" attachedToRef="u" cancelActivity="false"><bpmn:timerEventDefinition>
    <bpmn:timeCycle>R3/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>
    <bpmn:subProcess id="g"><bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:extensionElements>
    <zeebe:loopCharacteristics inputCollection="=units" inputElement="unit"/></bpmn:extensionElements>
    <bpmn:completionCondition>=n &gt; 1</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>
    <bpmn:receiveTask id="r" messageRef="M"/></bpmn:subProcess><bpmn:endEvent id="e"><bpmn:errorEventDefinition errorRef="E"/>
    </bpmn:endEvent><bpmn:endEvent id="f"/>"""
    + line("s", "u", "g", "e")
    + flow("u", "f", "=x = 1")
    + flow("b", "f"),
    roots="""<bpmn:message id="M" name="m"><bpmn:extensionElements><zeebe:subscription correlationKey="=k"/>
    </bpmn:extensionElements></bpmn:message><bpmn:error id="E" errorCode="E1"/>""",
)


@cache
def seeds() -> tuple[bytes, ...]:
    """Return real diagrams: our own, other engines', and the interchange group's where they are at hand."""
    small = (RICH, *ALL) * 4
    return (*small, *(path.read_bytes() for path in (*MODELS, *SHIPPED)))


def mutant(chance: random.Random) -> bytes:
    """Return a damaged diagram: its bytes or its tree."""
    return chance.choice((mutated, rearranged, rearranged))(chance.choice(seeds()), chance)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Change a file the way hands, editors and attackers do: tags, attributes and bytes cut, doubled, swapped."""
    pieces = data.split(b"<")
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(1, len(pieces))
        other = chance.randrange(1, len(pieces))
        match chance.randrange(7):
            case 0:
                del pieces[place]
            case 1:
                pieces.insert(place, pieces[other])
            case 2:
                pieces[place], pieces[other] = pieces[other], pieces[place]
            case 3:
                words = pieces[place].split(b'"')
                words[chance.randrange(len(words))] = chance.choice(
                    (b"", b"=", b"u", b"true", b"${x}", b"9" * 300, b"=(")
                )
                pieces[place] = b'"'.join(words)
            case 4:
                tag, space, rest = pieces[place].partition(b" ")
                pieces[place] = chance.choice((b"bpmn:task", b"bpmn:endEvent", b"zeebe:x", tag)) + space + rest
            case 5:
                cut = chance.randrange(len(pieces[place]) + 1)
                pieces[place] = pieces[place][:cut] + chance.randbytes(3) + pieces[place][cut:]
            case _:
                pieces[place] = pieces[place].replace(b"Ref=", b"Xef=").replace(b'id="', b'id="x')
        if len(pieces) < 3:
            break
    return b"<".join(pieces)


def rearranged(data: bytes, chance: random.Random) -> bytes:
    """Change the tree and stay well-formed: values exchanged, elements moved, doubled, renamed or taken away."""
    root = etree.fromstring(data)
    for _ in range(chance.randint(1, 8)):
        nodes = list(root.iter("*"))
        node, other = chance.choice(nodes), chance.choice(nodes)
        if node is root:
            continue
        match chance.randrange(6):
            case 0:
                node.getparent().remove(node)
            case 1:
                other.append(copy.deepcopy(node))
            case 2:
                if other is not node and node not in other.iterancestors():
                    other.append(node)
            case 3:
                node.tag = chance.choice(nodes).tag
            case 4:
                values = [value for each in nodes for value in each.attrib.values()]
                for name in node.attrib:
                    if chance.random() < 0.5:
                        node.set(name, chance.choice([*values, "", "true", "=1 +", "R/PT0S", "9" * 20]))
            case _:
                for name, value in other.attrib.items():
                    node.set(name, value)
    return etree.tostring(root)
