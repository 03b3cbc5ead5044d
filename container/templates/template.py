"""A template, compiled: everything of it that does not depend on the tag that uses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import container.templates.contract as contracts
import container.templates.proofs as proofs
import container.templates.response as response
from container.call import Rate
from container.event import NEEDS
from container.language.expression import Context, Expression
from container.language.shape import Leaf, ListShape, LiteralShape, MappingShape, Shape, compile_shape, compile_text
from container.node import Mapping as MappingNode
from container.node import Node, Scalar, Text
from container.problems import Problems, did_you_mean
from container.templates.advice import NO_ADVICE, Advice, advice_of
from container.templates.age import compile_age
from container.templates.contract import Contract
from container.templates.names import in_order
from container.templates.params import Parameter, compile_parameters
from container.templates.personal import Names
from container.templates.request import Request, compile_request
from container.templates.response import DeliveryRules
from container.templates.schema import SCHEMA
from container.templates.url import compile_url
from container.workspace.conform import conform, plain
from container.workspace.documents import Document

ROOTS = frozenset(("event", "request", "var", "conversion", "consent", "container", "now", "random"))


@dataclass(frozen=True)
class Template:
    """One template. `rules` is what the delivery goes by, `cases` its own tests as they are written."""

    id: str
    title: str
    docs: str
    consent: tuple[str, ...]
    targets_many: bool
    params: Mapping[str, Parameter]
    lets: Mapping[str, Shape]
    order: tuple[str, ...]  # the names of `let`, each after those it needs
    target: Shape
    request: Request
    join: str | None
    rules: DeliveryRules
    retry_ambiguous: Shape
    contract: Contract | None
    document: Document
    cases: tuple[Mapping[str, Any], ...] = ()
    notes: str = ""
    notice: str = ""  # what `check` tells everybody who uses it
    advice: Advice = NO_ADVICE
    online: Mapping[str, Any] | None = None  # how the vendor is asked without counting: needs, params, event
    provable: bool = True  # False: the contract could not be read, so nothing can be said about places

    @property
    def secrets(self) -> frozenset[str]:
        """The parameters that take a secret."""
        return frozenset(name for name, parameter in self.params.items() if parameter.secret)

    def prove_alone(self, problems: Problems) -> None:
        """The proofs as for any tag: of a template that no tag uses."""
        compile_url(self.request.url, self.params, None, problems)
        self.prove(Names(self.lets), False, problems)

    def prove(self, names: Names, raw: bool, problems: Problems) -> None:
        """The proofs over this template's request, as a tag sends it (or any tag, where `names.params` is None)."""
        if self.provable:
            parts = frozenset(self.request.contracted)
            proof = proofs.Proof(names, self.secrets, self.contract, parts, self.join, raw, problems)
            proof.request(self.request, self.target)


class Templates(Mapping[str, Template]):
    """Templates by id. Those of the gallery are compiled when somebody asks for them: most workspaces use a few.

    `own`: those of the workspace.
    """

    def __init__(self, own: Mapping[str, Template], shipped: Mapping[str, Document], context: Context) -> None:
        self.own = own
        self._shipped = shipped
        self._context = context
        self._compiled = dict(own)

    def __getitem__(self, id: str) -> Template:
        if id not in self._compiled:
            found = compile(self._shipped[id], self._context)
            if found is None:
                raise KeyError(id)
            self._compiled[id] = found
        return self._compiled[id]

    def __contains__(self, id: object) -> bool:
        return id in self._compiled or id in self._shipped

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._compiled, *self._shipped}))

    def __len__(self) -> int:
        return len({*self._compiled, *self._shipped})


def compile_templates(documents: Mapping[str, Document], context: Context) -> Templates:
    """Every template of the workspace and the gallery; one that makes no sense at all is left out, and told of."""
    found = {id: compile(document, context) for id, document in documents.items() if not document.shipped}
    own = {id: template for id, template in found.items() if template is not None}
    return Templates(own, {id: document for id, document in documents.items() if document.shipped}, context)


def compile(document: Document, context: Context) -> Template | None:
    """The template of one document; problems go to the context. None where target or request are missing."""
    said = conform(document.node, SCHEMA, context.problems)
    if said is None or "target" not in said or "url" not in said.get("request", {}):
        return None
    return _Compiler(document, said, context).template()


