"""A workspace with environments, loaded under one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from container.problems import Problems
from container.workspace import documents
from container.workspace.conform import plain

FILES = {
    "container.yaml": """\
container: shop
delivery: {give_up_after: 3d}
store: sqlite:data/shop.db
clients:
  ga4: {kind: ga4, name: GA4}
variables: {market: "{{ event.market }}"}
""",
    "clients/shopify.yaml": "kind: shopify\npath: /webhooks\n",
    "templates/meta.yaml": "params: {properties: {pixel_id: {}, test_code: {}}}\n",
    "templates/open.yaml": "params: {additionalProperties: true}\n",
    "templates/bare.yaml": "title: no parameters\n",
    "tags/meta.yaml": 'template: meta\nparams: {pixel_id: "1"}\nmode: live\n',
    "tags/open.yaml": "template: open\n",
    "tags/bare.yaml": "template: bare\n",
    "environments/staging.yaml": """\
container: shop-staging
delivery: {retry: false, give_up_after: 1h}
store:
clients:
  shopify: {path: /staging}
  api: {kind: json}
variables: {market: NO}
tags:
  all: {mode: shadow, params: {test_code: T1}}
  meta: {mode: paused, params: {pixel_id: "2"}}
""",
}


def load(folder: Path, environment: str | None = None, **files: str) -> tuple[documents.Workspace, Problems]:
    """The workspace, with these files over the others, and its problems."""
    for name, text in {**FILES, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    problems = Problems()
    return documents.load(folder, problems, None, environment), problems


def values(workspace: documents.Workspace, kind: str) -> dict[str, Any]:
    """What the documents of a kind say, by their ids."""
    return {document.id: plain(document.node) for document in workspace.of(kind)}
