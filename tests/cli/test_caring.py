"""The process's care for what waits and what is past its time, with a store that does not go along."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from processes import ENVIRONMENT

from container.admin.metrics import Metrics
from container.build import build, in_memory
from container.cli import caring
from container.cli.caring import NO_CONSENT, UNMET
from container.cli.listening import listening
from container.cli.reloading import Workspace
from container.cli.serving import Options, Process
from container.errors import NotStored
from container.pipeline import Container
from container.problems import Problems

Step = Callable[[float], Awaitable[int]]


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Rounds that follow each other at once; afterwards this process is as it was."""
    monkeypatch.setattr(caring, "CARE_EVERY", 0.001)
    monkeypatch.setattr(caring, "FORGET_PAUSE", 0.0)
    threshold, interval = gc.get_threshold(), sys.getswitchinterval()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)
    sys.setswitchinterval(interval)


@pytest.fixture
def container(fresh_shop: Path) -> Container:
    found = build(fresh_shop, Problems(), environ=ENVIRONMENT, ledger=in_memory)
    assert found is not None
    return found


async def run(container: Container, folder: Path, over: asyncio.Event) -> None:
    """The process, until `over`; it is told to stop as an operator does it."""
    options = Options(folder, deliver=False)
    with listening("127.0.0.1", 0) as public, listening("127.0.0.1", 0) as admin:
        process = Process(container, Workspace(folder, None, in_memory), options)
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            group.create_task(process.run(public, admin))
            await over.wait()
            os.kill(os.getpid(), signal.SIGTERM)


def forgetting(container: Container, monkeypatch: pytest.MonkeyPatch, step: Callable[[int], int]) -> asyncio.Event:
    """Each step of forgetting, by its number, as `step` has it; set when it has no more to say."""
    over, steps = asyncio.Event(), iter(range(10**9))

    async def expire(now: float) -> int:
        number = next(steps)
        try:
            return step(number)
        except StopIteration:
            over.set()
            return 0

    monkeypatch.setattr(container.store, "expire", expire)
    return over


async def test_a_store_that_takes_nothing_is_told_once_and_tried_again(
    container: Container, fresh_shop: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def step(number: int) -> int:
        if number == 5:
            raise StopIteration
        raise NotStored("the disk is full")

    await run(container, fresh_shop, forgetting(container, monkeypatch, step))
    said = [record.message for record in caplog.records if record.name == "tagport.serve"]
    assert said.count("waits and what is past its time are not looked after: the disk is full") == 1


async def test_faults_are_told_each_once_and_the_next_round_goes_on(
    container: Container, fresh_shop: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def step(number: int) -> int:
        if number == 5:
            raise StopIteration
        raise (ZeroDivisionError, LookupError)[number % 2]

    await run(container, fresh_shop, forgetting(container, monkeypatch, step))
    told = [record.exc_info for record in caplog.records if "looking after the store failed" in record.message]
    assert [info and info[0] for info in told] == [ZeroDivisionError, LookupError]


async def test_after_busy_hours_a_round_forgets_in_several_steps_but_not_without_end(
    container: Container, fresh_shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: list[int] = []

    async def wake(now: float) -> list[object]:
        rounds.append(0)
        return []

    def step(number: int) -> int:
        rounds[-1] += 1
        if len(rounds) == 3:
            raise StopIteration
        return caring.FORGET_MORE if len(rounds) == 1 or rounds[-1] < 3 else 0

    monkeypatch.setattr(container, "wake", wake, raising=True)
    await run(container, fresh_shop, forgetting(container, monkeypatch, step))
    assert rounds[:3] == [caring.FORGET_STEPS, 3, 1]


async def test_what_an_operator_should_hear_of_is_said_once(
    container: Container, fresh_shop: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def step(number: int) -> int:
        if number == 5:
            raise StopIteration
        return 0

    monkeypatch.setattr(Metrics, "silent", True)
    monkeypatch.setattr(Metrics, "unmet", ["purchase"])
    await run(container, fresh_shop, forgetting(container, monkeypatch, step))
    said = [record.message for record in caplog.records if record.name == "tagport.serve"]
    assert (said.count(NO_CONSENT), said.count(UNMET % "purchase")) == (1, 1)