class _Compiler:
    """One template on its way."""

    def __init__(self, document: Document, said: Mapping[str, Any], context: Context) -> None:
        self._document = document
        self._said = said
        self._problems = context.problems
        self._params = compile_parameters(said.get("params", {}), context.problems)
        let = said.get("let")
        self._let = let.members if isinstance(let, MappingNode) else {}
        self._context = Context(
            problems=context.problems,
            environment=context.environment,
            variables=context.variables,
            roots=ROOTS,
            locals=frozenset(("params", *self._let)),
            tables=_tables(said.get("tables", {})),
            params=self._params,
        )

    def template(self) -> Template:
        """The template; what lands where is proved with a tag's parameters."""
        said = self._said
        self._check_consent()
        lets = {name: compile_shape(node, self._context) for name, node in self._let.items()}
        self._check_let_names()
        contract = self._contract()
        template = Template(
            id=self._document.id,
            title=str(said.get("title", self._document.id)),
            docs=str(said.get("docs", "")),
            consent=tuple(str(name) for name in said.get("consent", ())),
            targets_many=said.get("targets") == "many",
            params=self._params,
            lets=lets,
            order=tuple(in_order(lets, self._problems)),
            target=compile_text(said["target"], self._context),
            request=compile_request(said["request"], said.get("auth"), self._context),
            join=str(said["batch"]["join"]) if "join" in said.get("batch", {}) else None,
            rules=self._rules(),
            retry_ambiguous=self._retry_ambiguous(),
            contract=contract,
            document=self._document,
            cases=tuple(said.get("tests", ())),
            notes=str(said.get("notes", "")),
            notice=" ".join(str(said.get("notice", "")).split()),
            advice=advice_of(self._document),
            online=self._online(),
            provable=contract is not None or "contract" not in said,
        )
        self._check_batch(template)
        self._keep_secrets_whole(template)
        return template

    def _check_consent(self) -> None:
        for name in self._said.get("consent", ()):
            if name not in NEEDS:
                hint = did_you_mean(name, NEEDS) or "known are: " + ", ".join(NEEDS)
                self._problems.error("unknown-consent", f"`{name}` is no kind of consent", name.place, hint)

    def _check_let_names(self) -> None:
        let = self._said.get("let")
        for name in self._let:
            if isinstance(let, MappingNode) and (name in ROOTS or name in ("params", "item", "index", "match")):
                message = f"`{name}` is a name of the language"
                self._problems.error("reserved-name", message, let.key_place(name), "call it something else")

    def _rules(self) -> DeliveryRules:
        batch = self._said.get("batch", {})
        context = response.context(self._context)
        rules = [(str(name), _expression(node, context)) for name, node in self._said.get("response", {}).items()]
        return DeliveryRules(
            most=int(batch.get("most", 1)),
            split_on_refusal=bool(batch.get("split_on_refusal", False)),
            rate=_rate(self._said.get("rate")),
            age=compile_age(self._said.get("age"), self._context),
            rules=tuple((name, rule) for name, rule in rules if rule is not None),
        )

    def _online(self) -> Mapping[str, Any] | None:
        said = self._said.get("online")
        if said is None or "event" not in said:
            return None
        named = {str(name): name for name in said.get("needs", ())}
        if "params" in said:
            named |= {key: Text(key, said["params"].key_place(key)) for key in said["params"].members}
        for name in named.values():
            if name not in self._params:
                hint = did_you_mean(name, self._params)
                self._problems.error("unknown-parameter", f"no parameter is called `{name}`", name.place, hint)
        return {
            "needs": tuple(str(name) for name in said.get("needs", ())),
            "params": dict(said["params"].members) if "params" in said else {},
            "event": plain(said["event"]),
        }

    def _retry_ambiguous(self) -> Shape:
        node = self._said.get("ambiguous_retry")
        return compile_shape(node if node is not None else Scalar(self._document.place, "false"), self._context)

    def _contract(self) -> Contract | None:
        node = self._said.get("contract")
        if node is None:
            return None
        return contracts.compile(node, self._problems)

    def _check_batch(self, template: Template) -> None:
        if template.join is None:
            return
        place = self._said["batch"]["join"].place
        body = template.request.bodies.get("json")
        members = dict(body.tree.members) if body is not None and isinstance(body.tree, MappingShape) else {}
        joined = members.get(template.join)
        if joined is None:
            hint = did_you_mean(template.join, members) or "it names a member of the first level of `json:`"
            self._problems.error("unknown-join", f"the body has no list `{template.join}`", place, hint)
        elif not isinstance(joined, ListShape) or len(joined.items) != 1:
            message = f"`{template.join}` has to be a list with one element: the event of one call"
            self._problems.error("bad-join", message, joined.place, "write the list out with its one element")

    def _keep_secrets_whole(self, template: Template) -> None:
        shapes = {**template.lets, "target": template.target, "ambiguous_retry": template.retry_ambiguous}
        for part, path, shape in template.request.shapes():
            shapes[".".join((part, *path))] = shape
        proofs.secrets_kept_whole(shapes, template.secrets, self._problems)


def _rate(said: Mapping[str, Any] | None) -> Rate | None:
    if not said or not {"requests", "per"} <= set(said):
        return None
    return Rate(int(said["requests"]), float(said["per"]), said.get("of") == "vendor")


def _tables(said: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """The tables in plain texts: what they hold goes to vendors."""
    return {str(name): {str(key): str(value) for key, value in rows.items()} for name, rows in said.items()}


def _expression(node: Node, context: Context) -> Expression | None:
    if not isinstance(node, Scalar):
        return None
    tree = compile_text(node, context).tree
    if isinstance(tree, Leaf):
        return tree.expression
    if not (isinstance(tree, LiteralShape) and "{{" in node.text):
        hint = 'write one expression, as in "{{ status == 200 }}"'
        context.problems.error("not-an-expression", "a rule is one expression", node.place, hint)
    return None
