"""Nothing lost, nothing told twice, at full size: bench/crash.py [--kills 400] [--orders 4000] [--histories 1000]

What the tests show in a minute, for long: random histories against the plain model; four `tagport serve` on one store,
each order told three times to whichever; a server killed hundreds of times, at a step of its own or from outside, alone
and beside another on the same store. Every order is held against what the vendor double got.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS / "support"), str(TESTS / "dedup"), str(TESTS.parent)]

from crashes import Outcome, crash, together  # noqa: E402
from hypothesis import settings  # noqa: E402
from hypothesis.stateful import run_state_machine_as_test  # noqa: E402
from test_model import History, TestHistory  # noqa: E402

PROCESSES = 4
STEPS = 50  # of a history


def histories(count: int) -> str:
    """Random histories of copies, waits, outcomes, restarts and clocks, over both ledgers and the model."""
    longer = settings(TestHistory.settings, max_examples=count, stateful_step_count=STEPS, database=None)
    run_state_machine_as_test(History, settings=longer)
    return f"{count:,} histories of {STEPS} steps: both ledgers say what the model says"


def trial(name: str, run: Callable[[Path], Outcome]) -> bool:
    """One run in a folder of its own, told in a few lines; whether nothing was lost or told twice."""
    folder = Path(tempfile.mkdtemp(prefix="tagport-crash-"))
    try:
        began = time.perf_counter()
        outcome = run(folder)
        took = time.perf_counter() - began
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    found = outcome.reckoning
    good = found.clean and not outcome.strange
    print(
        f"{'ok  ' if good else 'MISS'} {name}: {outcome.orders:,} orders, {outcome.copies:,} copies answered, "
        f"{outcome.calls:,} vendor requests, {took:.0f} s\n"
        f"     lost {len(found.lost)}, told twice {len(found.doubled)}, under two ids {len(found.renamed)}; recorded: "
        f"told again where the vendor drops a second {found.repeated}, unknown {found.unknown}",
        flush=True,
    )
    for what in (*wrong(outcome),):
        print(f"     {what}")
    return good


def wrong(outcome: Outcome) -> Iterator[str]:
    """Everything that should not be, a few of each."""
    found = outcome.reckoning
    for name in ("lost", "doubled", "renamed"):
        yield from (f"{name}: {vendor} {order}" for vendor, order in sorted(getattr(found, name))[:10])
    yield from found.failed[:10]
    yield from (f"{count} answers {status}" for status, count in outcome.strange.items())


def main() -> None:
    """The whole run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=400, help="of a server, alone; a quarter as many beside another")
    parser.add_argument("--orders", type=int, default=4000, help="told to four servers on one store")
    parser.add_argument("--histories", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"ok   {histories(options.histories)}", flush=True)
    seed, kills = options.seed, options.kills
    reached = [
        trial("four servers, one store", lambda folder: together(folder, PROCESSES, options.orders, seed)),
        trial(f"killed {kills} times", lambda folder: crash(folder, kills, seed)),
        trial(f"killed {kills // 4} times beside another", lambda folder: crash(folder, kills // 4, seed, beside=True)),
    ]
    sys.exit(0 if all(reached) else 1)


if __name__ == "__main__":
    main()
