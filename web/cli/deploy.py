"""`saanphaen deploy`: diagrams and forms through the gate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from web.cli.output import say
from web.cli.problems import write_problems

if TYPE_CHECKING:
    from engine import Deployment


@click.command("deploy", short_help="Make diagrams and forms runnable.")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--note", default="", help="Why this version; kept with it.")
@click.option("--version-tag", help="A name for the version, such as 2570-rev.")
@click.pass_context
def command(ctx: click.Context, *, files: tuple[Path, ...], note: str, version_tag: str | None) -> None:
    """Make FILES (diagrams with their forms, or folders of them) runnable; without FILES, the shipped processes.

    Problems are written one a line, `file:element: rule: what is wrong · remedy`, and nothing is deployed (exit
    status 1). Files whose bytes are deployed already make no new version.
    """
    from engine import DeploymentRejected
    from web.cli.opening import opened
    from workflows.install import deploy_definitions

    with opened() as engine:
        if not files:
            if note or version_tag:
                raise click.UsageError("Expected FILES with --note or --version-tag, but there are none.")
            _tell(deploy_definitions(engine))
            return
        try:
            _tell([engine.deploy(files, note=note, version_tag=version_tag)])
        except DeploymentRejected as rejected:
            write_problems(rejected.problems)
            click.echo(f"Nothing was deployed: {len(rejected.problems)} problems.", err=True)
            ctx.exit(1)


def _tell(deployments: Sequence[Deployment]) -> None:
    for deployment in deployments:
        write_problems(deployment.warnings)
        for definition in deployment.definitions:
            is_new = definition.id in deployment.new_ids
            said = "deployed" if is_new else "unchanged, the same bytes are deployed already"
            say(f"{definition.key} version {definition.version}: {said}")
        for decision in deployment.decisions:
            is_new = decision.deployed_at == deployment.at
            said = "deployed" if is_new else "unchanged, the same bytes are deployed already"
            say(f"decision {decision.key} version {decision.version}: {said}")
