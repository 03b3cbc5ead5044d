"""What is proved at load: what lands on a hashed place is hashed by its rule, no identifying data lands elsewhere,
and secrets stand only where they are put in at the moment of sending."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from container.language.expression import Expression, Path, hash_rule, walk
from container.language.shape import (
    BaseShape,
    EachShape,
    IfShape,
    Leaf,
    ListShape,
    LiteralShape,
    MappingShape,
    OverrideShape,
    Shape,
    ShapeNode,
    TextShape,
)
from container.problems import Place, Problems
from container.templates.contract import Contract
from container.templates.leaks import ANY, Keys, is_hash, written
from container.templates.personal import Env, Names, Source
from container.templates.request import Request

_DEEPEST = 12
Use = tuple[LiteralShape | Leaf | TextShape, Env]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in the request something lands: `json` and the path below."""

    part: str
    path: Keys = ()

    def below(self, key: str | int) -> Spot:
        return Spot(self.part, (*self.path, key))

    def __str__(self) -> str:
        return written(self.part, self.path)


@dataclass(frozen=True)
class Proof:
    """The proofs over one request, as one tag sends it (or, where `names.params` is None, any tag)."""

    names: Names
    secrets: frozenset[str]  # parameters that take a secret
    contract: Contract | None
    contract_parts: frozenset[str]  # the parts of the request the contract is about
    join: str | None
    raw: bool  # `personal_data: raw`
    problems: Problems

    def request(self, request: Request, target: Shape) -> None:
        """Every place of the request, and of its target."""
        for part, path, shape in request.shapes():
            self._node(shape.tree, Spot(part, path), {}, 0)
        self._node(target.tree, Spot("target"), {}, 0)

    def _node(self, node: ShapeNode, at: Spot, env: Env, depth: int) -> None:
        match node:
            case LiteralShape() | Leaf() | TextShape():
                self._leaf(node, at, env, depth)
            case MappingShape(members=members):
                for name, member in members:
                    self._node(member, at.below(name), env, depth)
            case ListShape(items=items):
                for item in items:
                    spliced = isinstance(item, EachShape) and item.key is None
                    self._node(item, at if spliced else at.below(ANY), env, depth)
            case EachShape(source=source, name=name, key=key, body=body, pairs=pairs):
                inner = {**env, name: Source(source, env, pairs)}
                self._node(body, at.below(ANY), inner, depth)
                if key is not None:
                    self._node(key, at.below(ANY), inner, depth)
            case IfShape(body=body, otherwise=otherwise):
                for branch in (body,) if otherwise is None else (body, otherwise):
                    self._node(branch, at, env, depth)
            case BaseShape(base=other, body=body) | OverrideShape(override=other, body=body):
                self._spread(other, at, env, depth)
                self._node(body, at, env, depth)

    def _spread(self, node: ShapeNode, at: Spot, env: Env, depth: int) -> None:
        """`$base` and `$override`: what they bring is not seen at load, so no hashed place may be among it."""
        if self.contract is not None and at.part in self.contract_parts and self.contract.marks_below(at.path):
            message = f"`$base` and `$override` cannot stand at {at}: they could put unhashed values onto hashed places"
            hint = "write the members out, each with its `hashed(rule)`"
            self.problems.error("marked-place-override", message, node.place, hint)
        elif isinstance(node, Leaf):
            self._leaf(node, at.below(ANY), env, depth)
        else:
            self._node(node, at, env, depth)

    # one leaf

    def _leaf(
        self, node: LiteralShape | Leaf | TextShape, at: Spot, env: Env, depth: int, use: Use | None = None
    ) -> None:
        """`use`: the leaf that stands in the request, where it is a bare name and `node` what it stands for."""
        if self._is_secret(node):
            self._secret(node, at)
            return
        aliased = self.names.alias(node, env) if depth < _DEEPEST else []
        if aliased and not (isinstance(node, Leaf) and hash_rule(node.expression.tree)):
            for found, inner in aliased:
                if isinstance(found, Leaf | TextShape):
                    self._leaf(found, at, inner, depth + 1, None if _is_given(node) else use or (node, env))
                else:
                    self._node(found, at, inner, depth + 1)
            return
        if self._unknown(node):
            return
        mark = self.contract.mark(at.path) if self.contract is not None and at.part in self.contract_parts else None
        if mark is None:
            if self.contract is None and isinstance(node, Leaf) and hash_rule(node.expression.tree):
                return  # nothing says where hashes belong, and this is one
            self._unmarked(*(use or (node, env)), at)
        elif mark.rule is not None:
            self._hashed(node, at, mark.rule, use[0].place if use else node.place)

    def _unknown(self, node: LiteralShape | Leaf | TextShape) -> bool:
        """A bare parameter whose tag is not known, or what could not be read and has been told."""
        if isinstance(node, LiteralShape):
            return node.value is None
        tree = node.expression.tree if isinstance(node, Leaf) else None
        return isinstance(tree, Path) and tree.root == "params" and self.names.params is None

    def _hashed(self, node: LiteralShape | Leaf | TextShape, at: Spot, rule: str, place: Place) -> None:
        if self.raw:
            return
        if isinstance(node, LiteralShape) and is_hash(node.value):
            return
        found = hash_rule(node.expression.tree) if isinstance(node, Leaf) else None
        if found == rule:
            return
        if found:
            message = f"this is hashed by `{found}`, and the vendor wants `{rule}` at {at}"
            self.problems.error("wrong-hash-rule", message, place, f"write hashed({rule})")
            return
        message = f"what goes to {at} has to be hashed by `{rule}`"
        self.problems.error("not-hashed", message, place, f"end the expression in `| hashed({rule})`")

    def _unmarked(self, node: LiteralShape | Leaf | TextShape, env: Env, at: Spot) -> None:
        if self.raw:
            return
        origin = self.names.personal(node, env)
        if origin is None:
            return
        message = f"`{origin.path}` may tell who somebody is, and {at} is no place for that in the vendor's contract"
        hint = "leave it out: only places the template's contract marks (x-hashed, x-plain) may take it"
        if origin.path == "event":
            hint = "write `event | without(user_data)`, or name the keys: `event | only(value, currency)`"
        self.problems.error("raw-personal-data", message, origin.place, hint)

    # secrets

    def _is_secret(self, node: LiteralShape | Leaf | TextShape) -> bool:
        return any(self._holds_secret(found) for found in node.expressions)

    def _holds_secret(self, expression: Expression) -> bool:
        path = expression.tree
        named = isinstance(path, Path) and path.root == "params" and path.keys[:1] and path.keys[0] in self.secrets
        return expression.secret or bool(named)

    def _secret(self, node: LiteralShape | Leaf | TextShape, at: Spot) -> None:
        if at.part in ("url", "query", "headers", "auth"):
            return
        top = len(at.path) == 1 and at.path[0] != self.join
        if top and (at.part == "form" or (at.part == "json" and isinstance(node, Leaf))):
            return
        message = f"a secret cannot stand at {at}"
        hint = "it may stand in the URL, the query, headers, `auth`, or by itself as a member of the body's first level"
        self.problems.error("secret-misplaced", message, node.place, hint)


def secrets_kept_whole(shapes: Mapping[str, Shape], secrets: frozenset[str], problems: Problems) -> None:
    """Secret parameters are named by themselves, and never looked at or changed."""
    for shape in shapes.values():
        for expression in shape.expressions():
            whole = isinstance(expression.tree, Path)
            for path in () if whole else _named(expression, secrets):
                message = f"`{path}` is a secret: it is put in at the moment of sending, so nothing can be done with it"
                place = expression.locate(path.at, path.length)
                problems.error("secret-normalised", message, place, f'let it stand by itself: "{{{{ {path} }}}}"')


def _named(expression: Expression, secrets: frozenset[str]) -> Iterator[Path]:
    for node in walk(expression.tree):
        if isinstance(node, Path) and node.root == "params" and node.keys and node.keys[0] in secrets:
            yield node


def _is_given(node: LiteralShape | Leaf | TextShape) -> bool:
    """A parameter: what stands for it stands in the tag."""
    path = node.expression.tree if isinstance(node, Leaf) else None
    return isinstance(path, Path) and path.root == "params"
