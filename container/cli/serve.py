"""`tagport serve`: the container, running."""

from __future__ import annotations

from pathlib import Path

import click

from container.cli.common import PORT, CannotRun, environment_option, folder_argument


@click.command("serve")
@folder_argument
@click.option("--host", default="0.0.0.0", show_default=True, help="Address of the public port.")
@click.option("--port", default=8080, type=PORT, show_default=True, help="The public port; 0 takes a free one.")
@click.option("--admin-host", default="127.0.0.1", show_default=True, help="Address of the admin port.")
@click.option("--admin-port", default=8081, type=PORT, show_default=True, help="The admin port; 0 takes a free one.")
@environment_option
@click.option("--vendors", metavar="URL", help="Send every vendor call to URL instead (staging, tests).")
@click.option("--ephemeral", is_flag=True, help="Keep everything in memory: nothing survives the process.")
@click.option(
    "--forwarded-ips",
    metavar="IPS",
    help="In place of container.yaml's `proxies:`: addresses and networks with commas between, or *.",
)
@click.option("--grace", default=10.0, show_default=True, metavar="SECONDS", help="How long a stop waits for work.")
def command(
    folder: Path,
    host: str,
    port: int,
    admin_host: str,
    admin_port: int,
    environment: str | None,
    vendors: str | None,
    ephemeral: bool,
    forwarded_ips: str | None,
    grace: float,
) -> None:
    """Run the container in DIR until SIGTERM or Ctrl-C; files that change meanwhile count at once.

    Requests are taken on the public port. The admin port has the pages, metrics and failures, and no password: keep it
    to yourself.
    """
    from container.cli.logs import to_stderr
    from container.cli.serving import Options, serve
    from container.visitors.peers import Peers

    to_stderr()
    if vendors is not None and not vendors.startswith(("http://", "https://")):
        raise CannotRun(f"--vendors: `{vendors}` is no URL; write one as in http://127.0.0.1:9000")
    try:
        peers = None if forwarded_ips is None else Peers(forwarded_ips.split(","))
    except ValueError as error:
        raise CannotRun(f"--forwarded-ips: {error}") from error
    serve(
        Options(
            folder=folder,
            host=host,
            port=port,
            admin_host=admin_host,
            admin_port=admin_port,
            environment=environment,
            vendors=vendors,
            ephemeral=ephemeral,
            peers=peers,
            grace=grace,
        )
    )
