"""Nothing that a person sends makes this server open a line to anywhere: addresses in diagrams, forms, files, headers.

The product connects to what its operator has set only: the database, a mail server, a virus scanner. Whoever adds webhooks
or imports by address adds the guard for them, and their addresses to this test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from engine import EngineError, ProcessEngine
from tests.support.bpmn import process
from tests.support.bpmn_xml import bpmn_file, line
from tests.support.drafting import LAMPANG, open_drafting, prepare_drafting
from tests.support.product import Product
from tests.support.watch import CONNECTS, watching
from tests.support.web import Browser

ADDRESSES = [
    "http://127.0.0.1:9/a",
    "http://localhost:9/a",
    "http://[::1]:9/a",
    "http://0.0.0.0:9/a",
    "http://2130706433:9/a",
    "http://0x7f000001:9/a",
    "http://0177.0.0.1:9/a",
    "http://127.1:9/a",
    "http://[::ffff:127.0.0.1]:9/a",
    "http://169.254.169.254/latest/meta-data/",
    "http://metadata.google.internal/",
    "http://user:pass@127.0.0.1:9/",
    "http://example.org@127.0.0.1:9/",
    "http://127.0.0.1:9#@example.org/",
    "http://127.0.0.1.nip.io:9/",
    "https://127.0.0.1:9/",
    "ftp://127.0.0.1:9/a",
    "gopher://127.0.0.1:9/_a",
    "file:///etc/passwd",
    "dict://127.0.0.1:9/a",
    "ldap://127.0.0.1:9/a",
    "jar:http://127.0.0.1:9!/a",
    "//127.0.0.1:9/a",
    "\\\\127.0.0.1\\share\\a",
    "http://①②⑦.⓪.⓪.①:9/",
]


@pytest.fixture(scope="module")
def prepared(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which Lampang drafts its plan."""
    return prepare_drafting(sqlite_template, tmp_path_factory.mktemp("outgoing"))


