"""Small decision files for tests, and asking them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from engine.bpmn.limits import Limits
from engine.decisions import DecisionFiles, Outcome, decide, read_decisions
from engine.problems import Severity

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"
NOW = dt.datetime(2025, 5, 22, 8, 30, tzinfo=dt.UTC)


def dmn(body: str, *, namespace: str = "https://example.org/a", version: str = NAMESPACE, extra: str = "") -> bytes:
    return f'<definitions xmlns="{version}" name="model" namespace="{namespace}" {extra}>{body}</definitions>'.encode()


def literal(text: str) -> str:
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"


def decision(name: str, logic: str, *, needs: str = "", type_: str | None = None) -> str:
    kind = f' typeRef="{type_}"' if type_ else ""
    return f'<decision id="_{name}" name="{name}"><variable name="{name}"{kind}/>{needs}{logic}</decision>'


def input_data(name: str, type_: str = "Any") -> str:
    return f'<inputData id="_{name}" name="{name}"><variable name="{name}" typeRef="{type_}"/></inputData>'


def needs(*references: str) -> str:
    """`decision:a`, `input:b`, `knowledge:c`, each an href without its `#_`, or with the whole address."""
    tags = {"decision": "Decision", "input": "Input", "knowledge": "Knowledge"}
    shown = ""
    for reference in references:
        kind, _, target = reference.partition(":")
        around = "knowledgeRequirement" if kind == "knowledge" else "informationRequirement"
        href = target if "#" in target else f"#_{target}"
        shown += f'<{around}><required{tags[kind]} href="{href}"/></{around}>'
    return shown


def table(
    inputs: list[str], outputs: list[str], rules: list[list[str]], *, policy: str = "UNIQUE", attributes: str = ""
) -> str:
    """A decision table; an input is `text`, an output `name` or `name|allowed values|default`."""
    columns = "".join(
        f"<input><inputExpression><text>{escape(text)}</text></inputExpression></input>" for text in inputs
    )
    for output in outputs:
        name, values, default = [*output.split("|"), "", ""][:3]
        inside = f"<outputValues><text>{escape(values)}</text></outputValues>" if values else ""
        inside += f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else ""
        columns += f'<output name="{name}">{inside}</output>'
    for cells in rules:
        columns += "<rule>"
        for place, cell in enumerate(cells):
            tag = "inputEntry" if place < len(inputs) else "outputEntry"
            columns += f"<{tag}><text>{escape(cell)}</text></{tag}>"
        columns += "</rule>"
    return f'<decisionTable id="table" hitPolicy="{policy}" {attributes}>{columns}</decisionTable>'


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def read(*bodies: str | bytes) -> DecisionFiles:
    files = {f"{place}.dmn": body if isinstance(body, bytes) else dmn(body) for place, body in enumerate(bodies)}
    return read_decisions(files, Limits())


def ask(files: DecisionFiles, name: str, inputs: dict[str, Any] | None = None, *, file: str = "0.dmn") -> Outcome:
    element = files.files[file].decidable(name)
    assert element is not None
    return decide(element, files.files.values(), inputs or {}, now=NOW, zone=dt.UTC)


def answer(body: str, name: str, inputs: dict[str, Any] | None = None) -> Any:
    files = read(body)
    assert not [problem for problem in files.problems if problem.severity is Severity.ERROR], files.problems
    return ask(files, name, inputs).value


def rules_of(*bodies: str | bytes) -> list[str]:
    return [problem.rule for problem in read(*bodies).problems]
