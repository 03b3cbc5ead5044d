"""Templates and tags written in a test, compiled with every problem told."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent
from typing import Any

import pytest

from container.call import Envelope
from container.errors import Invalid
from container.language.expression import Context, Scope
from container.node import Mapping as MappingNode
from container.problems import Place, Problems
from container.tags import Tag
from container.tags import compile as compile_tag
from container.templates import Binding, Template, bind, compile
from container.templates.rendering import Rendered
from container.variables import Variable, compile_variables
from container.workspace import reader
from container.workspace.documents import Document

ENVIRONMENT = {"TOKEN": "t0ken", "OTHER": "0ther", "HOST": "https://eu.example.com", "ACCOUNT": "acc-1", "EMPTY": ""}
REQUEST = """
params:
  properties:
    account: {{type: string}}
    token: {{type: string, format: secret}}
    endpoint: {{type: string, format: url, default: https://api.example.com/}}
target: "{{{{ params.account }}}} {{{{ event.event_name }}}}"
request:
  url: "{{{{ params.endpoint }}}}/v1"
  {request}
{more}
"""
PARAMS = 'account: "1"\ntoken: "{{ secret.TOKEN }}"'


class Workbench:
    """One template, tags for it, and what is wrong with them."""

    def __init__(self, variables: str = "{}") -> None:
        self.problems = Problems()
        self.variables = self._variables(variables)

    @property
    def context(self) -> Context:
        return Context(self.problems, ENVIRONMENT, variables=frozenset(self.variables))

    @property
    def codes(self) -> list[str]:
        return [problem.code for problem in self.problems]

    @property
    def places(self) -> list[tuple[str, str, int]]:
        return [(problem.code, problem.file, problem.line) for problem in self.problems]

    def node(self, text: str, name: str) -> MappingNode:
        node = reader.read_text(dedent(text), name, self.problems)
        assert isinstance(node, MappingNode), [problem.message for problem in self.problems]
        return node

    def _variables(self, text: str) -> Mapping[str, Variable]:
        node = self.node(text, "variables.yaml")
        documents = {id: Document("variables", id, member, member.place) for id, member in node}
        known = Context(self.problems, ENVIRONMENT, variables=frozenset(documents))
        return compile_variables(documents, known) if documents else {}

    def template(self, text: str, id: str = "own") -> Template:
        node = self.node(text, f"templates/{id}.yaml")
        found = compile(Document("templates", id, node, Place(f"templates/{id}.yaml")), self.context)
        assert found is not None, [problem.message for problem in self.problems]
        return found

    def binding(self, template: str, params: str = "{}", raw: bool = False) -> Binding | None:
        found = self.template(template)
        node = self.node(params, "tags/tag.yaml")
        return bind(found, node.members, Place("tags/tag.yaml"), self.context, self.variables, raw)

    def tag(self, text: str, templates: Mapping[str, Template], id: str = "tag", **options: Any) -> Tag | None:
        document = Document("tags", id, self.node(text, f"tags/{id}.yaml"), Place(f"tags/{id}.yaml"))
        return compile_tag(document, templates, self.context, self.variables, **options)


def event_scope(**event: Any) -> Scope:
    """The scope of an event at 2026-11-23T10:00:00Z."""
    return Scope(event={"event_name": "purchase", "timestamp": 1795428000, **event}, now=1795428000.0, record="r")


def rendered(request: str, more: str = "", params: str = PARAMS, **event: Any) -> Rendered:
    """What a call with this `request:` is; `more`: other keys of the template."""
    bench = Workbench()
    binding = bench.binding(REQUEST.format(request=request, more=more), params)
    assert binding is not None and bench.codes == [], bench.codes
    return binding.aim(event_scope(**event)).render()[0]


def envelope(request: str, more: str = "", params: str = PARAMS, **event: Any) -> Envelope:
    return rendered(request, more, params, **event).envelope


def refused(request: str, more: str = "", params: str = PARAMS, **event: Any) -> str:
    """Why there is no such call: where, and the rule."""
    with pytest.raises(Invalid) as caught:
        rendered(request, more, params, **event)
    return str(caught.value)
