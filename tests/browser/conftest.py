"""One Chromium for all tests of this folder; an office and a page for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.browser import SIZES, launch, served
from tests.support.web import Office


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A running browser; a busy machine may take its time to show what it shows in the end."""
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Office]:
    """The office in demo mode, so that one click signs in."""
    office = Office(sqlite_url, demo=True)
    yield office
    office.close()


@pytest.fixture
def address(office: Office) -> Iterator[str]:
    """Where the office is served."""
    with served(office.app) as url:
        yield url


def _page(chromium: Browser, size: str) -> Iterator[Page]:
    width, height = SIZES[size]
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="th-TH")
    yield context.new_page()
    context.close()


@pytest.fixture(params=list(SIZES))
def sized(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A page in the size of a desk, and again of a phone."""
    yield from _page(chromium, request.param)


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Page]:
    """A page in the size of a desk."""
    yield from _page(chromium, "desk")


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A page in the size of a phone."""
    yield from _page(chromium, "phone")
