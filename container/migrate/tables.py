"""Lookup and RegEx tables."""

from __future__ import annotations

import re
from typing import Any

from container.language.patterns import BadPattern, Pattern
from container.migrate.conditions import MISSING, readable
from container.migrate.export import Object
from container.migrate.job import Job
from container.migrate.references import References
from container.migrate.result import Entry
from container.migrate.secrets import is_placeholder


class Tables:
    """The tables of one export. The first row that fits counts, as in GTM."""

    def __init__(self, job: Job, references: References) -> None:
        self._job = job
        self._references = references

    def lookup(self, one: Object, entry: Entry) -> Any:
        """`smm`: the key equals the input, as text."""
        looked_up = self._references.value(one.params.text("input"), entry)
        rows = [(row.get("key", ""), self._output(one, row.get("value", ""), entry)) for row in one.params.rows("map")]
        default = self._default(one, entry)
        plain = all(key and "{{" not in key and key not in (MISSING, "null") for key, _ in rows)
        if plain and rows and "{{" in looked_up:
            table: dict[str, Any] = {}
            for key, value in rows:
                if key in table:
                    entry.note(f"the key `{key}` is there twice: the first row counts")
                else:
                    table[key] = value
            return {"lookup": looked_up, "table": table, **default}
        found = [{"when": [self._equals(looked_up, key, entry)], "then": value} for key, value in rows]
        return self._first(found, default)

    def _equals(self, value: str, key: str, entry: Entry) -> dict[str, Any]:
        if key in ("", MISSING, "null"):
            return {"value": value, "is": "absent"}
        return {"value": value, "equals": self._references.value(key, entry)}

    def patterns(self, one: Object, entry: Entry) -> Any:
        """`remm`: the key is a pattern; `$1` in the output is what it caught."""
        looked_up = self._references.value(one.params.text("input"), entry)
        ignore_case, whole = one.params.flag("ignoreCase"), one.params.flag("fullMatch")
        replacing = one.params.flag("replaceAfterMatch")
        found = []
        for row in one.params.rows("map"):
            pattern, negated = self._pattern(row.get("key", ""), whole, ignore_case, entry)
            condition: dict[str, Any] = {"value": looked_up, "matches_regex": pattern}
            if ignore_case:
                condition["ignore_case"] = True
            output = self._output(one, row.get("value", ""), entry)
            if replacing and not negated:
                output = self._groups(output, whole, entry)
            found.append({"when": [{"not": condition} if negated else condition], "then": output})
        return self._first(found, self._default(one, entry))

    def _first(self, rows: list[dict[str, Any]], default: dict[str, Any]) -> Any:
        if rows:
            return {"first": rows, **default}
        return default.get("default", "{{ null }}")

    def _pattern(self, key: str, whole: bool, ignore_case: bool, entry: Entry) -> tuple[str, bool]:
        source = self._references.constant(key)
        if source is None:
            why = f"the pattern `{key}` holds a variable, and patterns are fixed when the container starts"
            return f"{{{{ {self._job.fill_in(entry, f'{entry.name} pattern', why)} }}}}", False
        pattern, negated = readable(source)
        if whole and not negated:
            pattern = f"^(?:{pattern})$"
        try:
            Pattern(pattern, ignore_case)
        except BadPattern as error:
            why = f"RE2 cannot read the pattern `{source}`: {error}"
            return f"{{{{ {self._job.fill_in(entry, f'{entry.name} pattern', why)} }}}}", False
        return pattern, negated

    def _groups(self, output: Any, whole: bool, entry: Entry) -> Any:
        if not isinstance(output, str) or "$" not in output:
            return output
        if not whole:
            entry.note(
                "what the pattern caught is put in; GTM also keeps what stands around it, "
                "where not the whole input matches"
            )
        return re.sub(r"\$([&\d])", lambda found: f"{{{{ match[{0 if found[1] == '&' else found[1]}] }}}}", output)

    def _output(self, one: Object, text: str, entry: Entry) -> Any:
        if one.name in self._job.secret_names and text and "{{" not in text:
            if is_placeholder(text):
                found = self._job.fill_in(entry, one.name, f"`{text}` is a placeholder: fill in the value")
                return f"{{{{ secret.{found.partition('.')[2]} }}}}"
            return f"{{{{ {self._job.secrets.lift(text, one.name, f'variable {one.name}')} }}}}"
        if text == MISSING:
            return "{{ null }}"
        return self._references.value(text, entry)

    def _default(self, one: Object, entry: Entry) -> dict[str, Any]:
        if one.params.flag("setDefaultValue"):
            text = one.params.text("defaultValue")
            return {"default": self._output(one, text, entry)} if text else {}
        one.params.book("a default that is switched off", "setDefaultValue", "defaultValue")
        return {}
