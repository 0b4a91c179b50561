"""`saanphaen backup`: everything in one file, while people go on working."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from web.cli.output import say, say_json, stages


@click.command("backup", short_help="Write everything into one file, online.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For machines: the manifest.")
@click.pass_context
def command(ctx: click.Context, *, file: Path, as_json: bool) -> None:
    """Write database, uploaded files and a manifest into FILE while people go on working, and check it.

    The audit trail inside the copy is verified and FILE is read again from end to end. Exit status 1 with FILE
    written: the audit trail does not hold, or uploaded files are missing or altered; what it is, is told. The secret
    key and the anchors' key are not in it: keep them elsewhere.
    """
    from web.backups.making import make_backup
    from web.cli.opening import read_settings

    settings = read_settings()
    with stages() as tell:
        made = make_backup(file.absolute(), database_url=settings.database_url, data_dir=settings.data_dir, tell=tell)
    if as_json:
        say_json(asdict(made.manifest))
    else:
        audit = made.manifest.audit
        files = sum(member.name.startswith("files/") for member in made.manifest.members)
        rows = sum(made.manifest.counts.values())
        say(f"{file}: {made.size:,} bytes, {rows:,} rows, {files} uploaded files, revision {made.manifest.revision}.")
        say(f"Audit trail: {audit.lines} lines in {audit.chains} chains, heads {audit.heads}.")
    for finding in made.findings:
        _say_problem(f"chain {finding.instance_id}, line {finding.seq}: {finding.reason}")
    for name in made.manifest.missing:
        _say_problem(f"uploaded file {name}: the database names it, but it is not in the data folder.")
    for name in made.altered:
        _say_problem(f"uploaded file {name}: its bytes are not those that were uploaded.")
    ctx.exit(0 if made.is_sound else 1)


def _say_problem(words: str) -> None:
    """Write what is wrong, to standard error."""
    click.echo(words, err=True)
