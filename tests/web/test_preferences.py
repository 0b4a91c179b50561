"""Where a small choice leads back to: never to another site."""

from __future__ import annotations

import pytest

from web.preferences import local_address


@pytest.mark.parametrize("text", ["/tasks", "/tasks?tab=mine&q=ลำปาง", "/"])
def test_addresses_of_this_site_are_kept(text: str) -> None:
    assert local_address(text, "/x") == text


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "tasks",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/a\nb",
        "\t//evil",
        "javascript:x",
    ],
)
def test_other_addresses_are_replaced(text: str | None) -> None:
    assert local_address(text, "/x") == "/x"
