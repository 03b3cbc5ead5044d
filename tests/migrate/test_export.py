"""What is no export is refused with a reason."""

from __future__ import annotations

import json
from typing import Any

import pytest

from container.migrate.export import NotAnExport, parse, upper_snake


def export(**version: Any) -> bytes:
    return json.dumps({"exportFormatVersion": 2, "containerVersion": version}).encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no JSON"),
        (b'{"exportFormatVersion": 2, "containerVersion": {"tag": [', "ends in the middle"),
        (b"[]", "not GTM's export file"),
        (b"5", "not GTM's export file"),
        (b"{}", "no export of Google Tag Manager"),
        (b'{"tag": [], "nextPageToken": "x"}', "an answer of the Tag Manager API"),
        (b'{"path": "accounts/1", "containerVersionId": "7", "tag": []}', "an answer of the Tag Manager API"),
        (b"___INFO___\n{}\n___SANDBOXED_JS_FOR_SERVER___\n", "a template (.tpl)"),
        (b"\xef\xbb\xbf___TERMS_OF_SERVICE___\n", "a template (.tpl)"),
        (b'{"exportFormatVersion": 3, "containerVersion": {}}', "export format 3"),
        (b'{"exportFormatVersion": 2, "containerVersion": []}', "no export"),
        (export(tag={"name": "x"}), "`containerVersion.tag` is no list"),
        (export(tag=["x"]), "`containerVersion.tag` is no list"),
        (export(container=[]), "`containerVersion.container` is no object"),
        (export(container={"usageContext": ["AMP"]}), "a container for AMP"),
        (b"\xff\xfe{\x00}\x00", "is no JSON"),
    ],
)
def test_what_is_no_export(content: bytes, said: str) -> None:
    with pytest.raises(NotAnExport) as told:
        parse(content, "file.json")
    assert said in str(told.value)
    assert "file.json" in str(told.value)


def test_a_mark_and_stray_text_before_it_do_no_harm() -> None:
    assert parse(b"\xef\xbb\xbf" + export()).name == "gtm"
    assert parse(b"var x = " + export()).name == "gtm"


def test_web_or_server() -> None:
    assert parse(export(container={"usageContext": ["WEB"]})).web
    assert not parse(export(container={"usageContext": ["server"]})).web
    assert not parse(export(client=[{"name": "GA4"}])).web
    assert not parse(export(tag=[{"type": "sgtmgaaw"}])).web
    assert parse(export(tag=[{"type": "html"}])).web


def test_oldest_first_whatever_the_order() -> None:
    found = parse(export(tag=[{"tagId": "10", "name": "b"}, {"tagId": "9", "name": "a"}, {"name": "c"}]))
    assert [tag.name for tag in found.of("tag")] == ["a", "b", "c"]


def test_the_spelling_of_the_api() -> None:
    assert [upper_snake(text) for text in ("customEvent", "CUSTOM_EVENT", "template")] == [
        "CUSTOM_EVENT",
        "CUSTOM_EVENT",
        "TEMPLATE",
    ]
