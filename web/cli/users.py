"""`saanphaen users`: accounts of people: who may sign in, and by which password."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from web.cli.output import say, table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from web.accounts.models import Account

_LONGEST_LIST = 1_000
_LONGEST_HISTORY = 20
_password = click.option("--password-stdin", "from_stdin", is_flag=True, help="Read the password from standard input.")


@click.group("users")
def command() -> None:
    """Accounts: who may sign in. Who the people are stands in the organisation."""


@command.command("list")
@click.option("--after", default="", help="Go on after this account name.")
def list_accounts(after: str) -> None:
    """List accounts with person, positions today and state."""
    from web.accounts import service
    from web.cli.opening import opened
    from web.directory import OrganizationDirectory

    people = OrganizationDirectory()
    with opened() as engine, engine.reading() as read:
        accounts = service.list_accounts(read.session, after=after, limit=_LONGEST_LIST)
        names = people.names_of(read.session, [account.person_id for account in accounts])
        rows = [
            (
                account.login,
                account.person_id,
                names.get(account.person_id, "?"),
                "; ".join(held.title for held in people.capacities_of(read.session, account.person_id, read.now)),
                _state(account),
            )
            for account in accounts
        ]
    table("", ("account", "person", "name", "positions", "state"), rows)
    if len(rows) == _LONGEST_LIST:
        say(f"There may be more: saanphaen users list --after {rows[-1][0]}")


@command.command()
@click.argument("login")
@click.option("--person", "person_id", required=True, help="Id of the person in the organisation.")
@_password
def add(*, login: str, person_id: str, from_stdin: bool) -> None:
    """Let a person sign in under the account name LOGIN; asks for the password."""
    from web.accounts import service
    from web.accounts.passwords import hash_password
    from web.cli.opening import opened
    from web.directory import OrganizationDirectory

    with opened() as engine:
        with engine.reading() as read:
            if person_id not in OrganizationDirectory().names_of(read.session, [person_id]):
                raise click.ClickException(f"Expected a person of the organisation, but {person_id!r} is none.")
            taken = service.any_account(read.session, login=login, person_id=person_id)
            if taken is not None:
                raise click.ClickException(
                    f"Expected a new account, but {taken.login!r} of person {taken.person_id!r} is there already."
                )
        hashed = _checked(hash_password, _ask(from_stdin=from_stdin))
        with engine.unit_of_work() as uow:
            account = service.create_account(
                uow.session, person_id=person_id, login=login, password_hash=hashed, now=uow.now
            )
            name = account.login
    say(f"{name} may sign in.")


@command.command("set-password")
@click.argument("login")
@_password
def set_password(*, login: str, from_stdin: bool) -> None:
    """Give LOGIN a new password; all open sessions end. A disabled account stays disabled."""
    from web.accounts import service
    from web.accounts.passwords import hash_password
    from web.cli.opening import opened

    with opened() as engine:
        with engine.reading() as read:
            _find(read.session, login)
        hashed = _checked(hash_password, _ask(from_stdin=from_stdin))
        with engine.unit_of_work() as uow:
            service.change_password(uow.session, _find(uow.session, login), hashed, now=uow.now)
    say(f"{login} has a new password; open sessions have ended.")


@command.command()
@click.argument("login")
def disable(login: str) -> None:
    """Take the right to sign in from LOGIN; all open sessions end."""
    from web.accounts import service
    from web.cli.opening import opened

    with opened() as engine, engine.unit_of_work() as uow:
        service.disable_account(uow.session, _find(uow.session, login), now=uow.now)
    say(f"{login} may no longer sign in.")


@command.command()
@click.argument("login")
def enable(login: str) -> None:
    """Give LOGIN the right to sign in back."""
    from web.accounts import service
    from web.cli.opening import opened

    with opened() as engine, engine.unit_of_work() as uow:
        service.enable_account(_find(uow.session, login))
    say(f"{login} may sign in.")


@command.command("sessions")
@click.argument("login")
def list_sessions(login: str) -> None:
    """List the devices on which LOGIN is signed in, and the latest sign-ins that are over."""
    from web.accounts import sessions
    from web.cli.opening import opened, read_settings

    settings = read_settings()
    with opened() as engine, engine.reading() as read:
        account = _find(read.session, login)
        going_on = sessions.sessions_of(read.session, account.id, now=read.now, settings=settings)
        over = sessions.ended_sessions_of(
            read.session, account.id, now=read.now, settings=settings, limit=_LONGEST_HISTORY
        )
        rows = [
            (
                row.id,
                f"{row.created_at:%Y-%m-%d %H:%M}Z",
                f"{row.last_seen_at:%Y-%m-%d %H:%M}Z",
                row.address,
                row.browser or "?",
                sessions.reason_of(row, read.now, settings) or "open",
            )
            for row in (*going_on, *over)
        ]
    table("", ("session", "since", "last used", "address", "browser", "state"), rows)


@command.command("end-sessions")
@click.argument("login")
def end_sessions(login: str) -> None:
    """Sign LOGIN out on all devices."""
    from web.accounts import sessions
    from web.cli.opening import opened

    with opened() as engine, engine.unit_of_work() as uow:
        account = _find(uow.session, login)
        count = sessions.end_all_sessions(uow.session, account.id, sessions.EndReason.BY_ADMINISTRATOR, now=uow.now)
    say(f"{login} is signed out on {count} device{'' if count == 1 else 's'}.")


@command.command("reset-totp")
@click.argument("login")
def reset_totp(login: str) -> None:
    """Forget the second factor of LOGIN with its recovery codes; all open sessions end.

    Make sure first that it is really this person who asks.
    """
    from web.accounts import service
    from web.cli.opening import opened

    with opened() as engine, engine.unit_of_work() as uow:
        if not service.reset_second_factor(uow.session, _find(uow.session, login), now=uow.now):
            raise click.ClickException(f"Expected an account with a second factor, but {login!r} has none.")
    say(f"{login} has no second factor any more; open sessions have ended.")


@command.command("waiting")
def list_waiting() -> None:
    """List what must wait after too many attempts: names, addresses, second factors."""
    from web.accounts import throttle
    from web.cli.opening import opened

    with opened() as engine, engine.reading() as read:
        rows = [
            (
                row.key.partition(":")[0],
                login or ("" if row.address else "(no such account)"),
                row.address,
                throttle.minutes_of(row.free_at - read.now),
            )
            for row, login in throttle.waiting_now(read.session, read.now)
        ]
    table("", ("kind", "account", "address", "minutes left"), rows, right=("minutes left",))


@command.command("clear-waiting")
@click.argument("login", required=False)
@click.option("--address", help="Clear an address instead of an account.")
def clear_waiting(*, login: str | None, address: str | None) -> None:
    """Let LOGIN, or an address, try again at once."""
    from web.accounts import throttle
    from web.cli.opening import opened

    if (login is None) == (address is None):
        raise click.UsageError("Expected an account name or --address, one of them.")
    with opened() as engine, engine.unit_of_work() as uow:
        if login is not None:
            count = throttle.clear(uow.session, account_id=_find(uow.session, login).id)
        else:
            count = throttle.clear(uow.session, key=throttle.address_key(address or ""))
    say(f"{login or address} may try again at once." if count else f"{login or address} had nothing to wait for.")


def _find(session: Session, login: str) -> Account:
    from web.accounts import service

    account = service.any_account(session, login=login)
    if account is None:
        raise click.ClickException(f"Expected an account, but there is none with the name {login!r}.")
    return account


def _state(account: Account) -> str:
    if account.disabled_at is not None:
        return "disabled"
    return "may sign in" if account.password_hash else "no password"


def _ask(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def _checked(make_hash: Callable[[str], str], password: str) -> str:
    try:
        return make_hash(password)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
