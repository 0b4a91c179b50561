"""Every answer of every address has the headers that keep browsers and caches in check; no export runs in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.drafting import LAMPANG, open_drafting, prepare_drafting
from tests.support.product import Product
from tests.support.web import Browser

BASES = ("http://localhost", "https://localhost")
FORBIDDEN_IN_POLICY = (
    "unsafe-inline",
    "unsafe-eval",
    "unsafe-hashes",
    "*",
    "http:",
    "https:",
    "blob:",
    "strict-dynamic",
)
FEATURES = ("camera=()", "geolocation=()", "microphone=()")


@pytest.fixture(scope="module")
def product(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The plan of Lampang at its draft; requests of this module may change it."""
    folder = tmp_path_factory.mktemp("headers")
    product = open_drafting(prepare_drafting(sqlite_template, folder), folder)
    yield product
    product.close()


@pytest.fixture(scope="module")
def planner(product: Product) -> Browser:
    """Who drafts the plan of Lampang."""
    return _signed_in(product, "province_strategy@TH-52")


def _signed_in(product: Product, office: str) -> Browser:
    browser = Browser(product.app.test_client())
    person = product.holder(office).actor.id
    assert browser.post("/demo/switch", {"person": person, "capacity": ""}).status_code == 303
    return browser


def _addresses(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield method and address of everything that can be asked, with ids that may exist or not."""
    cycle, unit = LAMPANG.split("/")
    usual = {"cycle": cycle, "code": cycle, "unit": unit, "act": "suspend", "filename": "mark.svg", "name": "x.form"}
    for rule in app.url_map.iter_rules():
        values: dict[str, Any] = {name: usual.get(name, 1) for name in rule.arguments}
        address = app.url_map.bind("localhost").build(rule.endpoint, values)
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
            yield method, address
    yield from (("GET", address) for address in ("/nowhere", "/static/nowhere.js", "/plans/a/b/files/1/../x", "/%00"))


def _policy(answer: TestResponse) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";")]
    return {name: value for name, _, value in parts}


def _check(answer: TestResponse, what: str, *, secure: bool) -> None:
    headers = answer.headers
    policy = _policy(answer)
    assert policy.get("frame-ancestors") == "'none'", what
    assert policy.get("base-uri") in {"'self'", "'none'"}, what
    assert policy.get("object-src", policy.get("default-src")) == "'none'", what
    assert policy.get("script-src", policy.get("default-src")) in {"'self'", "'none'"}, what
    assert policy.get("form-action") in {"'self'", "'none'"}, what
    assert not [word for value in policy.values() for word in value.split() if word in FORBIDDEN_IN_POLICY], what
    assert headers["X-Content-Type-Options"] == "nosniff", what
    assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, what
    assert all(feature in headers["Permissions-Policy"] for feature in FEATURES), what
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin", what
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin", what
    assert ("Strict-Transport-Security" in headers) is secure, what
    assert "Access-Control-Allow-Origin" not in headers, what
    assert "Server" not in headers or "Python" not in headers["Server"], what
    if "public" in headers.get("Cache-Control", ""):
        assert answer.status_code in {200, 304}, what
        assert "Set-Cookie" not in headers, f"{what}: a cache would hand the cookie to others"
        assert b"csrf" not in answer.data or what.endswith(".js"), what
    else:
        assert headers["Cache-Control"] == "no-store", what
    for cookie in headers.getlist("Set-Cookie"):
        assert "HttpOnly" in cookie, what
        assert "SameSite=Lax" in cookie or "SameSite=Strict" in cookie, what
        assert ("Secure" in cookie) or not secure, what


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("who", ["nobody", "planner", "administrator"])
def test_every_answer_of_every_address_has_its_headers(product: Product, base: str, who: str) -> None:
    secure = base.startswith("https")
    offices = {"planner": "province_strategy@TH-52", "administrator": "system_admin@TH"}
    browser = Browser(product.app.test_client())
    if who != "nobody":
        browser = _signed_in(product, offices[who])
    asked = list(_addresses(product.app))

    statuses = set()
    for method, address in asked:
        if address == "/sign-out":
            continue
        with browser.client.open(address, method=method, base_url=base) as answer:
            statuses.add(answer.status_code)
            _check(answer, f"{method} {address}", secure=secure)

    assert len(asked) > 300
    assert {200, 404, 405} <= statuses
    assert not [status for status in statuses if status >= 500]


def test_only_our_own_built_files_may_be_kept_by_caches(product: Product, planner: Browser) -> None:
    kept = set()
    for method, address in _addresses(product.app):
        if method == "GET":
            with planner.get(address) as answer:
                kept |= {address} if "public" in answer.headers["Cache-Control"] else set()

    assert kept == {"/static/mark.svg"}


def test_what_was_deployed_is_saved_and_never_shown(product: Product) -> None:
    admin = _signed_in(product, "system_admin@TH")
    with product.engine.reading() as read:
        definition = read.deployments.latest("provincial-plan")
        names = read.deployments.resources(definition.id)

    for name in names:
        answer = admin.get(f"/processes/{definition.id}/files/{name}")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
    assert names


def test_no_answer_is_a_table_that_a_spreadsheet_would_run(product: Product) -> None:
    """There is no export of cells yet: the first one must quote what begins with = + - @ (C5, 1.2.10) and stand here."""
    admin = _signed_in(product, "system_admin@TH")
    kinds = set()
    for method, address in _addresses(product.app):
        for accept in ("text/csv", "application/vnd.ms-excel", "*/*") if method == "GET" else ():
            with admin.get(address, headers={"Accept": accept}) as answer:
                kinds.add(answer.mimetype)

    assert not [kind for kind in kinds if "csv" in kind or "excel" in kind or "spreadsheet" in kind]
    assert {"text/html"} < kinds
