"""Writing settings anew: what another tool says of an element, in the extension elements that the reader knows."""

from __future__ import annotations

from collections.abc import Container

from lxml import etree

from engine.bpmn import rules
from engine.bpmn.juel import quoted
from engine.bpmn.sheet import Sheet, text_of
from engine.bpmn.vocabulary import EXTENSION_ELEMENTS, local, namespace, zeebe


class Foreign:
    """One BPMN element with what the given namespaces say of it; what nobody takes stays, and is told by the gate."""

    def __init__(self, xml: etree._Element, spaces: Container[str], sheet: Sheet) -> None:
        self.xml = xml
        self.sheet = sheet
        self._spaces = spaces
        self._names = {local(str(name)): str(name) for name in xml.attrib if namespace(str(name)) in spaces}

    @property
    def element_id(self) -> str | None:
        """The id of the element, else of the nearest one around it."""
        around = (xml.get("id") for xml in (self.xml, *self.xml.iterancestors()))
        return next((found for found in around if found), None)

    def says(self, name: str) -> bool:
        """Tell whether an attribute is left to be taken."""
        return name in self._names

    def names(self) -> tuple[str, ...]:
        """Return the local names of attributes that are left."""
        return tuple(self._names)

    def peek(self, name: str) -> str | None:
        """Return an attribute and leave it."""
        return self.xml.get(self._names[name]) if name in self._names else None

    def take(self, name: str) -> str | None:
        """Return an attribute and remove it."""
        key = self._names.pop(name, None)
        return None if key is None else str(self.xml.attrib.pop(key))

    def children(self, name: str | None = None) -> list[etree._Element]:
        """Return the extension elements of these namespaces, or those of one name."""
        holder = self.xml.find(EXTENSION_ELEMENTS)
        found = [] if holder is None else list(holder.iterchildren("*"))
        return [
            child
            for child in found
            if namespace(str(child.tag)) in self._spaces and name in (None, local(str(child.tag)))
        ]

    def put(self, setting: str, **attributes: str | None) -> etree._Element:
        """Write attributes of a zeebe setting; one that is there with another value is a contradiction."""
        found = settle(self.xml, setting)
        for name, value in attributes.items():
            if value is None:
                continue
            if found.get(name, value) != value:
                self.sheet.report(rules.DOUBLED_SETTING, self.xml, self.element_id, setting=name)
            found.set(name, value)
        return found

    def map_input(self, source: str, target: str) -> None:
        """Write an input mapping."""
        _add(self.put("ioMapping"), "input", {"source": source, "target": target})

    def map_output(self, source: str, target: str) -> None:
        """Write an output mapping."""
        _add(self.put("ioMapping"), "output", {"source": source, "target": target})

    def note(self, name: str, value: str) -> None:
        """Keep a property that nothing is done with."""
        _add(self.put("properties"), "property", {"name": name, "value": value})

    def without_effect(self, name: str) -> None:
        """Tell that something of the file changes nothing here."""
        self.sheet.report(rules.WITHOUT_EFFECT, self.xml, self.element_id, name=name)


def settle(xml: etree._Element, setting: str) -> etree._Element:
    """Return the zeebe setting of an element, made where it is missing."""
    holder = xml.find(EXTENSION_ELEMENTS)
    if holder is None:
        holder = etree.Element(EXTENSION_ELEMENTS)
        holder.sourceline = xml.sourceline  # type: ignore[misc]  # its types do not know the setter
        xml.insert(0, holder)
    found = holder.find(zeebe(setting))
    return _add(holder, setting, {}) if found is None else found


def as_source(text: str) -> str:
    """Return a text that is meant as it stands, or as `${…}`, so that the reader takes it for nothing else."""
    return f"={quoted(text)}" if text.strip().startswith("=") else text


def holds_only(xml: etree._Element, *names: str) -> bool:
    """Tell whether nothing but elements of these names is in an element, so that nothing is lost when it is taken."""
    return all(local(str(each.tag)) in names for each in xml.iterdescendants("*"))


def only_expression(role: etree._Element) -> str:
    """Return the text of the one expression by which a resource role names people; empty where there is more in it."""
    inner = list(role.iterdescendants("*"))
    if [local(str(each.tag)) for each in inner] != ["resourceAssignmentExpression", "formalExpression"]:
        return ""
    return text_of(inner[1])


def drop(xml: etree._Element) -> None:
    """Remove an element that has been taken; an empty holder of extensions goes with it."""
    parent = xml.getparent()
    if parent is not None:
        parent.remove(xml)


def _add(parent: etree._Element, name: str, attributes: dict[str, str]) -> etree._Element:
    made = etree.SubElement(parent, zeebe(name), attributes)
    made.sourceline = parent.sourceline  # type: ignore[misc]  # as above
    return made
