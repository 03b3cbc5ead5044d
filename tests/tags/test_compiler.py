"""Tags from documents: what `check` says about them."""

from __future__ import annotations

import pytest
from tagging import TAG, TEMPLATE, good, tag
from writing import Workbench

from container.tags import Wait, compile_tags, prove_unused, written_triggers
from container.workspace.documents import Document


def test_a_tag() -> None:
    found = good()
    assert (found.id, found.name, found.template_id) == ("tag", "Own - Purchase", "own")
    assert (found.triggers, found.exceptions, found.consent) == (("purchase",), (), ("ad_storage",))
    assert (found.fires_once, found.targets_many, found.wait, found.mode) == (True, False, None, "live")


def test_wait() -> None:
    assert good(TAG + "wait: {for: [browser, server], most: 2m}").wait == Wait(frozenset(("browser", "server")), 120.0)
    dropped = good(TAG + "wait: {for: [server], most: 30s, else: drop}").wait
    assert dropped == Wait(frozenset(("server",)), 30.0, "drop")


def test_consent_of_the_tag_replaces_that_of_the_template() -> None:
    assert good(TAG + "consent: [analytics_storage]").consent == ("analytics_storage",)
    assert good(TAG + "consent: []").consent == ()


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("name: Own", "nmae: Own", "unknown-key", 1),
        ("template: own", "template: onw", "unknown-template", 2),
        ("[purchase]", "[purchse]", "unknown-trigger", 3),
        ("[purchase]", "[purchase]\nexceptions: [test]", "unknown-trigger", 4),
        ('account: "1"', 'acount: "1"', "unknown-parameter", 4),
        ('account: "1", ', "", "missing-parameter", 4),
        ("secret.TOKEN", "secret.TOKN", "missing-secret", 4),
        ('account: "1"', 'account: "{{ market }}"', "unknown-name", 4),
        ("name: Own - Purchase", "mode: off", "not-allowed", 1),
        ("name: Own - Purchase", "fires: twice", "not-allowed", 1),
        ("name: Own - Purchase", "consent: [ad_storag]", "unknown-consent", 1),
        ("name: Own - Purchase", "active: {from: 2026-11-01}", "bad-time", 1),
        ("name: Own - Purchase", "active: {from: soon}", "bad-time", 1),
        ("name: Own - Purchase", "wait: {for: [phone], most: 2m}", "not-allowed", 1),
        ("name: Own - Purchase", "wait: {for: [browser], most: 2}", "bad-duration", 1),
        ("name: Own - Purchase", "wait: {for: [browser]}", "missing-key", 1),
        ('account: "1"', 'account: "1", text: "{{ event.email }}"', "raw-personal-data", 4),
        ("name: Own - Purchase", "fires: every_event", "every-event", 1),
        ("name: Own - Purchase", "personal_data: raw", "personal-data-raw", 1),
        ("triggers: [purchase]", "trigers: [purchase]", "unknown-key", 3),
    ],
)
def test_mistakes(old: str, new: str, code: str, line: int) -> None:
    assert old in TAG
    _, bench = tag(TAG.replace(old, new, 1), triggers=["purchase"])
    assert (code, "tags/tag.yaml", line) in bench.places, bench.places


def test_hints() -> None:
    _, bench = tag(TAG.replace("[purchase]", "[purchse]"), triggers=["purchase"])
    (problem,) = bench.problems
    assert problem.message == "tag `tag` is fired by `purchse`, which no file defines"
    assert problem.hint == "did you mean `purchase`?"


def test_warnings_do_not_keep_the_container_from_starting() -> None:
    _, bench = tag(TAG + "fires: every_event\npersonal_data: raw", triggers=["purchase"])
    assert bench.problems.errors == []


def test_what_could_not_be_read_is_no_problem_of_the_tag() -> None:
    found, bench = tag(
        TAG.replace("template: own", "template: other"), triggers=[], may_exist=lambda kind, id: True
    )
    assert found is None and bench.codes == []


def test_the_built_in_trigger() -> None:
    _, bench = tag(TAG.replace("[purchase]", "[all_events]"), triggers=[])
    assert bench.codes == []


