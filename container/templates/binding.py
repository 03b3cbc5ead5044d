"""A template with the parameters of one tag: what renders its requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from container.call import Parts
from container.encoding import whole
from container.errors import Invalid
from container.language.expression import Context, Scope, as_text, present
from container.language.shape import ABSENT
from container.node import Node
from container.problems import Place, Problems
from container.templates.leaks import check_emails, looks_like_email
from container.templates.names import Step, read_by, step
from container.templates.params import Values, Variable, give
from container.templates.personal import Names
from container.templates.rendering import Rendered, Renderer
from container.templates.template import Template
from container.templates.url import Url, compile_url


@dataclass(frozen=True)
class Binding:
    """What a tag sends. Rendering begins with the target; the rest is worked out only where the call may fire."""

    template: Template
    values: Values
    url: Url
    raw: bool = False  # `personal_data: raw`

    def aim(self, scope: Scope) -> Aimed:
        """The target of the call in this scope. Raises `Invalid` where it, or a required parameter, is absent."""
        local: dict[str, Any] = {**scope.local, "params": dict(self.values.constants)}
        inner = self._first.run(scope, local)
        for name in self._uncertain:
            if not present(local["params"].get(name)):
                raise Invalid(f"params.{name}", f"the parameter `{name}` is required, and it is absent")
        target = self.template.target.render(inner)
        text = as_text(target) if target is not ABSENT else None
        if not text:
            raise Invalid("target", f"the target is absent: {self._absent(inner)}")
        return Aimed(self, inner, local, f"{self.url.host} {' '.join(whole(text).split())}")

    def _absent(self, scope: Scope) -> str:
        """What the target is made of and has no value here, and what would have given it one."""
        lets = self.template.lets
        names = [one.text for one in self.template.target.expressions() if not present(one.evaluate(scope))]
        found = []
        for name in names:
            read = [str(path) for one in lets[name].expressions() for path in one.reads()] if name in lets else []
            found.append(f"`{name}` has no value" + (f" (it reads {', '.join(read)})" if read else ""))
        return "; ".join(found) or "nothing it is made of has a value"

    def prepare(self) -> None:
        """Work out now what the first call would work out: some milliseconds."""
        _ = [shape.render for shape in (self.template.target, self.template.retry_ambiguous)]
        _ = [self._uncertain, self._first, self.rest, self.renderer]

    def with_params(self, given: Mapping[str, Any]) -> Binding:
        """The same with these values for some parameters, whatever the tag gives for them."""
        shapes = {name: shape for name, shape in self.values.shapes.items() if name not in given}
        values = Values({**self.values.constants, **given}, shapes)
        url = compile_url(self.template.request.url, self.template.params, values, Problems())
        return Binding(self.template, values, url or self.url, self.raw)

    @cached_property
    def renderer(self) -> Renderer:
        """What makes the requests."""
        return Renderer(self.template.request, self.url, self.template.join, self.values)

    @cached_property
    def _required(self) -> tuple[str, ...]:
        params = self.template.params.values()
        return tuple(parameter.name for parameter in params if parameter.required)

    @cached_property
    def _uncertain(self) -> tuple[str, ...]:
        """The required parameters that may be absent."""
        return tuple(name for name in self._required if not present(self.values.constants.get(name)))

    @cached_property
    def _first(self) -> Step:
        params, lets = read_by(self.template.target.expressions(), self.template.lets)
        return self._step((params | set(self._required), lets), (frozenset(), frozenset()))

    @cached_property
    def rest(self) -> Step:
        """What the request needs and the target did not."""
        template = self.template
        shapes = [shape for _, _, shape in template.request.shapes()]
        expressions = [found for shape in (*shapes, template.retry_ambiguous) for found in shape.expressions()]
        done = read_by(template.target.expressions(), template.lets)
        return self._step(read_by(expressions, template.lets), (done[0] | set(self._required), done[1]))

    def _step(self, names: tuple[frozenset[str], frozenset[str]], done: tuple[frozenset[str], frozenset[str]]) -> Step:
        template = self.template
        return step(names, done, template.order, template.lets, template.params, self.values)

    def check(self, rendered: Rendered) -> None:
        """Raises `Invalid` where the vendor would refuse the request, or it holds what may not leave."""
        contract = self.template.contract
        if contract is not None:
            contract.check(rendered.content, rendered.part, self.raw)
        if not self.raw:
            _check_emails(rendered)


def _check_emails(rendered: Rendered) -> None:
    stored, item = rendered.stored, rendered.item
    if not (b"@" in item or b"%" in item or b"@" in stored or b"%" in stored):
        return
    if rendered.part != "query":  # which stands in the URL
        check_emails(rendered.content, rendered.part)
    _refuse_email("url", rendered.envelope.url)
    for name, parts in rendered.envelope.headers:
        _refuse_email(f"headers.{name}", parts)


def _refuse_email(at: str, parts: Parts) -> None:
    if looks_like_email("".join(map(str, parts))):
        raise Invalid(at, "this holds an e-mail address, which may only be sent hashed")


@dataclass(slots=True)
class Aimed:
    """A call whose target is known."""

    binding: Binding
    scope: Scope
    local: dict[str, Any]
    target: str

    def render(self) -> tuple[Rendered, bool]:
        """The request, checked, and whether it may be sent again when no answer came. Raises `Invalid`."""
        binding, template = self.binding, self.binding.template
        scope = binding.rest.run(self.scope, self.local)
        rendered = binding.renderer.render(scope)
        binding.check(rendered)
        again = template.retry_ambiguous.render(scope)
        return rendered, again is not ABSENT and bool(again)


def bind(
    template: Template,
    params: Mapping[str, Node],
    place: Place,
    context: Context,
    variables: Mapping[str, Variable],
    raw: bool = False,
) -> Binding | None:
    """The template with a tag's parameters, every proof made; problems go to the context. None: no host is known."""
    values = give(template.params, params, place, context, variables)
    url = compile_url(template.request.url, template.params, values, context.problems)
    trees = {name: (*variable.shapes, *_asked(variable)) for name, variable in variables.items()}
    names = Names(template.lets, values.shapes, trees)
    template.prove(names, raw, context.problems)
    return Binding(template, values, url, raw) if url is not None else None


def bind_values(template: Template, values: Mapping[str, Any], context: Context) -> Binding | None:
    """The template with parameters that are values: for its own tests and for `tagport render`."""
    known = {name: parameter.default for name, parameter in template.params.items() if parameter.default is not None}
    for name, value in values.items():
        parameter = template.params.get(name)
        read = parameter.read(value) if parameter is not None else None
        if parameter is None or read is None:
            wants = f"takes {parameter.wants}" if parameter else "is no parameter of the template"
            raise Invalid(f"params.{name}", f"`{name}` {wants}")
        known[name] = read
    given = Values(known, {})
    url = compile_url(template.request.url, template.params, given, context.problems)
    return Binding(template, given, url) if url is not None else None


def _asked(variable: Variable) -> list[Any]:
    return [expression for condition in variable.asks for expression in condition.expressions()]