@pytest.fixture(scope="module")
def product(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A copy of it, in which no plan goes on."""
    product = open_drafting(prepared, tmp_path_factory.mktemp("standing"))
    yield product
    product.close()


@pytest.fixture
def worn(prepared: Path, tmp_path: Path) -> Iterator[Product]:
    """A copy of it, of which a test may leave nothing whole."""
    product = open_drafting(prepared, tmp_path)
    yield product
    product.close()


def _signed_in(product: Product, office: str) -> Browser:
    browser = Browser(product.app.test_client())
    assert browser.post("/demo/switch", {"person": product.holder(office).actor.id, "capacity": ""}).status_code == 303
    return browser


def _pages(browser: Browser, most: int = 25) -> dict[str, str]:
    """Follow the links of the pages; return page by address."""
    todo, found, seen = ["/tasks", "/plans", "/cycles", "/processes", "/operations", "/sessions"], {}, set()
    while todo and len(found) < most:
        address = todo.pop(0)
        answer = browser.get(address)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            found[address] = answer.text
            for link in re.findall(r'href="(/[^"#]*)"', answer.text):
                place = unescape(link)
                kind = re.sub(r"\d+", "0", place.partition("?")[0])
                if kind not in seen and not place.startswith("/static"):
                    seen.add(kind)
                    todo.append(place)
    return found


def _forms(page: str) -> Iterator[tuple[str, list[str]]]:
    """Yield where each form of a page goes, and the names of its entries."""
    for head, body in re.findall(r"<form\b([^>]*)>(.*?)</form>", page, re.DOTALL):
        action = re.search(r'(?:action|hx-post)="([^"]*)"', head)
        if action and 'method="post"' in head and "/sign-out" not in action[1]:
            yield unescape(action[1]), list(dict.fromkeys(re.findall(r'\bname="([^"]+)"', body)))


@pytest.mark.parametrize("office", ["province_strategy@TH-52", "system_admin@TH", "nesdc@TH", "governor@TH-52"])
def test_no_entry_of_any_form_is_followed(worn: Product, office: str) -> None:
    browser = _signed_in(worn, office)
    pages = _pages(browser)
    sent = 0

    with watching(CONNECTS) as seen:
        for address, page in pages.items():
            for number, (action, names) in enumerate(_forms(page)):
                target = ADDRESSES[(sent + number) % len(ADDRESSES)]
                answer = browser.post(action or address, dict.fromkeys(names, target))
                assert answer.status_code < 500, (action, answer.status_code)
                sent += 1
    worn.engine.run_due()

    assert seen.events == []
    assert len(pages) >= 5
    assert sent >= 5


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_in_a_task_a_header_or_a_query_is_followed(product: Product, address: str) -> None:
    browser = _signed_in(product, "province_strategy@TH-52")
    task = product.engine.tasks(business_key=LAMPANG, element_id="draft")[0]
    form = {"substance_changed": address, "title": address, "url": address, "comment": address, "edition": address}
    headers = {
        "X-Forwarded-Host": address, "X-Forwarded-For": address, "Referer": address, "Origin": address, "Forwarded": address,
        "X-Original-URL": address, "X-Callback-Url": address, "HX-Current-URL": address,
    }  # fmt: skip
    headers = {name: value.encode("ascii", "ignore").decode() for name, value in headers.items()}

    with watching(CONNECTS) as seen:
        statuses = [
            browser.post(f"/tasks/{task.id}/draft", form).status_code,
            browser.post(f"/tasks/{task.id}/complete", form).status_code,
            browser.get("/tasks", headers=headers).status_code,
            browser.get("/tasks", query_string={"q": address, "next": address, "unit": address}).status_code,
            browser.get("/sign-in", query_string={"next": address}).status_code,
        ]
        product.engine.run_due()

    assert seen.events == []
    assert max(statuses) < 500


def _connector(address: str) -> bytes:
    """The connector for REST calls as Camunda's modeler draws it, and a service task of the same kind."""
    return bpmn_file(
        '<bpmn:startEvent id="s"/><bpmn:serviceTask id="x"><bpmn:extensionElements>'
        '<zeebe:taskDefinition type="io.camunda:http-json:1"/><zeebe:ioMapping>'
        f'<zeebe:input source="{address}" target="url"/><zeebe:input source="get" target="method"/>'
        '</zeebe:ioMapping></bpmn:extensionElements></bpmn:serviceTask><bpmn:endEvent id="e"/>' + line("s", "x", "e"),
        process_id="attack",
    )


def _form(address: str) -> bytes:
    kinds = [
        {"type": "image", "source": address, "alt": "a"},
        {"type": "iframe", "url": address, "label": "a"},
        {"type": "html", "content": f'<img src="{address}">'},
        {"type": "text", "text": f"![a]({address}) <{address}>"},
        {"type": "documentPreview", "dataSource": f'="{address}"'},
        {"type": "select", "key": "k", "label": "l", "valuesExpression": f'="{address}"'},
        {"type": "textfield", "key": "t", "label": address, "description": address},
    ]
    return json.dumps({"type": "default", "id": "f", "components": kinds}).encode()


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_in_a_diagram_or_its_form_is_followed(product: Product, address: str) -> None:
    admin = _signed_in(product, "system_admin@TH")
    quoted = address.replace("&", "&amp;").replace('"', "&quot;")
    one_form = json.dumps({"type": "default", "id": "f", "components": json.loads(_form(address))["components"][-1:]})
    task = process("attack").start().user_task("x", name=address, groups=address, form="f").end().xml()
    head = f'<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="{quoted}"?>'.encode()
    files = [
        [("attack.bpmn", _connector(quoted))],
        [("attack.bpmn", process("attack").start().service_task("x", address, headers={"url": address}).end().xml())],
        [("attack.bpmn", process("attack").start().call("x", address).end().xml())],
        [("attack.bpmn", head + task[38:]), ("f.form", _form(address))],
        [("attack.bpmn", head + task[38:]), ("f.form", one_form.encode())],
        [("attack.bpmn", task.replace(b"<bpmn:process ", f'<bpmn:import importType="x" location="{quoted}" '
                                      'namespace="n"/><bpmn:process '.encode(), 1)), ("f.form", one_form.encode())],
        [("attack.bpmn", task.replace(b' id="defs"', f' id="defs" xsi:schemaLocation="n {quoted}"'.encode(), 1)),
         ("f.form", one_form.encode())],
        [("attack.bpmn", f'<!DOCTYPE d SYSTEM "{quoted}">'.encode() + task[38:])],
    ]  # fmt: skip

    with watching(CONNECTS) as seen:
        for bundle in files:
            answer = admin.deploy(*bundle)
            assert answer.status_code in {303, 422}, answer.status_code
            if answer.status_code == 303:
                assert admin.get(answer.location).status_code == 200
                _run(product.engine)

    assert seen.events == []


def _run(engine: ProcessEngine) -> None:
    try:
        run = engine.start("attack", {"a": 1})
    except EngineError:
        return
    engine.run_due()
    for task in engine.tasks(instance_id=run.id):
        engine.complete(task.id, {"t": "http://127.0.0.1:9/"})
    engine.run_due()


def test_no_expression_knows_a_way_out(product: Product) -> None:
    with watching(CONNECTS) as seen:
        for address in ADDRESSES:
            for text in (f'get("{address}")', f'document("{address}")', f'"{address}".open', f'import("{address}")'):
                try:
                    value = product.engine.evaluate(text, {})
                except EngineError:
                    continue
                assert value is None, text

    assert seen.events == []
