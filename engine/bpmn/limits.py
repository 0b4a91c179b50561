"""How large a file may be before it is refused: settings of the host."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds of one file; every one is checked before the work it would cost is done."""

    max_bytes: int = 25_000_000
    max_elements: int = 20_000  # flow nodes
    max_xml_nodes: int = 500_000  # XML elements of every kind, the diagram's shapes among them
    max_depth: int = 200
    max_name: int = 255  # names and ids
    max_attributes: int = 200  # of one XML element
    max_text: int = 100_000  # one attribute or text: documentation, expressions
    max_files: int = 200  # of one bundle
    max_problems: int = 1_000  # told of one bundle; beyond that one more says how many are left
