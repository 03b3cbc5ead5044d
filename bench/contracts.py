"""What a contract costs for each event: `python bench/contracts.py`.

For every template of the gallery the event of its first test: rendering alone, the contract's share (compiled, with
its hashed places), and the same schema by the library that `tagport check` could use for people's messages.
"""

from __future__ import annotations

import argparse
import sys
import time
import timeit
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from gallery import GALLERY, template  # noqa: E402

from container.encoding import encode, load  # noqa: E402
from container.language.expression import Context  # noqa: E402
from container.problems import Problems  # noqa: E402
from container.templates import Template, bind_values  # noqa: E402
from container.templates.runner import example  # noqa: E402
from container.workspace.conform import plain  # noqa: E402

Work = Callable[[], Any]


def micros(work: Work, seconds: float) -> float:
    """Microseconds of one call, the best of five rounds."""
    timer = timeit.Timer(work, timer=time.process_time)  # others may use the machine
    count = max(1, int(seconds / 5 / max(timer.timeit(1), 1e-7)))
    return min(timer.repeat(5, count)) / count * 1e6


def row(found: Template, seconds: float) -> tuple[float, float, float] | None:
    """Rendering, the contract, and the readable library's check of one event; None where there is no contract."""
    if found.contract is None:
        return None
    values, scope = example(found)
    binding = bind_values(found, values, Context(Problems()))
    assert binding is not None
    renderer, contract, raw = binding.renderer, found.contract, found.document.mapping.get("contract")
    ready = binding.rest.run(binding.aim(scope).scope, dict(binding.aim(scope).local))
    rendered = renderer.render(ready)
    schema: Mapping[str, Any] = load(encode(plain(raw))) if raw is not None else {}
    readable = jsonschema.Draft202012Validator(schema)
    wire = load(encode(rendered.content))
    floats = _floats(wire)
    return (
        micros(lambda: binding.aim(scope).render(), seconds) - micros(lambda: binding.check(rendered), seconds),
        micros(lambda: contract.check(rendered.content, rendered.part), seconds),
        micros(lambda: readable.is_valid(floats), seconds),
    )


def _floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _floats(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_floats(member) for member in value]
    return float(value) if value.__class__.__name__ == "Decimal" else value


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each number")
    seconds = parser.parse_args().seconds
    print(f"{'template':<32}{'render µs':>11}{'contract µs':>13}{'share':>8}{'jsonschema µs':>15}")
    for id in sorted(path.stem for path in GALLERY.glob("*.yaml")):
        found = row(template(id), seconds)
        if found is not None:
            render, contract, readable = found
            share = contract / (render + contract)
            print(f"{id:<32}{render:>11.1f}{contract:>13.1f}{share:>8.0%}{readable:>15.1f}")


if __name__ == "__main__":
    main()
