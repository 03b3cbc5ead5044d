"""The documentation is part of the product: its examples load, its links lead somewhere, its words are the code's."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import ENVIRONMENT, tagport

from container.build import SCHEMAS, build
from container.cli.routes import run
from container.decision import DECISIONS
from container.problems import Problems
from container.variables import BUILT_IN
from container.workspace.documents import load

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLE = re.compile(r"^```yaml file=(\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SECRETS = [path.read_text() for path in (ROOT / "starters").glob("*/.env.example")]
SECRETS += [name + "=" for page in PAGES for name in re.findall(r"secret\.([A-Z_]+)", page.read_text())]
ENVIRON = {**dict.fromkeys(re.findall(r"^([A-Z0-9_]+)=$", "\n".join(SECRETS), re.MULTILINE), "x"), **ENVIRONMENT}
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")
CODE = re.compile(r"""problems\.(?:error|warning)\(\s*"([a-z0-9-]+)\"""")
PAGE_OF_KIND = {
    "container": "workspace.md",
    "environments": "workspace.md",
    "conversions": "conversions.md",
    "triggers": "triggers.md",
    "tags": "tags.md",
    "templates": "templates.md",
    "transformations": "transformations.md",
}


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def examples(page: Path) -> Iterator[tuple[str, str]]:
    yield from EXAMPLE.findall(page.read_text())


@pytest.mark.parametrize("page", [page for page in PAGES if EXAMPLE.search(page.read_text())], ids=name)
def test_the_examples_of_a_page_load(page: Path, tmp_path: Path) -> None:
    """All files of a page are one workspace; where it shows no container.yaml, they stand beside the starter's."""
    shown = {path for path, _ in examples(page)}
    for part in () if "container.yaml" in shown else ("container.yaml", "triggers", "tags"):
        source = ROOT / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / part)
    for path, text in examples(page):
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    problems = Problems()
    assert build(tmp_path, problems, environ=ENVIRON) is not None, list(problems)
    for document in load(tmp_path, problems, None).of("tests"):
        assert run(tmp_path, document, ENVIRON).problems == []


def test_enough_pages_show_examples() -> None:
    assert sum(1 for page in PAGES for _ in examples(page)) >= 8


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), f"{name(page)} links to {target}"


def test_the_readme_names_every_page() -> None:
    readme = (ROOT / "README.md").read_text()
    missing = [name(page) for page in PAGES[1:] if name(page) not in readme]
    assert missing == []


def test_the_cases_of_the_field_are_route_tests() -> None:
    page = (ROOT / "docs" / "cases.md").read_text()
    named = {one for part in re.findall(r"\*\* \((.*?)\)", page, re.DOTALL) for one in re.findall(r"`(\w+)`", part)}
    assert len(named) > 30
    assert [one for one in sorted(named) if not (ROOT / "tests" / "routes" / f"{one}.yaml").exists()] == []


@pytest.mark.parametrize("kind", sorted(PAGE_OF_KIND))
def test_every_key_of_a_kind_is_on_its_page(kind: str) -> None:
    page = (ROOT / "docs" / PAGE_OF_KIND[kind]).read_text()
    keys = SCHEMAS[kind]["properties"]
    assert [key for key in keys if not re.search(rf"\b{re.escape(key)}\b", page)] == []


def test_every_code_of_a_problem_is_explained() -> None:
    codes = {code for path in (ROOT / "container").rglob("*.py") for code in CODE.findall(path.read_text())}
    pages = "\n".join(page.read_text() for page in PAGES)
    assert len(codes) > 60
    assert [code for code in sorted(codes) if f"`{code}`" not in pages] == []


def test_the_words_of_decisions_and_variables_are_the_codes() -> None:
    records = (ROOT / "docs" / "records.md").read_text()
    assert [word for word in DECISIONS if f"| `{word}` |" not in records] == []
    variables = (ROOT / "docs" / "variables.md").read_text()
    assert [id for id in BUILT_IN if f"`{id}`" not in variables] == []


def test_the_first_screen_of_the_readme_sells_and_shows() -> None:
    screen = "\n".join((ROOT / "README.md").read_text().splitlines()[:50])
    files = ("container.yaml", "triggers/purchase.yaml", "tags/meta_purchase.yaml")
    for wanted in ("scripts/demo", "scripts/test", *files):
        assert wanted in screen


def test_the_readmes_problem_is_told_as_it_says(tmp_path: Path) -> None:
    for path, text in examples(ROOT / "README.md"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text.replace("triggers: [purchase]", "triggers: [purchse]"))
    told = tagport("check", tmp_path).stdout.split("\n\n")[0].rstrip()
    assert told in (ROOT / "README.md").read_text()
