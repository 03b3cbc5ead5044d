"""Transformations: augment, allow, exclude, with their conditions and the tags they are for."""

from __future__ import annotations

from typing import Any

from container.migrate.conditions import OPERATORS, Conditions
from container.migrate.export import Object, upper_snake
from container.migrate.job import Job
from container.migrate.references import References
from container.migrate.result import Entry
from container.migrate.tags.convert import Tags


class Transformations:
    """Every transformation in its file."""

    def __init__(self, job: Job, references: References, conditions: Conditions, tags: Tags) -> None:
        self._job = job
        self._references = references
        self._conditions = conditions
        self._tags = tags

    def convert(self) -> None:
        """All of them."""
        for one in self._job.export.of("transformation"):
            entry = self._job.entry(one)
            said: dict[str, Any] = {"tags": self._aim(one, entry)}
            when = self._when(one, entry)
            if when:
                said["when"] = when
            said |= self._change(one, entry)
            one.params.book("options that say nothing", "booleanExpressionString", "matchingConditionsEnabled")
            if said["tags"] == []:
                entry.note("it affects no tag, in GTM neither")
            if len(said) - ("when" in said) < 2:
                entry.note("it changes nothing, in GTM neither: not written")
                continue
            self._job.write(one, said)

    def _change(self, one: Object, entry: Entry) -> dict[str, Any]:
        params, kind = one.params, one.type
        if kind == "tf_augment_event":
            rows = params.table("augmentEventTable", "paramName", "paramValue")
            return (
                {"set": {name: self._references.value(text, entry) if text else "{{ null }}" for name, text in rows}}
                if rows
                else {}
            )
        if kind == "tf_allow_params":
            return {"keep": self._columns(one, "allowedParamsTable")}
        if kind == "tf_exclude_params":
            return {"drop": self._columns(one, "excludedParamsTable")}
        entry.hand(f"transformations of type `{kind}` are not known")
        why = "write what it changes"
        return {"set": {"todo": f"{{{{ {self._job.fill_in(entry, f'transformation {one.name}', why)} }}}}"}}

    def _columns(self, one: Object, table: str) -> list[str]:
        return [name for row in one.params.rows(table) for name in [next(iter(row.values()), "")] if name]

    def _when(self, one: Object, entry: Entry) -> list[Any]:
        if not one.params.flag("matchingConditionsEnabled"):
            one.params.book("conditions that are switched off", "matchingConditionsTable")
            return []
        found = []
        for row in one.params.rows("matchingConditionsTable"):
            kind = upper_snake(row.get("expressionType", "EQUALS"))
            negate = kind.startswith(("NOT_", "DOES_NOT_"))
            operator = OPERATORS.get(kind.removeprefix("DOES_").removeprefix("NOT_"))
            left = row.get("variableReference") or f"{{{{{row.get('variableName', '')}}}}}"
            if operator is None:
                why = f"the operator `{kind}` is not known"
                found.append(
                    {"value": f"{{{{ {self._job.fill_in(entry, f'{one.name} condition', why)} }}}}", "is": "present"}
                )
                continue
            found.append(self._conditions.compare(left, operator, row.get("expressionValue", ""), entry, negate=negate))
        return [condition for condition in found if condition]

    def _aim(self, one: Object, entry: Entry) -> Any:
        names = [row.get("tagReference", "") for row in one.params.rows("affectedTags")]
        here = set(self._tags.made)
        ids = [self._job.id_of(tag) for name in names if (tag := self._job.export.named("tag", name))]
        for name in names:
            if name and self._job.export.named("tag", name) is None:
                entry.note(f"it names the tag `{name}`, which the export does not have")
        for row in one.params.value("affectedTagTypes") or ():
            if isinstance(row, dict):
                ids += self._of_type(str(row.get("tagType", "")), row.get("tagTypeExceptions"))
        ids = list(dict.fromkeys(id for id in ids if id in here))
        if one.params.flag("allTagsExcept"):
            return {"except": ids} if ids else "all"
        return ids

    def _of_type(self, kind: str, exceptions: Any) -> list[str]:
        left_out = {
            str(name) for row in exceptions or () for name in (row.values() if isinstance(row, dict) else [row])
        }
        tags = self._job.export.of("tag")
        return [self._job.id_of(tag) for tag in tags if tag.type == kind and tag.name not in left_out]
