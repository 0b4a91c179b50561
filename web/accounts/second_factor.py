"""The second factor: an authenticator's codes (TOTP, RFC 6238), each used once, and recovery codes for a lost one."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyotp
from markupsafe import Markup
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from web.accounts.models import RecoveryCode, SecondFactor
from web.accounts.passwords import hash_code, is_password
from web.accounts.sealing import Sealer

ISSUER: Final = "Saanphaen"
STEP: Final = 30  # seconds
DIGITS: Final = 6
RECOVERY_CODES: Final = 10
FEW_LEFT: Final = 3
_TOLERATED: Final = (0, -1, 1)  # steps: clocks differ, and typing takes time
_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # nothing that is taken for something else on paper
_GROUP: Final = 4
_GROUPS: Final = 4  # the first one finds the code, the other three are hashed
_TO_ASCII: Final = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789", " \u00a0\u200b-–—")


def new_secret() -> str:
    """Return a new secret to share with an authenticator: 160 bits in base 32."""
    return pyotp.random_base32()


def address_of(secret: str, login: str) -> str:
    """Return the address that an authenticator reads from the QR code."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP).provisioning_uri(name=login, issuer_name=ISSUER)


def picture_of(address: str) -> Markup:
    """Return the QR code as SVG to stand in a page: dark on light in every theme, and nothing is fetched."""
    import segno

    drawn = segno.make(address, error="m", micro=False)
    return Markup(drawn.svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=True))  # noqa: S704 (made of modules, not of text)


def grouped(secret: str) -> str:
    """Return a secret as one types it: in groups of four."""
    return " ".join(secret[place : place + _GROUP] for place in range(0, len(secret), _GROUP))


def clean_code(text: str) -> str:
    """Return a code as it is compared: Thai digits as Arabic ones, without what people put between groups."""
    return text.translate(_TO_ASCII).upper()[:64]


def matching_step(secret: str, code: str, now: dt.datetime) -> int | None:
    """Return the time step of which this is the code, at most one step away; None if it is of none."""
    if len(code) != DIGITS or not (code.isascii() and code.isdecimal()):
        return None
    present = int(now.timestamp()) // STEP
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP)
    matching = [step for step in _TOLERATED if hmac.compare_digest(totp.generate_otp(present + step), code)]
    return present + matching[0] if matching else None


def enable(session: Session, account_id: int, sealed: str, *, step: int, now: dt.datetime) -> None:
    """Store an authenticator's sealed secret in the place of an earlier one; the code that proved it is used up."""
    remove(session, account_id)
    session.add(SecondFactor(account_id=account_id, sealed=sealed, last_step=step, enabled_at=now))
    session.flush()


def remove(session: Session, account_id: int) -> bool:
    """Forget an account's second factor with its recovery codes; tells whether there was one."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    gone = delete(SecondFactor).where(SecondFactor.account_id == account_id).returning(SecondFactor.account_id)
    return session.execute(gone).first() is not None


def find(session: Session, account_id: int) -> SecondFactor | None:
    """Return an account's second factor, None if it has none."""
    return session.get(SecondFactor, account_id)


def purpose_of(account_id: int) -> str:
    """Return what an account's secret is sealed for: that of another account does not open in its place."""
    return f"second factor of account {account_id}"


def secret_of(factor: SecondFactor, sealer: Sealer) -> str:
    """Return the shared secret.

    Raises:
        SealBroken: It was sealed under another key.
    """
    return sealer.unseal(factor.sealed, purpose=purpose_of(factor.account_id))


@dataclass(frozen=True, slots=True)
class Proof:
    """A code that is right; it counts once it is used up."""

    step: int | None = None  # of the authenticator
    recovery_code: int | None = None  # its id


def find_proof(session: Session, account_id: int, text: str, sealer: Sealer, now: dt.datetime) -> Proof | None:
    """Return what a typed code proves, None when it is not right; nothing is written.

    Raises:
        SealBroken: The secret was sealed under another key; recovery codes are still known.
    """
    code, factor = clean_code(text), find(session, account_id)
    if factor is None:
        return None
    if is_recovery_code(code):
        stored = find_recovery_code(session, account_id, code)
        right = is_password(stored.code_hash if stored else None, code[_GROUP:])
        return Proof(recovery_code=stored.id) if stored is not None and right else None
    step = matching_step(secret_of(factor, sealer), code, now)
    return None if step is None or step <= factor.last_step else Proof(step=step)


def use_up(session: Session, account_id: int, proof: Proof, *, now: dt.datetime) -> bool:
    """Use a code up, and tell whether it was still unused: of two who send it at once one gets in."""
    if proof.recovery_code is not None:
        return use_recovery_code(session, proof.recovery_code, now=now)
    return proof.step is not None and use_step(session, account_id, proof.step)


def use_step(session: Session, account_id: int, step: int) -> bool:
    """Use the code of a time step up, and tell whether it was still unused: so are all earlier ones then."""
    used = (
        update(SecondFactor)
        .where(SecondFactor.account_id == account_id, SecondFactor.last_step < step)
        .values(last_step=step)
        .returning(SecondFactor.account_id)
    )
    return session.execute(used).first() is not None


def new_recovery_codes() -> tuple[list[str], list[tuple[str, str]]]:
    """Return new recovery codes for the person to keep, and what to store of each: how to find it, and its hash."""
    codes: dict[str, str] = {}
    while len(codes) < RECOVERY_CODES:
        signs = "".join(secrets.choice(_LETTERS) for _ in range(_GROUP * _GROUPS))
        codes[signs[:_GROUP]] = signs
    shown = ["-".join(grouped(code).split()) for code in codes.values()]
    return shown, [(handle, hash_code(code[_GROUP:])) for handle, code in codes.items()]


def store_recovery_codes(session: Session, account_id: int, stored: Sequence[tuple[str, str]]) -> None:
    """Put new recovery codes in the place of all earlier ones."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    session.add_all(RecoveryCode(account_id=account_id, handle=handle, code_hash=code) for handle, code in stored)
    session.flush()


def is_recovery_code(code: str) -> bool:
    """Tell whether a cleaned text has the form of a recovery code."""
    return len(code) == _GROUP * _GROUPS


def find_recovery_code(session: Session, account_id: int, code: str) -> RecoveryCode | None:
    """Return the unused recovery code that a cleaned text begins like."""
    query = select(RecoveryCode).where(RecoveryCode.account_id == account_id, RecoveryCode.handle == code[:_GROUP])
    return session.scalars(query.where(RecoveryCode.used_at.is_(None))).one_or_none()


def use_recovery_code(session: Session, code_id: int, *, now: dt.datetime) -> bool:
    """Use a recovery code up, and tell whether it was still unused."""
    used = (
        update(RecoveryCode)
        .where(RecoveryCode.id == code_id, RecoveryCode.used_at.is_(None))
        .values(used_at=now)
        .returning(RecoveryCode.id)
    )
    return session.execute(used).first() is not None


def recovery_codes_left(session: Session, account_id: int) -> int:
    """Count the recovery codes that are still unused."""
    left = select(func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return session.scalar(left) or 0
