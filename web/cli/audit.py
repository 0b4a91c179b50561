"""`saanphaen audit`: prove the history unaltered, anchor it, and hand the anchors out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from web.cli.output import progress, say, say_json

if TYPE_CHECKING:
    from engine import AuditReport, PublicKey
    from web.config import Settings


@click.group("audit")
def command() -> None:
    """The audit trail: verify it, anchor it, hand the anchors out."""


@command.command()
@click.option(
    "--anchors", type=click.Path(exists=True, path_type=Path), help="Anchors kept elsewhere: a file, or a folder."
)
@click.option(
    "--public-key",
    "public_keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="Of the anchors; several after a change of keys. Default: of the key that is set.",
)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_context
def verify(ctx: click.Context, *, anchors: Path | None, public_keys: tuple[Path, ...], as_json: bool) -> None:
    """Recompute every chain of the history and compare it with anchors; exit status 1 when something does not hold.

    The first line that was altered, removed or moved is named for each chain that does not hold. With anchors that
    were kept elsewhere also a history that was rewritten as a whole, cut, or lost whole instances, is found. Without
    --anchors those are taken that the database itself keeps.
    """
    from engine import AnchorSeries, PublicKey, read_anchors
    from web.cli.opening import opened, read_settings

    settings = read_settings()
    keys = [PublicKey.read(path) for path in public_keys] or _own_key(settings)
    with opened() as engine, AnchorSeries(keys) as series:
        series.add(engine.anchors() if anchors is None else read_anchors(anchors))
        if anchors is not None:
            series.compare(engine.anchors())
        with progress("Verifying") as tell:
            report = engine.verify_audit(tell, anchors=series)
    if as_json:
        say_json(_as_json(report))
    else:
        _tell(report, signed=bool(keys))
    ctx.exit(0 if report.verified else 1)


@command.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
def keygen(file: Path | None) -> None:
    """Make a key that signs anchors, in FILE (default: SAANPHAEN_AUDIT_KEY), and its public half in FILE.pub.

    Only the owner may read FILE; keep it outside the database, and a copy where you keep backups. FILE.pub goes to
    those who shall verify. A file that is there already is never overwritten.
    """
    from engine import SigningKey
    from web.cli.opening import read_settings

    path = file or read_settings().audit_key
    if path is None:
        raise click.UsageError("Expected a FILE, or SAANPHAEN_AUDIT_KEY in the environment, but there is neither.")
    public = path.with_name(f"{path.name}.pub")
    if public.exists():
        raise click.ClickException(f"Expected a new file, but {public} is there already.")
    key = SigningKey.create(path)
    public.write_bytes(key.public.pem)
    say(f"{path}: key {key.id}, for SAANPHAEN_AUDIT_KEY; readable by its owner only.")
    say(f"{public}: its public half, for those who verify.")


@command.command()
def anchor() -> None:
    """Anchor the chains that have changed since the last anchor, now; `saanphaen worker` does it at intervals."""
    from engine import SigningKey
    from web.cli.opening import opened, read_settings

    path = read_settings().audit_key
    if path is None:
        raise click.ClickException("Expected SAANPHAEN_AUDIT_KEY: `saanphaen audit keygen FILE` makes a key.")
    key = SigningKey.read(path)
    with opened() as engine:
        taken = engine.take_anchors(key)
    for signed in taken:
        found = signed.anchor
        say(f"anchor {found.sequence}: {len(found.chains)} chains, sha256 {signed.hash}, key {found.key}")
    if not taken:
        say("Nothing to do: no chain has changed since the last anchor.")


@command.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--history", is_flag=True, help="Also all lines of the history, for verifying without the database.")
def export(*, folder: Path, history: bool) -> None:
    """Write all anchors into FOLDER, a file each, with the public key and how to verify; what is there stays.

    With --history also `history.txt`, all lines of the history. It holds what people have written.
    """
    from web.anchoring.delivery import write_anchor
    from web.anchoring.exporting import write_guide, write_history
    from web.cli.opening import opened, read_settings

    settings = read_settings()
    with opened() as engine:
        count = len([write_anchor(folder, signed) for signed in engine.anchors()])
        folder.mkdir(parents=True, exist_ok=True)
        write_guide(folder, _own_key(settings))
        if history:
            with progress("Writing the history") as tell:
                lines = write_history(engine, folder / "history.txt", tell)
            say(f"{folder / 'history.txt'}: {lines} lines.")
    say(f"{folder}: {count} anchors.")


def _own_key(settings: Settings) -> list[PublicKey]:
    from engine import SigningKey

    return [SigningKey.read(settings.audit_key).public] if settings.audit_key is not None else []


def _as_json(report: AuditReport) -> dict[str, object]:
    return {
        "chains": report.instances,
        "entries": report.entries,
        "erased": report.erased,
        "heads": report.heads,
        "anchors": report.anchors,
        "verified": report.verified,
        "findings": [{"instance": f.instance_id, "line": f.seq, "reason": f.reason} for f in report.findings],
        "anchor_findings": [{"anchor": f.sequence, "reason": f.reason} for f in report.anchor_findings],
    }


def _tell(report: AuditReport, *, signed: bool) -> None:
    for problem in report.anchor_findings:
        say(f"anchor {problem.sequence}: {problem.reason}")
    for finding in report.findings:
        say(f"chain {finding.instance_id}, line {finding.seq}: {finding.reason}")
    if report.erased:
        say(f"{report.erased} lines from which something was taken, as later lines of their chains say.")
    if report.anchors:
        known = "" if signed else "; their signatures were not checked, since no key was given"
        said = f"{len(report.anchor_findings)} things are wrong" if report.anchor_findings else "every anchor holds"
        say(f"{report.anchors} anchors: {said}{known}.")
    said = "every chain holds" if not report.findings else f"{len(report.findings)} chains do not hold"
    say(f"{report.entries} lines in {report.instances} chains: {said}.")
