"""From text to tree. The grammar, pipes loosest:

pipe = or { "|" NAME ["(" [arg {"," arg}] ")"] }      arg = [NAME ":"] pipe
or   = and {"or" and}    and = not {"and" not}        not = ["not"] cmp
cmp  = alt [("=="|"!="|"<"|"<="|">"|">="|"in") alt]
alt  = atom {"??" atom}
atom = NUMBER | 'text' | "text" | true | false | null | "[" … "]" | path | "(" pipe ")"
path = NAME { "." KEY | "[" (INT | text) "]" }
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from container.language.expression.tokens import Fault, Token, tokens
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
)
from container.language.values import number_from_text, whole

# Both keep the tree shallow enough for every walk over it.
DEEPEST = 20
MOST_PIPES = 50
KEYWORDS = frozenset(("and", "or", "not", "in", "true", "false", "null"))
_COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">=", "in"))
_CONSTANTS = {"true": True, "false": False, "null": None}
_LOOSER = _COMPARISONS | {"??", "and", "or"}


@functools.lru_cache(maxsize=4096)  # most of it is the gallery's, and as it was at the load before
def parse_tree(text: str) -> Tree:
    """The tree of an expression. Raises `Fault` at the first thing that cannot be read."""
    if not text.strip():
        raise Fault(0, max(len(text), 1), "the braces are empty", "write what is meant, for instance event.value")
    parser = _Parser(text)
    tree = parser.pipe()
    parser.finish()
    return tree


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._next = 0
        self._depth = 0
        self._pipes = 0

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._token
        self._next += token.kind != "end"
        return token

    def _sees(self, word: str) -> bool:
        return self._token.kind in ("sign", "name") and self._token.text == word

    def _skip(self, word: str) -> bool:
        seen = self._sees(word)
        self._next += seen
        return seen

    def _expect(self, word: str, hint: str = "") -> None:
        if not self._skip(word):
            raise self._unexpected(f"here should be `{word}`", hint)

    def _unexpected(self, message: str, hint: str = "") -> Fault:
        token = self._token
        found = "the expression ends" if token.kind == "end" else f"`{self._written(token)}` stands"
        return Fault(token.at, token.length, f"{message}, but {found}", hint)

    def _written(self, token: Token) -> str:
        return self._text[token.at : token.at + token.length]

    def _length(self, at: int) -> int:
        last = self._tokens[self._next - 1]
        return last.at + last.length - at

    def finish(self) -> None:
        """Nothing may follow."""
        token = self._token
        if token.kind == "end":
            return
        if (token.kind == "sign" and token.text in _COMPARISONS) or self._sees("in"):
            raise Fault(token.at, token.length, "one comparison follows another", "join two comparisons by `and`")
        if self._sees(")") or self._sees("]"):
            raise Fault(token.at, 1, f"`{token.text}` closes nothing", "")
        raise self._unexpected("the expression should end here")

    def pipe(self) -> Tree:
        """The loosest level; everything nested comes through here."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise Fault(self._token.at, 1, f"the expression is nested more than {DEEPEST} deep")
        at = self._token.at
        tree = self._or()
        while self._skip("|"):
            tree = self._piped(tree, at)
        self._depth -= 1
        return tree

    def _piped(self, value: Tree, at: int) -> Tree:
        token = self._take()
        self._pipes += 1
        if self._pipes > MOST_PIPES:
            raise Fault(token.at, 1, f"the expression has more than {MOST_PIPES} normalisers")
        if token.kind != "name":
            self._next -= token.kind != "end"
            raise self._unexpected("after `|` should be a normaliser's name")
        args: list[Tree] = []
        kwargs: list[tuple[str, Tree]] = []
        spots: list[Spot] = []
        if self._skip("("):
            self._arguments(args, kwargs, spots)
        self._refuse_looser(at)
        # the node stands where the normaliser's name stands: that is what problems are about
        given = tuple(args), tuple(kwargs)
        return Pipe(value, token.text, *given, spots=tuple(spots), at=token.at, length=token.length)

    def _refuse_looser(self, at: int) -> None:
        token = self._token
        if token.kind in ("sign", "name") and token.text in _LOOSER:
            piped = self._text[at : token.at].strip()
            raise Fault(
                token.at,
                token.length,
                f"`|` binds looser than `{token.text}`, so nothing may follow the normaliser here",
                f"put the pipe in ( ): ({piped}) {token.text} …",
            )

    def _arguments(self, args: list[Tree], kwargs: list[tuple[str, Tree]], spots: list[Spot]) -> None:
        while not self._skip(")"):
            token = self._token
            follower = self._tokens[min(self._next + 1, len(self._tokens) - 1)]
            if token.kind == "name" and follower.kind == "sign" and follower.text == ":":
                self._next += 2
                kwargs.append((token.text, self.pipe()))
                spots.append(Spot(token.at, token.length))
            elif kwargs:
                raise self._unexpected("after a named argument should be another one (name: value)")
            else:
                args.append(self.pipe())
            if not self._sees(")"):
                self._expect(",", "arguments are parted by commas and end with )")

    def _chain(self, word: str, below: Callable[[], Tree], node: type[Or] | type[And] | type[Alternatives]) -> Tree:
        at = self._token.at
        options = [below()]
        while self._skip(word):
            options.append(below())
        return options[0] if len(options) == 1 else node(tuple(options), at=at, length=self._length(at))

    def _or(self) -> Tree:
        return self._chain("or", self._and, Or)

    def _and(self) -> Tree:
        return self._chain("and", self._not, And)

    def _not(self) -> Tree:
        at = self._token.at
        if not self._skip("not"):
            return self._compare()
        value = self._compare()
        return Not(value, at=at, length=self._length(at))

    def _compare(self) -> Tree:
        at = self._token.at
        left = self._alternatives()
        token = self._token
        if token.kind not in ("sign", "name") or token.text not in _COMPARISONS:
            return left
        self._next += 1
        right = self._alternatives()
        return Compare(token.text, left, right, at=at, length=self._length(at))

    def _alternatives(self) -> Tree:
        return self._chain("??", self._atom, Alternatives)

    def _atom(self) -> Tree:
        token = self._token
        if token.kind == "text":
            return Literal(self._take().text, at=token.at, length=token.length)
        if token.kind == "number":
            return self._number()
        if token.kind == "name" and (token.text not in KEYWORDS or token.text in _CONSTANTS):
            return self._path()
        if self._skip("("):
            tree = self.pipe()
            self._expect(")", "close the bracket")
            return tree
        if self._skip("["):
            return self._list(token.at)
        raise self._unexpected("here should be a value")

    def _number(self) -> Tree:
        token = self._take()
        value = number_from_text(token.text)
        if value is None:
            raise Fault(token.at, token.length, "this number is out of range")
        short = token.text.lstrip("-").isdigit()
        return Literal(whole(value) if short else value, at=token.at, length=token.length)

    def _list(self, at: int) -> Tree:
        items: list[Tree] = []
        while not self._skip("]"):
            items.append(self.pipe())
            if not self._sees("]"):
                self._expect(",", "elements are parted by commas and end with ]")
        return ListOf(tuple(items), at=at, length=self._length(at))

    def _path(self) -> Tree:
        token = self._take()
        if token.text in _CONSTANTS:
            return Literal(_CONSTANTS[token.text], at=token.at, length=token.length)
        keys: list[str | int] = []
        spots: list[Spot] = []
        while self._token.kind == "key" or self._sees("["):
            key, spot = self._key()
            keys.append(key)
            spots.append(spot)
        length = self._length(token.at)
        return Path(token.text, tuple(keys), spots=tuple(spots), at=token.at, length=length)

    def _key(self) -> tuple[str | int, Spot]:
        token = self._take()
        if token.kind == "key":
            return token.text, Spot(token.at + 1, token.length - 1)
        inner = self._take()
        if inner.kind == "text":
            key: str | int = inner.text
        elif inner.kind == "number" and inner.text.isdigit() and len(inner.text) < 9:
            key = int(inner.text)
        else:
            raise Fault(inner.at, inner.length, "between [ ] stands a number or a text in quotes", 'as in event["a b"]')
        self._expect("]", "close the bracket")
        return key, Spot(inner.at, inner.length)
