"""GTM's conditions as tagport's: operators, negation, case, and what GTM makes of a missing value (`undefined`)."""

from __future__ import annotations

import re
from typing import Any

from container.language.patterns import BadPattern, Pattern
from container.language.values import number_from_text, whole
from container.migrate.export import upper_snake
from container.migrate.job import Job
from container.migrate.leaves import Item
from container.migrate.parameters import Params
from container.migrate.references import References
from container.migrate.result import Entry

OPERATORS = {
    "EQUALS": "equals",
    "EQUAL": "equals",
    "CONTAINS": "contains",
    "STARTS_WITH": "starts_with",
    "ENDS_WITH": "ends_with",
    "MATCH_REGEX": "matches_regex",
    "REGEX": "matches_regex",
    "GREATER": "greater_than",
    "GREATER_OR_EQUALS": "at_least",
    "LESS": "less_than",
    "LESS_OR_EQUALS": "at_most",
}
NUMERIC = ("greater_than", "at_least", "less_than", "at_most")
MISSING = "undefined"  # what GTM compares where there is no value
ALWAYS: dict[str, Any] = {}  # a condition that always holds
_EVERYTHING = re.compile(r"\^?(?:\(?\.\*\)?)?\$?")
_LOOK_AHEAD = re.compile(r"\^\(\?!(?P<what>.+)\)(?:\.\*|\.\+)?\$?", re.DOTALL)


class Conditions:
    """The conditions of one export."""

    def __init__(self, job: Job, references: References) -> None:
        self._job = job
        self._references = references

    def all(self, items: list[Item], entry: Entry) -> list[Any]:
        """A list of GTM's conditions, all of which must hold."""
        found = [self.one(item, entry) for item in items]
        return [one for one in found if one != ALWAYS]

    def one(self, item: Item, entry: Entry) -> Any:
        """One condition; `ALWAYS` where it says nothing."""
        kind = upper_snake(item.text("type"))
        params = Params(item.get("parameter"))
        left, right = params.text("arg0"), params.text("arg1")
        negate, ignore_case = params.flag("negate"), params.flag("ignore_case")
        operator = OPERATORS.get(kind)
        if operator is None:
            why = "CSS selectors look at the page" if kind == "CSS_SELECTOR" else f"the operator `{kind}` is not known"
            found: Any = {
                "value": f"{{{{ {self._job.fill_in(entry, f'{entry.name} condition', why)} }}}}",
                "is": "present",
            }
            return found
        return self.compare(left, operator, right, entry, negate=negate, ignore_case=ignore_case)

    def compare(
        self, left: str, operator: str, right: str, entry: Entry, *, negate: bool = False, ignore_case: bool = False
    ) -> Any:
        """`left operator right` as GTM compares them."""
        if operator != "matches_regex":
            ignore_case = False  # GTM minds it for patterns only
        found = self._positive(self._references.value(left, entry), operator, right, entry, ignore_case)
        if not negate:
            return found
        if found == ALWAYS:
            return self._never("a condition that excludes everything", entry)
        if set(found) == {"value", "is"}:
            return {**found, "is": "present" if found["is"] == "absent" else "absent"}
        return found["not"] if set(found) == {"not"} else {"not": found}

    def _positive(self, value: str, operator: str, right: str, entry: Entry, ignore_case: bool) -> Any:
        if operator == "matches_regex":
            return self._pattern(value, right, entry, ignore_case)
        if right == "":
            return {"value": value, "is": "absent"} if operator == "equals" else ALWAYS
        operand = self._references.value(right, entry)
        if operator in NUMERIC:
            return self._numeric(value, operator, operand, entry)
        condition = {"value": value, operator: operand}
        if operator == "equals" and right in (MISSING, "null"):
            return {"value": value, "is": "absent"}
        if _holds_for_missing(operator, right):
            entry.note(f"`{operator} {right}` is true in GTM for a value that is missing, which prints as `undefined`")
            return {"any": [{"value": value, "is": "absent"}, condition]}
        return condition

    def _never(self, what: str, entry: Entry) -> Any:
        entry.note(f"{what} never holds, in GTM neither")
        return {"value": "{{ event.event_name }}", "is": "absent"}

    def _numeric(self, value: str, operator: str, operand: str, entry: Entry) -> Any:
        if "{{" in operand:
            return {"value": value, operator: operand}
        number = number_from_text(operand)
        if number is None:
            return self._never(f"`{operand}` is no number, so `{operator}`", entry)
        return {"value": value, operator: whole(number) if number == whole(number) else float(number)}

    def _pattern(self, value: str, right: str, entry: Entry, ignore_case: bool) -> Any:
        source = self._references.constant(right)
        case = {"ignore_case": True} if ignore_case else {}
        if source is None:
            why = f"the pattern `{right}` holds a variable, and patterns are fixed when the container starts"
            return {
                "value": value,
                "matches_regex": f"{{{{ {self._job.fill_in(entry, f'{entry.name} pattern', why)} }}}}",
                **case,
            }
        if _EVERYTHING.fullmatch(source):
            return ALWAYS
        pattern, negated = readable(source)
        try:
            compiled = Pattern(pattern, ignore_case)
        except BadPattern as error:
            why = f"RE2 cannot read the pattern `{source}`: {error}"
            return {
                "value": value,
                "matches_regex": f"{{{{ {self._job.fill_in(entry, f'{entry.name} pattern', why)} }}}}",
                **case,
            }
        if pattern != source:
            entry.note(
                f"the pattern `{source}` is written as {'not ' if negated else ''}`{pattern}`, which RE2 can read"
            )
        condition = {"value": value, "matches_regex": pattern.replace("{{", "{[{]"), **case}
        if negated:
            return {"not": condition}
        if compiled.holds(MISSING) and "." not in pattern[:1]:
            entry.note(f"`{source}` matches the word `undefined` too, as which GTM reads a missing value")
            return {"any": [{"value": value, "is": "absent"}, condition]}
        return condition


def _holds_for_missing(operator: str, right: str) -> bool:
    return {
        "equals": right == MISSING,
        "contains": right in MISSING,
        "starts_with": MISSING.startswith(right),
        "ends_with": MISSING.endswith(right),
    }[operator] and len(right) > 2


def readable(source: str) -> tuple[str, bool]:
    """A JavaScript pattern as RE2 takes it, and whether it has to be negated: `^(?!a|b)` is `not ^(?:a|b)`."""
    pattern = re.sub(r"\\u([0-9A-Fa-f]{4})", r"\\x{\1}", source)
    found = _LOOK_AHEAD.fullmatch(pattern)
    if found and "(?!" not in found["what"] and "(?=" not in found["what"] and _balanced(found["what"]):
        return f"^(?:{found['what']})", True
    return pattern, False


def _balanced(text: str) -> bool:
    depth = 0
    for sign in re.sub(r"\\.", "", text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth < 0:
            return False
    return depth == 0
