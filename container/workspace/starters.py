"""`init --from NAME`: what the starter of one source lays over the general one. A source is who sends: a tag, a shop.

`starters/NAME/clients.yaml` begins with a comment that says what it is, and takes the place of the `clients:` in
container.yaml; the other files beside it (`tests/routes/…`, `transformations/…`) are added as they are. Its
`.env.example` has the secrets it needs, those nobody reads any more are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

CLIENTS = "clients.yaml"
SECRETS = ".env.example"
CONTAINER = "container.yaml"
BROWSERS = {"ga4", "data_tag", "universal_analytics", "browser_tag", "snowplow"}  # kinds whose events are browsers'

_SECTION = re.compile(r"^clients:\n(.*?)(?=^# ---|\Z)", re.MULTILINE | re.DOTALL)
# A tag that waits for the browser's and the server's copy waits in vain where only one of them comes.
_WAIT = re.compile(r"(?:^#.*\n)*^wait:.*\n", re.MULTILINE)
_KIND = re.compile(r"\bkind: *(\w+)")
_READ = re.compile(r"\b(?:secret|env)\.([A-Za-z0-9_]+)")
_NAMED = re.compile(r"^([A-Za-z0-9_]+)=", re.MULTILINE)


def known(folder: Path) -> dict[str, str]:
    """Every starter in `folder`, and what it is."""
    found = sorted(folder.glob(f"*/{CLIENTS}"))
    return {path.parent.name: path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ") for path in found}


def laid_over(files: Mapping[str, str], folder: Path, names: Sequence[str]) -> dict[str, str]:
    """The files of the general starter, by their paths, with those sources instead of its own."""
    if not names:
        return dict(files)
    found = dict(files)
    parts = [dict(_files(folder / name)) for name in names]
    sections = [_SECTION.search(part.pop(CLIENTS)) for part in parts]
    clients = "\n".join(section[1].strip("\n") for section in sections if section)
    secrets = [found.pop(SECRETS), *(part.pop(SECRETS) for part in parts if SECRETS in part)]
    for part in parts:
        found |= part
    kinds = set(_KIND.findall(clients))
    if kinds <= BROWSERS or kinds.isdisjoint(BROWSERS):
        found = {path: _WAIT.sub("", text) if path.startswith("tags/") else text for path, text in found.items()}
    found[CONTAINER] = _SECTION.sub(lambda _: f"clients:\n{clients}\n\n", found[CONTAINER])
    found[SECRETS] = _read_secrets("\n".join(secrets), found)
    return found


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8")


def _read_secrets(text: str, files: Mapping[str, str]) -> str:
    """The paragraphs of `.env.example` that hold a name which some file reads, and those without any name."""
    read = {name for file in files.values() for name in _READ.findall(file)}
    paragraphs = [part.strip("\n") for part in re.split(r"\n{2,}", text)]
    kept = dict.fromkeys(part for part in paragraphs if part and _is_kept(part, read))
    return "\n\n".join(kept) + "\n"


def _is_kept(paragraph: str, read: set[str]) -> bool:
    names = set(_NAMED.findall(paragraph))
    return not names or not names.isdisjoint(read)
