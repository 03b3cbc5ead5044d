"""Where identifying data comes from: a proof over trees at load, through aliases, parameters, variables and `$each`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from container.language.expression import (
    Alternatives,
    Expression,
    ListOf,
    Literal,
    Locate,
    Path,
    Pipe,
    Tree,
)
from container.language.shape import (
    BaseShape,
    EachShape,
    IfShape,
    Leaf,
    ListShape,
    MappingShape,
    OverrideShape,
    Shape,
    ShapeNode,
    TextShape,
)
from container.problems import Place
from container.templates.leaks import ANY, Keys, written

Trees = Sequence[Shape | Expression]
Variables = Mapping[str, Trees]  # variable id → whatever its value can be made of

NAMES = frozenset(
    (
        *("user_data", "customer", "address", "billing_address", "shipping_address"),
        *("email", "email_address", "e_mail", "mail", "sha256_email_address"),
        *("phone", "phone_number", "telephone", "mobile", "sha256_phone_number"),
        *("first_name", "last_name", "firstname", "lastname", "full_name", "fullname", "surname"),
        *("street", "postal_code", "postcode", "zip", "zip_code", "birthday", "birthdate", "date_of_birth"),
    )
)
_PREFIXES = ("x-fb-ud-",)
_TELL_NOTHING = frozenset(("count", "boolean", "ga4_em"))  # normalisers whose result names nobody; ga4_em hashes
_ELEMENT = frozenset(("first", "last", "find"))
_DEEPEST = 30


@dataclass(frozen=True, slots=True)
class Origin:
    """What is read, and where: in the template or the tag it is sent by, whatever names lie between."""

    path: str
    place: Place


@dataclass(frozen=True, slots=True)
class Source:
    """What an `$each` goes through, with the names known there."""

    node: ShapeNode
    env: Env
    pairs: bool


Env = Mapping[str, Source]


@dataclass(frozen=True)
class Names:
    """What stands behind the names of a template: `let`, the tag's parameters (None: not known yet), variables."""

    lets: Mapping[str, Shape] = field(default_factory=dict)
    params: Mapping[str, Shape] | None = None
    variables: Variables = field(default_factory=dict)

    def personal(self, node: ShapeNode, env: Env, keys: Keys = ()) -> Origin | None:
        """Which identifying data the node's value (or its part at `keys`) can be made of; None: none."""
        return _Search(self).node(node, keys, env, 0)

    def alias(self, node: ShapeNode, env: Env) -> list[tuple[ShapeNode, Env]]:
        """What a bare name (`{{ params.x }}`, `{{ user }}`) stands for; empty where it is no bare name."""
        if not isinstance(node, Leaf) or not isinstance(node.expression.tree, Path):
            return []
        path = node.expression.tree
        if path.root in env and not path.keys and not env[path.root].pairs:
            source = env[path.root]
            return [(source.node, source.env)]
        shape, keys = self.shape(path)
        if shape is None:
            return []
        return [(found, {}) for found in members(shape.tree, keys)]

    def shape(self, path: Path) -> tuple[Shape | None, Keys]:
        """The shape a path begins at, and the keys below."""
        if path.root == "params" and path.keys and self.params is not None:
            return self.params.get(str(path.keys[0])), path.keys[1:]
        return self.lets.get(path.root), path.keys


def members(node: ShapeNode, keys: Keys) -> Iterator[ShapeNode]:
    """The node at `keys` below `node`, as far as mappings that are written out reach; all branches of an `$if`."""
    if not keys:
        yield node
    elif isinstance(node, MappingShape):
        for name, member in node.members:
            if name == keys[0]:
                yield from members(member, keys[1:])
    elif isinstance(node, IfShape):
        for branch in (node.body, node.otherwise):
            if branch is not None:
                yield from members(branch, keys)


def identifying(keys: Keys) -> bool:
    """Whether `event.<keys>` tells who somebody is; without keys, and for any key, it may."""
    if not keys or keys[0] == ANY:
        return True
    return any(isinstance(key, str) and _is_name(key) for key in keys)


def _is_name(key: str) -> bool:
    name = key.lower().replace("-", "_")
    return name in NAMES or key.lower().startswith(_PREFIXES)