def test_triggers_written_in_the_tag() -> None:
    text = TAG.replace("[purchase]", "[purchase, {event: add_to_cart}]\nexceptions: [{client: ga4}]")
    found, bench = tag(text, triggers=["purchase"])
    assert found is not None and bench.codes == []
    assert (found.triggers, found.exceptions) == (("purchase", "tag.triggers[1]"), ("tag.exceptions[0]",))
    node = bench.node(text, "tags/tag.yaml")
    written = written_triggers({"tag": Document("tags", "tag", node, node.place)})
    assert list(written) == ["tag.triggers[1]", "tag.exceptions[0]"]


def test_a_template_that_no_tag_uses_is_proved_all_the_same() -> None:
    bench = Workbench()
    unused = bench.template(TEMPLATE.replace("event.event_name }}\", text", "event.email }}\", text"))
    prove_unused({"own": unused}, {}, bench.context)
    assert bench.codes == ["raw-personal-data"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("  a: {acount: x}", "unknown-parameter"),
        ('  a: {when: [{value: "{{ event.x }}", equls: 1}]}', "unknown-operator"),
        ('  a: {text: "{{ event.email }}"}', "raw-personal-data"),
    ],
)
def test_mistakes_in_destinations(line: str, code: str) -> None:
    _, bench = tag(TAG + "destinations:\n" + line, triggers=["purchase"])
    assert [(found[0], found[2]) for found in bench.places] == [(code, 6)]


def test_what_a_template_says_to_everybody_who_uses_it() -> None:
    found, bench = tag(template="notice: closed to\n  new accounts\n" + TEMPLATE.lstrip(), triggers=["purchase"])
    assert found is not None
    (problem,) = bench.problems
    assert (problem.severity, problem.code) == ("warning", "template-notice")
    assert problem.message == "tag `tag`: closed to new accounts"


@pytest.mark.parametrize(
    ("host", "vendors"),
    [
        ("graph.facebook.com", ("vendor_meta",)),
        ("facebook.com:8443", ("vendor_meta",)),
        ("business-api.tiktok.com", ("vendor_tiktok",)),
        ("region1.google-analytics.com", ("vendor_google",)),
        ("notfacebook.com", ()),
        ("facebook.com.example.org", ()),
    ],
)
def test_a_tag_asks_the_vendor_whose_host_it_sends_to(host: str, vendors: tuple[str, ...]) -> None:
    assert good(template=TEMPLATE.replace("https://e.org", f"https://{host}")).vendors == vendors


def test_it_asks_the_vendors_of_all_its_destinations() -> None:
    template = TEMPLATE.replace("https://e.org/{{ params.account }}", '"{{ params.endpoint }}/x"').replace(
        "properties: {", "properties: {endpoint: {type: string, format: url}, "
    )
    hosts = ("https://graph.facebook.com", "https://e.org", "https://www.google-analytics.com")
    written = "".join(f"\n  d{index}: {{endpoint: {host}}}" for index, host in enumerate(hosts))
    assert good(f"{TAG}destinations:{written}", template).vendors == ("vendor_google", "vendor_meta")


def test_a_tag_that_would_end_before_it_begins() -> None:
    _, bench = tag(TAG + "active: {from: 2026-12-01T00:00Z, until: 2026-11-01T00:00Z}", triggers=["purchase"])
    [problem] = bench.problems
    assert (problem.code, problem.line, problem.message) == ("bad-time", 5, "tag `tag` would end before it begins")


def test_a_moment_without_a_zone_is_none() -> None:
    _, bench = tag(TAG + "active: {until: 2026-11-01T00:00}", triggers=["purchase"])
    [problem] = bench.problems
    assert "zone" in problem.hint


def test_tags_come_by_their_ids_and_one_without_its_template_is_left_out() -> None:
    bench = Workbench()
    template = bench.template(TEMPLATE)
    texts = {"b": TAG, "broken": TAG.replace("own\n", "none\n"), "a": TAG}
    documents = {id: Document("tags", id, bench.node(text, f"{id}.yaml"), None) for id, text in texts.items()}
    found = compile_tags(documents, {"own": template}, {}, bench.context, ["purchase"])
    assert [one.id for one in found] == ["a", "b"]
    assert bench.codes == ["unknown-template"]
