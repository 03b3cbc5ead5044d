"""The serving process: two ports, the delivery workers, the store, and how they start and stop together."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import uvloop

from container.admin.metrics import Metrics
from container.build import in_memory, on_disk
from container.cli.caring import Care
from container.cli.common import CannotRun, built
from container.cli.listening import Server, listening, server, url
from container.cli.reloading import Workspace, watch
from container.errors import MissingSecret
from container.ledger.interface import Writing
from container.ledger.sqlite import SqliteStore
from container.pipeline import Container
from container.server.app import Public, Readiness
from container.server.body import Bodies
from container.server.unclaimed import Unclaimed
from container.visitors.peers import Peers

if TYPE_CHECKING:
    from container.delivery import Delivery

log = logging.getLogger("tagport.serve")

SWITCH = 0.0005  # seconds until the thread that has committed may go on while the loop is busy


@dataclass(frozen=True, slots=True)
class Options:
    """What `tagport serve` was told. `grace` in seconds."""

    folder: Path
    host: str = "127.0.0.1"
    port: int = 0
    admin_host: str = "127.0.0.1"
    admin_port: int = 0
    environment: str | None = None
    vendors: str | None = None
    ephemeral: bool = False
    peers: Peers | None = None  # in place of the workspace's
    grace: float = 10.0
    deliver: bool = True  # False: only the outbox is filled, for another process to send


def serve(options: Options) -> None:
    """Run until told to stop. Raises `CannotRun`; a workspace with errors ends the process with exit code 2."""
    workspace = Workspace(options.folder, options.environment, in_memory if options.ephemeral else on_disk)
    container = built(options.folder, options.environment, workspace.ledger)
    try:
        with (
            listening(options.host, options.port) as public,
            listening(options.admin_host, options.admin_port) as admin,
        ):
            uvloop.run(Process(container, workspace, options).run(public, admin))
    except ExceptionGroup as group:
        if refused := group.subgroup(CannotRun):
            raise refused.exceptions[0] from None
        raise
    finally:
        container.store.close()


class Process:
    """Everything that runs together."""

    def __init__(self, container: Container, workspace: Workspace, options: Options) -> None:
        self._container = container
        self._workspace = workspace
        self._options = options
        self._info = {"container": container.id, "config": container.version}
        self._preparing: asyncio.Task[None] | None = None
        self._metrics = Metrics()
        self._care = Care(lambda: self._container, self._metrics)
        self._ready = Readiness(lambda: container.store.write(_sign_of_life))
        self._stopping = asyncio.Event()

    async def run(self, public: socket.socket, admin: socket.socket) -> None:
        """Both ports, until a signal; then no new request, the running ones answered, delivery wound up."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stopping.set)
        sys.setswitchinterval(SWITCH)
        app = self._public()
        door = server(app, self._options.grace)
        async with asyncio.TaskGroup() as group:
            taking = group.create_task(door.serve([public]))
            await door.up.wait()
            delivery, office = await asyncio.to_thread(self._rest)  # events are taken meanwhile, and wait on disk
            if self._options.deliver:
                await self._deliver(delivery)
            group.create_task(office.serve([admin]))
            await office.up.wait()
            click.echo(_welcome(self._container.id, self._options, public, admin))
            care = group.create_task(self._care.run())
            watching = group.create_task(watch(self._workspace, partial(self._turn, app, delivery)))
            await self._stopping.wait()
            log.info("stopping: running requests are answered, calls under way are waited for")
            door.should_exit = True
            await taking
            care.cancel()
            watching.cancel()
            if self._options.deliver:
                await delivery.stop(self._options.grace)
            office.should_exit = True
            log.info("stopped")
        await app.close()

    def _rest(self) -> tuple[Delivery, Server]:
        """Delivery and the admin port, which nobody who sends events waits for."""
        delivery = _delivery(lambda: self._container, self._options, self._metrics)
        return delivery, server(self._admin(delivery), self._options.grace)

    async def _deliver(self, delivery: Delivery) -> None:
        """Send what waits, and from now on what comes."""
        try:
            await delivery.start()
        except OSError as error:
            raise CannotRun(f"nothing can be written beside the store: {error.strerror}: {error.filename}") from error
        self._container.hand_over = delivery.hand_over

    def _turn(self, app: Public, delivery: Delivery, container: Container | None) -> None:
        """What the changed workspace came to counts from now on; with errors in it, what counted before goes on."""
        self._metrics.stale = container is None
        if container is None:
            log.error("the changed workspace has errors: the configuration %s goes on", self._container.version)
            return
        container.hand_over = self._container.hand_over
        self._container = container
        self._info.update(container=container.id, config=container.version)
        app.turn_to(container, _unclaimed(container), Bodies(container.body_limit))
        delivery.give_up_after(container.give_up_after)
        log.info("the changed workspace counts: configuration %s", container.version)
        self._preparing = asyncio.get_running_loop().create_task(self._settle(delivery))

    async def _settle(self, delivery: Delivery) -> None:
        """After a change: secrets may be others now, and what was built before is no longer needed."""
        for account in delivery.stopped_accounts():
            await delivery.resume(account)
        gc.unfreeze()
        gc.collect()
        await self._care.prepare()

    def _public(self) -> Public:
        container = self._container
        return Public(
            container,
            self._metrics,
            self._ready,
            keep_unclaimed=_unclaimed(container),
            bodies=Bodies(container.body_limit),
            peers=self._options.peers,
        )

    def _admin(self, delivery: Delivery) -> Any:
        from container.admin.app import Admin, create

        store = self._container.store
        admin = Admin(store, self._metrics, self._info, self._ready, delivery.resume, self._advise)
        return create(admin, self._options.admin_host)

    def _advise(self, template: str, reason: str) -> str:
        found = self._container.templates.get(template)
        return found.advice.of(reason) if found is not None else ""


def _sign_of_life(writing: Writing) -> None:
    """Whether the store takes writes: an empty transaction would succeed on a full disk."""
    writing.set_meta("ready", str(time.time()))


def _unclaimed(container: Container) -> Unclaimed:
    return Unclaimed(container.store, container.id, container.version, time.time)


def _delivery(current: Callable[[], Container], options: Options, metrics: Metrics) -> Delivery:
    """`current`: the container whose templates and secrets count at that moment."""
    from container.delivery import Delivery

    store = current().store

    def rules(template: str) -> Any:
        found = current().templates.get(template)
        return found.rules if found else None

    def reveal(name: str) -> str:
        try:
            return current().environment[name]
        except KeyError:
            raise MissingSecret(name) from None

    return Delivery(
        store,
        rules,
        reveal,
        database=store.path if isinstance(store, SqliteStore) else None,
        vendors=options.vendors,
        give_up_after=current().give_up_after,
        counts=metrics,
    )


def _welcome(id: str, options: Options, public: socket.socket, admin: socket.socket) -> str:
    return (
        f"tagport: container {id} listens on {url(options.host, public)}, "
        f"admin on {url(options.admin_host, admin)}"
        + (f"; vendor calls go to {options.vendors}" if options.vendors else "")
    )
