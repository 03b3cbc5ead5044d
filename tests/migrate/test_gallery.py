"""Custom templates of an export: which one a type means, and what is in it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from container.migrate.export import parse
from container.migrate.gallery import Gallery
from container.migrate.result import CONVERTED, NOTE, Entry


def template(id: str, name: str = "Own", info: Any = None, code: str = "", **reference: Any) -> dict[str, Any]:
    told = {"type": "TAG", "displayName": name, **(info or {})}
    text = f"___INFO___\n\n{json.dumps(told)}\n\n___SANDBOXED_JS_FOR_SERVER___\n\n{code}\n"
    found: dict[str, Any] = {"templateId": id, "name": name, "containerId": "9", "templateData": text}
    return found | ({"galleryReference": reference} if reference else {})


def gallery(*templates: dict[str, Any]) -> Gallery:
    version = {"container": {"publicId": "GTM-T", "usageContext": ["SERVER"]}, "customTemplate": list(templates)}
    export = json.dumps({"exportFormatVersion": 2, "containerVersion": version})
    return Gallery(parse(export.encode()))


def entry() -> Entry:
    return Entry("tag", "1", "A tag")


FACEBOOK = {"owner": "Stape-IO", "repository": "facebook-tag", "galleryTemplateId": "5TP8W"}


@pytest.mark.parametrize("type", ["cvt_9_3", "cvt_3", "cvt_5TP8W", "cvt_77_3"])
def test_a_type_means_its_template_however_it_is_written(type: str) -> None:
    known = gallery(template("3", **FACEBOOK))
    found = known.of(type, told := entry())
    assert found is not None and (found.object.id, found.source, found.kind) == ("3", "stape-io/facebook-tag", "tag")
    assert told.grade == CONVERTED
    assert known.source(type, entry()) == "stape-io/facebook-tag"


@pytest.mark.parametrize(
    ("made", "source"),
    [
        (template("3", "Renamed", {"id": "cvt_5TP8W"}), "stape-io/facebook-tag"),
        (template("3", "TikTok Events API"), "stape-io/tiktok-tag"),
        (template("3", " TikTok Events API ", {"displayName": "Mine"}), "stape-io/tiktok-tag"),
        (template("3", "My own"), "my own"),
    ],
)
def test_where_a_template_is_from_that_does_not_say_so(made: dict[str, Any], source: str) -> None:
    assert gallery(made).templates[0].source == source


def test_a_template_that_the_export_lacks_is_known_by_its_short_id() -> None:
    known = gallery()
    assert known.of("cvt_5TP8W", entry()) is None
    assert (known.source("cvt_5TP8W", entry()), known.source("cvt_XXXXX", entry())) == ("stape-io/facebook-tag", "")


def test_of_two_with_one_short_id_the_one_nobody_changed_is_meant_and_that_is_said() -> None:
    known = gallery(template("3", **FACEBOOK, isModified=True), template("4", **FACEBOOK))
    told = entry()
    found = known.of("cvt_5TP8W", told)
    assert found is not None and found.object.id == "4"
    assert told.grade == NOTE and "nobody changed" in told.notes[0]
    assert known.of("cvt_9_3", plain := entry()) is not None and plain.grade == CONVERTED


def test_what_its_code_asks_for() -> None:
    made = template("3", code="const a = require('sendHttpRequest');\nb = require( \"JSON\" ), c = require('JSON');")
    assert gallery(made).templates[0].apis() == ["JSON", "sendHttpRequest"]


def test_a_template_that_is_none_is_no_reason_to_fail() -> None:
    known = gallery({"templateId": "3", "name": "Broken", "containerId": "9", "templateData": "___INFO___\n{oops"})
    [found] = known.templates
    assert (found.source, found.kind, found.apis(), found.permissions()) == ("broken", "", [], [])
