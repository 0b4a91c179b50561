"""The cookie's flags, and where signing in leads (plan S5): never out of reach of the owner, never to another site."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import SimpleCookie

import pytest

from tests.support.accounts import Accounts, attempt, begin, open_accounts


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    yield from open_accounts(request, tmp_path_factory.mktemp("accounts"))


@pytest.fixture
def office(opened: Accounts, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    return begin(opened, monkeypatch)


# -- the cookie -------------------------------------------------------------------------------------------------------


def flags(office: Accounts, app=None, **request: str) -> tuple[str, SimpleCookie]:
    browser = office.visitor(app=app)
    answer = browser.client.get("/sign-in", **request)
    header = next(value for value in answer.headers.getlist("Set-Cookie"))
    return header.split("=")[0], SimpleCookie(header)


@pytest.mark.parametrize(
    ("settings", "request_", "name", "secure"),
    [
        ({}, {}, "saanphaen", False),
        ({"cookie_secure": True}, {}, "__Host-saanphaen", True),
        ({}, {"base_url": "https://plan.example"}, "__Host-saanphaen", True),
        ({"trusted_proxies": 1}, {"headers": {"X-Forwarded-Proto": "https"}}, "__Host-saanphaen", True),
        ({}, {"headers": {"X-Forwarded-Proto": "https"}}, "saanphaen", False),
    ],
)
def test_the_cookie_is_out_of_reach_and_over_tls_bound_to_the_host(
    office: Accounts, settings: dict[str, object], request_: dict, name: str, secure: bool
) -> None:
    found, cookie = flags(office, office.another_process(**settings), **request_)

    morsel = cookie[name]
    assert found == name
    assert (morsel["httponly"], morsel["samesite"], morsel["path"], morsel["domain"]) == (True, "Lax", "/", "")
    assert bool(morsel["secure"]) is secure


def test_an_answer_to_an_older_request_brings_no_older_token_back(office: Accounts) -> None:
    browser = office.sign_in()

    assert "Set-Cookie" not in browser.get("/tasks").headers


# -- where signing in leads -------------------------------------------------------------------------------------------

TRICKS = [
    "//evil.example", "///evil.example", "////evil.example/", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
    "/\n/evil.example", " //evil.example", "https://evil.example", "https:evil.example", "https:/evil.example",
    "http://203.0.113.7@evil.example", "javascript:alert(1)", "data:text/html,x", "//evil.example/%2e%2e",
    "/%2F%2Fevil.example", "/%5Cevil.example", "/..//evil.example", "/tasks/..//evil.example", "/;@evil.example",
    "/tasks\r\nLocation: //evil.example", "/tasks\x00", "／／evil.example", "/．evil.example", "tasks", "?next=/tasks",
    "/nowhere", "/sign-out", "/sign-in?next=//evil.example", "/static/dist/app.js", "//[evil", "/" + "a" * 3_000, "",
]  # fmt: skip


@pytest.mark.parametrize("trick", TRICKS)
def test_signing_in_leads_to_pages_of_this_site_only(office: Accounts, trick: str) -> None:
    assert attempt(office.visitor(), "somchai", next=trick).location == "/"


@pytest.mark.parametrize("path", ["/tasks?tab=done&q=แผน", "/plans", "/sessions", "/tasks/1"])
def test_signing_in_leads_back_to_the_page_that_was_wanted(office: Accounts, path: str) -> None:
    assert attempt(office.visitor(), "somchai", next=path).location.startswith(path.split("?", maxsplit=1)[0])


@pytest.mark.parametrize("trick", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_small_choices_lead_nowhere_else_either(office: Accounts, trick: str) -> None:
    browser = office.sign_in()

    for path in ("/preferences/language", "/preferences/shortcuts"):
        assert browser.post(path, {"next": trick, "language": "th"}).location == "/tasks"
