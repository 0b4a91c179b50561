"""`saanphaen audit`: prove that nobody altered, removed or re-ordered a line of the history."""

from __future__ import annotations

import click

from web.cli.output import progress, say, say_json


@click.group("audit")
def command() -> None:
    """The audit trail."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_context
def verify(ctx: click.Context, *, as_json: bool) -> None:
    """Recompute every chain of the history; exit status 1 when one does not hold.

    The first line that was altered, removed or moved is named for each chain that does not hold.
    """
    from web.cli.opening import opened

    with opened() as engine, progress("Verifying") as tell:
        report = engine.verify_audit(tell)
    if as_json:
        found = [{"instance": f.instance_id, "line": f.seq, "reason": f.reason} for f in report.findings]
        say_json(
            {
                "chains": report.instances,
                "entries": report.entries,
                "heads": report.heads,
                "verified": report.verified,
                "findings": found,
            }
        )
    else:
        for finding in report.findings:
            say(f"chain {finding.instance_id}, line {finding.seq}: {finding.reason}")
        said = "every chain holds" if report.verified else f"{len(report.findings)} chains do not hold"
        say(f"{report.entries} lines in {report.instances} chains: {said}.")
    ctx.exit(0 if report.verified else 1)