class _Search:
    """Goes back from a value to what it is made of. `depth` ends what turns in circles.

    `at` is where problems are told of: a name of `let`, of `$each` or a variable is told of where it is used, what a
    tag gives for a parameter in the tag. None: where each expression stands itself.
    """

    def __init__(self, names: Names) -> None:
        self._names = names

    def node(self, node: ShapeNode, keys: Keys, env: Env, depth: int, at: Locate | None = None) -> Origin | None:
        if depth > _DEEPEST:
            return None
        match node:
            case Leaf() | TextShape():
                below = keys if isinstance(node, Leaf) else ()
                found = node.expressions
                return self._first(self.tree(one.tree, below, env, at or one.locate, depth) for one in found)
            case MappingShape(members=members):
                chosen = [member for name, member in members if not keys or keys[0] in (ANY, name)]
                return self._first(self.node(member, keys[1:], env, depth, at) for member in chosen)
            case ListShape(items=items):
                return self._first(self.node(item, keys[1:], env, depth, at) for item in items)
            case EachShape(source=source, name=name, body=body, pairs=pairs):
                return self.node(body, keys[1:], {**env, name: Source(source, env, pairs)}, depth, at)
            case IfShape(body=body, otherwise=otherwise):
                branches = (body,) if otherwise is None else (body, otherwise)
                return self._first(self.node(branch, keys, env, depth, at) for branch in branches)
            case BaseShape(base=other, body=body) | OverrideShape(override=other, body=body):
                return self._first(self.node(part, keys, env, depth, at) for part in (body, other))
            case _:
                return None

    @staticmethod
    def _first(found: Iterator[Origin | None]) -> Origin | None:
        return next((origin for origin in found if origin is not None), None)

    def tree(self, tree: Tree, keys: Keys, env: Env, place: Locate, depth: int) -> Origin | None:
        match tree:
            case Path():
                return self._path(tree, (*tree.keys, *keys), env, place, depth + 1)
            case Pipe():
                return self._pipe(tree, keys, env, place, depth)
            case Alternatives(options=options):
                return self._first(self.tree(option, keys, env, place, depth) for option in options)
            case ListOf(items=items):
                return self._first(self.tree(item, keys[1:], env, place, depth) for item in items)
            case _:  # a literal; comparisons, and, or, not: true or false
                return None

    def _path(self, path: Path, keys: Keys, env: Env, place: Locate, depth: int) -> Origin | None:
        def here(at: int = 0, length: int = 0) -> Place:
            return place(path.at, path.length)

        if path.root in env:
            return self._item(env[path.root], keys, depth, here)
        if path.root == "var":
            return self._variable(path, keys, here, depth)
        if path.root == "params" or path.root in self._names.lets:
            shape, below = self._names.shape(Path(path.root, keys))
            at = None if path.root == "params" else here
            return self.node(shape.tree, below, {}, depth, at) if shape is not None else None
        known = path.root == "event" and identifying(keys)
        asked = path.root == "request" and any(isinstance(key, str) and _is_name(key) for key in keys[1:])
        return Origin(written(path.root, keys), here()) if known or asked else None

    def _item(self, source: Source, keys: Keys, depth: int, at: Locate) -> Origin | None:
        if not source.pairs:
            return self.node(source.node, (ANY, *keys), source.env, depth, at)
        if keys[:1] == ("key",):
            return None
        return self.node(source.node, (ANY, *keys[1:]), source.env, depth, at)

    def _variable(self, path: Path, keys: Keys, here: Locate, depth: int) -> Origin | None:
        name = str(keys[0]) if keys else ""
        trees = self._names.variables.get(name)
        if trees is None:
            return Origin(str(path), here(path.at, path.length)) if _is_name(name) else None
        return self._first(self._of(found, keys[1:], depth, here) for found in trees)

    def _of(self, found: Shape | Expression, keys: Keys, depth: int, at: Locate) -> Origin | None:
        if isinstance(found, Shape):
            return self.node(found.tree, keys, {}, depth, at)
        return self.tree(found.tree, keys, {}, at, depth)

    def _pipe(self, pipe: Pipe, keys: Keys, env: Env, place: Locate, depth: int) -> Origin | None:
        if pipe.name in _TELL_NOTHING:
            return None
        if pipe.name in ("without", "only"):
            return self._picked(pipe, keys, env, place, depth)
        given = [arg for arg in pipe.args if not isinstance(arg, Literal)]
        given += [arg for _, arg in pipe.kwargs if not isinstance(arg, Literal)]
        values: list[tuple[Tree, Keys]] = [(arg, ()) for arg in given]
        if pipe.name != "lookup" or any(name == "else" and _is_same(arg) for name, arg in pipe.kwargs):
            values.insert(0, (pipe.value, (ANY, *keys) if pipe.name in _ELEMENT else keys))
        if pipe.name == "query_param" and any(_is_name(name) for name in _words(pipe)):
            return Origin(f"query_param({', '.join(_words(pipe))})", place(pipe.at, pipe.length))
        return self._first(self.tree(value, below, env, place, depth) for value, below in values)

    def _picked(self, pipe: Pipe, keys: Keys, env: Env, place: Locate, depth: int) -> Origin | None:
        """`without` and `only`: of the whole event what `without(user_data)` leaves counts as clean."""
        words = _words(pipe)
        named = keys[0] if keys and keys[0] != ANY else None
        if pipe.name == "without":
            gone = named in words if named is not None else "user_data" in words and _is_whole_event(pipe.value)
            return None if gone else self.tree(pipe.value, keys, env, place, depth)
        if named is not None:
            return self.tree(pipe.value, keys, env, place, depth) if named in words else None
        return self._first(self.tree(pipe.value, (word,), env, place, depth) for word in words)


def _is_whole_event(tree: Tree) -> bool:
    if isinstance(tree, Pipe) and tree.name in ("without", "only"):
        return _is_whole_event(tree.value)
    return tree == Path("event")


def _words(pipe: Pipe) -> list[str]:
    return [str(arg.value) for arg in pipe.args if isinstance(arg, Literal)]


def _is_same(tree: Tree) -> bool:
    return isinstance(tree, Literal) and str(tree.value) == "same"
