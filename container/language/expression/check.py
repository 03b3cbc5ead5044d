"""What an expression names is known, and its normalisers get what they take; words and `env.X` become literals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from container.call import Secret
from container.language.expression.arguments import Assigned, assign
from container.language.expression.names import (
    GEO_KEYS,
    KNOWN_KEYS,
    REQUEST_KEYS,
    REQUEST_TABLES,
    define,
    instead,
    one_of,
    unknown,
)
from container.language.expression.scope import ROOTS, Context
from container.language.expression.tokens import Fault
from container.language.expression.tree import (
    Alternatives,
    And,
    Compare,
    ListOf,
    Literal,
    Not,
    Or,
    Path,
    Pipe,
    Spot,
    Tree,
    walk,
)
from container.language.normalisers import NORMALISERS
from container.language.normalisers.base import Normaliser, Parameter, Word
from container.problems import Place, did_you_mean

Locate = Callable[[int, int], Place]  # offset and length in the expression's text
_TAKE_TRUTH = frozenset(("boolean", "text", "json", "lookup"))


def has_secret(tree: Tree) -> bool:
    """Whether a secret's reference stands anywhere in the tree."""
    return any(isinstance(node, Literal) and isinstance(node.value, Secret) for node in walk(tree))


class Checker:
    """Checks one expression; `failed` says whether a problem was added."""

    def __init__(self, context: Context, locate: Locate) -> None:
        self._context = context
        self._locate = locate
        self.failed = False

    def _problem(self, code: str, message: str, at: Tree | Fault | Spot, hint: str = "") -> None:
        self.failed = True
        self._context.problems.error(code, message, self._locate(at.at, at.length), hint)

    def resolve(self, tree: Tree) -> Tree:
        """The tree with `env.X`, `secret.X` and words as literals; problems are added."""
        match tree:
            case Path():
                return self._path(tree)
            case Pipe():
                return self._pipe(tree)
            case Or() | And():
                return replace(tree, options=tuple(self._open(option) for option in tree.options))
            case Alternatives():
                return replace(tree, options=tuple(self.resolve(option) for option in tree.options))
            case Not():
                return replace(tree, value=self._open(tree.value))
            case Compare():
                return self._compare(tree)
            case ListOf():
                return replace(tree, items=tuple(self._open(item) for item in tree.items))
            case _:
                return tree

    def _open(self, tree: Tree) -> Tree:
        """A part whose value is looked at, which therefore may be no secret."""
        found = self.resolve(tree)
        if has_secret(found):
            self._problem(
                "secret-normalised",
                "a secret is put in at the moment of sending, so nothing can be done with it here",
                tree,
                'let it stand by itself: "{{ secret.NAME }}"',
            )
        return found

    def _compare(self, tree: Compare) -> Tree:
        for side in (tree.left, tree.right):
            if isinstance(side, Literal) and (side.value is None or side.value == "") and tree.op in ("==", "!="):
                self._problem(
                    "bad-expression",
                    "what is absent equals nothing, so this never tells anything",
                    side,
                    "write the value alone to ask whether it is there, `not value` whether it is absent",
                )
        return replace(tree, left=self._open(tree.left), right=self._open(tree.right))

    # paths

    def _path(self, path: Path) -> Tree:
        context = self._context
        if path.root in context.locals:
            self._local(path)
        elif path.root in context.roots and path.root in ROOTS:
            return self._rooted(path)
        elif path.root in ROOTS:
            allowed = one_of(context.roots | context.locals)
            message = f"`{path.root}` cannot be named here"
            self._problem("unknown-name", message, path.spot(-1), f"here are: {allowed}")
        else:
            message = f"nothing is called `{path.root}`"
            self._problem("unknown-name", message, path.spot(-1), unknown(path.root, context))
        return path

    def _local(self, path: Path) -> None:
        params = self._context.params
        if path.root == "params" and params is not None and path.keys and path.keys[0] not in params:
            name = str(path.keys[0])
            hint = did_you_mean(name, params)
            self._problem("unknown-parameter", f"no parameter is called `{name}`", path.spot(0), hint)

    def _rooted(self, path: Path) -> Tree:
        match path.root:
            case "secret" | "env":
                return self._from_environment(path)
            case "var":
                self._variable(path)
            case "request":
                self._request(path)
            case "conversion" | "consent" | "container":
                self._known_key(path)
            case "now" | "random":
                if path.keys:
                    self._problem("unknown-name", f"`{path.root}` is a number and has no keys", path.spot(0))
        return path

    def _from_environment(self, path: Path) -> Tree:
        name = self._single_key(path, "NAME")
        environment = self._context.environment
        if not name:
            return path
        if path.root == "secret":
            if not environment.get(name):
                self._missing("missing-secret", "secret", name, path)
            return Literal(Secret(name), at=path.at, length=path.length)
        if not environment.get(name):
            self._missing("missing-environment", "environment variable", name, path)
        return Literal(environment.get(name, ""), at=path.at, length=path.length)

    def _missing(self, code: str, what: str, name: str, path: Path) -> None:
        hint = f"set {name} in the environment, or write `{name}=…` into the workspace's .env"
        near = did_you_mean(name, self._context.environment) if len(self._context.environment) < 1000 else ""
        self._problem(code, f"the {what} `{name}` has no value", path.spot(0), f"{near} Else {hint}" if near else hint)

    def _single_key(self, path: Path, example: str) -> str:
        if len(path.keys) == 1 and isinstance(path.keys[0], str):
            return path.keys[0]
        self._problem("unknown-name", f"`{path.root}` needs one name", path, f"write `{path.root}.{example}`")
        return ""

    def _variable(self, path: Path) -> None:
        variables = self._context.variables
        if not path.keys or not isinstance(path.keys[0], str):
            self._problem("unknown-name", "`var` needs a variable's name", path, "write `var.NAME`")
        elif variables is not None and path.keys[0] not in variables:
            name = path.keys[0]
            hint = did_you_mean(name, variables) or instead(name, self._context) or define(name)
            self._problem("unknown-variable", f"no variable is called `{name}`", path.spot(0), hint)

    def _request(self, path: Path) -> None:
        first = path.keys[0] if path.keys else ""
        if first in REQUEST_TABLES:
            if len(path.keys) != 2 or not isinstance(path.keys[1], str):
                self._problem("unknown-name", f"`request.{first}` needs one name", path, f'as in request.{first}["x"]')
            elif first == "geo" and path.keys[1] not in GEO_KEYS:
                self._no_such_key(path, 1, "request.geo", GEO_KEYS)
        elif len(path.keys) > 1 and first in REQUEST_KEYS:
            self._problem("unknown-name", f"`request.{first}` is a text and has no keys", path.spot(1))
        elif first not in REQUEST_KEYS:
            self._no_such_key(path, 0, "request", (*REQUEST_KEYS, *REQUEST_TABLES))

    def _known_key(self, path: Path) -> None:
        known = KNOWN_KEYS[path.root]
        if path.root == "consent" and not path.keys:
            return
        if not path.keys or path.keys[0] not in known:
            self._no_such_key(path, 0, path.root, known)

    def _no_such_key(self, path: Path, index: int, owner: str, known: tuple[str, ...]) -> None:
        hint = f"it has {one_of(known)}"
        if index >= len(path.keys):
            self._problem("unknown-name", f"`{owner}` needs a key", path, hint)
            return
        key = path.keys[index]
        message = f"`{owner}` has no `{key}`"
        self._problem("unknown-name", message, path.spot(index), did_you_mean(str(key), known) or hint)

    # normalisers

    def _pipe(self, pipe: Pipe) -> Tree:
        value = self._open(pipe.value)
        self._refuse_truth(pipe)
        normaliser = NORMALISERS.get(pipe.name)
        if normaliser is None:
            message = f"no normaliser is called `{pipe.name}`"
            hint = did_you_mean(pipe.name, NORMALISERS) or "`tagport list normalisers` shows all"
            self._problem("unknown-normaliser", message, pipe, hint)
            return replace(pipe, value=value)
        try:
            assigned = assign(normaliser, pipe)
        except Fault as fault:
            self._problem("bad-argument", fault.message, fault, fault.hint)
            return replace(pipe, value=value)
        return self._with_arguments(replace(pipe, value=value), normaliser, assigned)

    def _refuse_truth(self, pipe: Pipe) -> None:
        """`a or b | hashed(email)`: what comes out of `or` is true or false."""
        if isinstance(pipe.value, Or | And | Not | Compare) and pipe.name not in _TAKE_TRUTH:
            what = "or" if isinstance(pipe.value, Or) else "and" if isinstance(pipe.value, And) else "comparison"
            message = f"`{pipe.name}` would be given true or false, which is what the `{what}` before it makes"
            hint = "`a ?? b` is the first that is present" if what == "or" else "put the pipe in ( ) beside its value"
            self._problem("bad-expression", message, pipe, hint)

    def _with_arguments(self, pipe: Pipe, normaliser: Normaliser, assigned: Assigned) -> Pipe:
        given = {
            id(tree): self._argument(parameter, tree)
            for parameter in normaliser.parameters
            for tree in assigned.get(parameter.name, ())
        }
        args = tuple(given.get(id(tree), tree) for tree in pipe.args)
        return replace(pipe, args=args, kwargs=tuple((name, given.get(id(tree), tree)) for name, tree in pipe.kwargs))

    def _argument(self, parameter: Parameter, tree: Tree) -> Tree:
        match parameter.kind:
            case "value":
                word = _word(tree)
                if isinstance(tree, Path) and word in parameter.choices:
                    return Literal(Word(word), at=tree.at, length=tree.length)
                return self._open(tree)
            case "list":
                if not isinstance(tree, ListOf):
                    self._problem("bad-argument", f"`{parameter.name}` is a list: [a, b]", tree)
                    return tree
                return replace(tree, items=tuple(self._as_word(parameter, item) for item in tree.items))
            case "table":
                return self._table(tree)
            case _:
                return self._as_word(parameter, tree)

    def _as_word(self, parameter: Parameter, tree: Tree) -> Tree:
        word = None if self._reads(tree) else _word(tree)
        if word is None:
            message = f"`{parameter.name}` is a word or a text in quotes, known when the container starts"
            self._problem("bad-argument", message, tree)
            return tree
        if parameter.choices and word not in parameter.choices:
            hint = did_you_mean(word, parameter.choices) or f"one of {one_of(parameter.choices)}"
            self._problem("bad-argument", f"`{word}` is no {parameter.name}", tree, hint)
        return Literal(Word(word), at=tree.at, length=tree.length)

    def _reads(self, tree: Tree) -> bool:
        """`event.currency` where a word is wanted."""
        known = self._context.roots | self._context.locals
        return isinstance(tree, Path) and bool(tree.keys) and tree.root in known

    def _table(self, tree: Tree) -> Tree:
        word = _word(tree)
        tables = self._context.tables
        if word is None or word not in tables:
            none = "tables stand under `tables:` of a template; everywhere else a variable with `lookup:` is one"
            known = f"here are: {one_of(tables)}" if tables else none
            hint = did_you_mean(word or "", tables) or known
            self._problem("unknown-table", f"no table is called `{word or '…'}`", tree, hint)
            return tree
        return Literal(Word(word), at=tree.at, length=tree.length)


def _word(tree: Tree) -> str | None:
    if isinstance(tree, Path):
        return str(tree)
    if isinstance(tree, Literal) and isinstance(tree.value, str):
        return tree.value
    return None
