"""A function that is being written."""

from __future__ import annotations

from container.language.expression import Scope
from container.language.expression.code import DEEPEST, Code, compared


def test_values_are_told_by_their_names_and_a_local_one_is_read_once() -> None:
    class Once(dict[str, int]):
        """Counts its readings."""

        asked = 0

        def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
            Once.asked += 1
            return super().get(key, default)

    code = Code()
    one, other = code.local("a"), code.local("a")
    assert one == other
    run = code.returning(code.put(f"[{one}, {other}, {code.constant({'k': 1})}]"))
    assert run(Scope(local=Once(a=7))) == [7, 7, {"k": 1}]
    assert Once.asked == 1


def test_what_is_bound_is_not_read_from_outside() -> None:
    code = Code()
    code.bound["item"] = code.put("5")
    assert code.returning(code.local("item"))(Scope(local={"item": 1})) == 5


def test_an_empty_block_is_one_too_and_blocks_have_an_end() -> None:
    code = Code()
    with code.block("if True:"):
        assert code.takes(DEEPEST - 3) and not code.takes(DEEPEST - 2)
    assert code.returning(code.root("E"))(Scope(event={"a": 1})) == {"a": 1}


def test_nothing_that_a_user_wrote_becomes_code() -> None:
    key = "'] or __import__('os') or ['"
    code = Code()
    assert code.returning(code.put(f"{code.root('E')}.get({code.constant(key)})"))(Scope(event={key: 1})) == 1
    assert code.returning(code.local(key))(Scope(local={key: 2})) == 2


def test_only_numbers_are_compared_by_size() -> None:
    assert compared(lambda one, other: one < other, "1", 2)
    assert not compared(lambda one, other: True, "a", 2)
    assert not compared(lambda one, other: True, None, 2)
