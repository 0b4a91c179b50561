"""Codes of authenticators and what is sealed: those of the standard, each for its moment and its purpose only."""

from __future__ import annotations

import datetime as dt

import pyotp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.accounts import code_at
from web.accounts.sealing import SealBroken, Sealer
from web.accounts.second_factor import STEP, clean_code, matching_step

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
MOMENT = dt.datetime(2026, 11, 24, 2, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)

    assert matching_step("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", code, moment) == seconds // STEP


@settings(max_examples=60)
@given(st.integers(-4, 4), st.integers(0, 59))
def test_a_code_matches_the_step_that_it_was_made_for(steps: int, seconds: int) -> None:
    moment = MOMENT + dt.timedelta(seconds=seconds)
    code = code_at(pyotp.TOTP(SECRET), moment, steps=steps)

    found = matching_step(SECRET, code, moment)

    assert found == (int(moment.timestamp()) // STEP + steps if abs(steps) <= 1 else found)
    assert abs(steps) <= 1 or found is None or pyotp.TOTP(SECRET).generate_otp(found) == code


@given(st.text(max_size=80))
def test_whatever_is_typed_is_read(text: str) -> None:
    assert len(clean_code(text)) <= 64
    matching_step(SECRET, clean_code(text), MOMENT)


@given(st.text(max_size=60), st.text(max_size=20), st.binary(max_size=8))
def test_what_is_sealed_opens_for_its_purpose_only(text: str, purpose: str, noise: bytes) -> None:
    sealer = Sealer("k" * 40)
    sealed = sealer.seal(text, purpose=purpose)

    assert sealer.unseal(sealed, purpose=purpose) == text
    for broken in (sealed[:-4], noise.hex(), "ก" + sealed, sealed.swapcase()):
        with pytest.raises(SealBroken):
            sealer.unseal(broken, purpose=purpose)
    with pytest.raises(SealBroken):
        sealer.unseal(sealed, purpose=purpose + "x")
    with pytest.raises(SealBroken):
        Sealer("other" * 8).unseal(sealed, purpose=purpose)
