"""Password hashes."""

from __future__ import annotations

import pytest

from web.accounts.passwords import hash_password, is_password


def test_a_password_is_known_again_and_no_other() -> None:
    stored = hash_password("ฝนตกที่ลำปาง 2569")

    assert stored.startswith("$argon2id$")
    assert is_password(stored, "ฝนตกที่ลำปาง 2569")
    assert not is_password(stored, "ฝนตกที่ลำปาง 2570")


@pytest.mark.parametrize("stored", [None, "", "plain"])
def test_an_account_without_a_hash_takes_no_password(stored: str | None) -> None:
    assert not is_password(stored, "nobody has this password")


def test_short_passwords_are_not_stored() -> None:
    with pytest.raises(ValueError, match="at least 12"):
        hash_password("short")
