"""docs/switching.md shows what the verbs print for the files it shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

PAGE = Path("docs/switching.md").read_text()
FILES = re.findall(r"^```csv\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SHOWN = re.findall(r"^```console\n\$ tagport (\w+) (\S+) shop\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_page_shows_what_is_printed(tagport: Callable[..., Result], shop: Path) -> None:
    assert len(FILES) == len(SHOWN) == 2
    for text, (verb, name, shown) in zip(FILES, SHOWN, strict=True):
        (shop / name).write_text(text)
        output = tagport(verb, shop / name, shop).output.replace(str(shop / name), name)
        printed = [line.rstrip() for line in output.splitlines()]
        wanted = [line.rstrip() for line in shown.splitlines()]
        assert printed[: len(wanted)] == wanted
