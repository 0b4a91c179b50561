"""`saanphaen restore`: a backup comes back."""

from __future__ import annotations

from pathlib import Path

import click

from web.cli.output import say, stages


@click.command("restore", short_help="Bring a backup back.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace a database that holds data.")
@click.option("--despite-audit", is_flag=True, help="Also a backup whose audit trail did not hold.")
def command(*, file: Path, force: bool, despite_audit: bool) -> None:
    """Put the backup FILE into the empty database that the settings name, and its files into the data folder.

    Stop `serve` and `worker` first: a database in use is refused. FILE is read from end to end and its audit trail
    verified before anything is touched; then the database is loaded whole or not at all, and verified again. With
    --force a SQLite file that was there is kept beside the new one; on PostgreSQL the tables are replaced in one
    transaction. A backup of an older version comes back as it was: `saanphaen db upgrade` brings it up.
    """
    from web.backups.restoring import restore_backup
    from web.cli.opening import read_settings

    settings = read_settings()
    with stages() as tell:
        restored = restore_backup(
            file.absolute(),
            database_url=settings.database_url,
            data_dir=settings.data_dir,
            tell=tell,
            force=force,
            despite_audit=despite_audit,
        )
    audit = restored.manifest.audit
    rows = sum(restored.manifest.counts.values())
    say(f"Restored as of {restored.manifest.made_at}: {rows:,} rows, {restored.files} uploaded files added.")
    if audit.verified:
        say(f"Audit trail: {audit.lines} lines in {audit.chains} chains, every chain holds.")
    if restored.kept:
        say(restored.kept)
    if restored.is_outdated:
        say(f"The database is at {restored.manifest.revision}: run `saanphaen db upgrade` next.")
