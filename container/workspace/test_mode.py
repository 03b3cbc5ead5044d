"""`test_mode: true` of an environment: live tags reach their vendors' test modes only.

What that is says the template under `online:`: parameters that ask for it are forced on the tag, and those without
which the vendor would count the event (a test code) have to be there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from container.node import Mapping, Node, Scalar, Sequence
from container.problems import Place, Problems
from container.workspace.conform import empty
from container.workspace.model import Document, Workspace

Merge = Callable[[Node, Node], Node]


def force(workspace: Workspace, place: Place, merged: Merge, problems: Problems) -> None:
    """Change every live tag of the workspace. `place`: where `test_mode` is written."""
    for tag in workspace.of("tags"):
        mode = tag.mapping.get("mode")
        if isinstance(mode, Scalar) and mode.text not in ("", "live"):
            continue
        named = tag.mapping.get("template")
        template = workspace.documents["templates"].get(getattr(named, "text", ""))
        if template is not None:
            workspace.documents["tags"][tag.id] = _forced(tag, template, place, merged, problems)


def _forced(tag: Document, template: Document, place: Place, merged: Merge, problems: Problems) -> Document:
    online = template.mapping.get("online")
    if not isinstance(online, Mapping):
        message = f"tag `{tag.id}` is live, and `{template.id}` knows no test mode of its vendor"
        hint = f"write `{tag.id}: {{mode: shadow}}` under `tags:` of this environment"
        problems.error("no-test-mode", message, place, hint)
        return tag
    for name in _needs(online):
        if not all(_has(params, name) for params in _params(tag)):
            message = f"tag `{tag.id}` is live and has no `{name}`: its events would be counted"
            hint = f"write `all: {{params: {{{name}: …}}}}` under `tags:` of this environment"
            problems.error("no-test-code", message, place, hint)
    params = online.get("params")
    return replace(tag, written=_with(tag.mapping, params, merged)) if isinstance(params, Mapping) else tag


def _needs(online: Mapping) -> Iterator[str]:
    needs = online.get("needs")
    for item in needs.items if isinstance(needs, Sequence) else ():
        if isinstance(item, Scalar):
            yield item.text


def _params(tag: Document) -> list[list[Mapping]]:
    """What each call of the tag takes its parameters from."""
    own = tag.mapping.get("params")
    shared = [own] if isinstance(own, Mapping) else []
    destinations = tag.mapping.get("destinations")
    if not isinstance(destinations, Mapping) or not destinations.members:
        return [shared]
    return [[node, *shared] for _, node in destinations if isinstance(node, Mapping)]


def _has(params: list[Mapping], name: str) -> bool:
    return any(name in one.members and not empty(one.members[name]) for one in params)


def _with(node: Mapping, params: Mapping, merged: Merge) -> Node:
    """The tag with these parameters, in every destination too."""
    over = Mapping(params.place, {"params": params}, {"params": _key("params", params)})
    destinations = node.get("destinations")
    if isinstance(destinations, Mapping):
        told = {id: merged(one, params) for id, one in destinations}
        found = Mapping(destinations.place, told, dict(destinations.keys))
        over.members["destinations"], over.keys["destinations"] = found, _key("destinations", destinations)
    return merged(node, over)


def _key(name: str, node: Node) -> Scalar:
    return Scalar(node.place, name)
