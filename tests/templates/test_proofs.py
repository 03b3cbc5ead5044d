"""What is proved at load: hosts, secrets, and that personal data lands only where the contract has a place for it."""

from __future__ import annotations

import pytest
from writing import Workbench

TEMPLATE = """
params:
  required: [account]
  properties:
    account: {{type: string}}
    token: {{type: string, format: secret}}
    endpoint: {{type: string, format: url}}
    user_data: {{type: object}}
    extra: {{type: object}}
    text: {{type: string}}
    body: {{type: tree}}
let:
  user: "{{{{ event.user_data }}}}"
  own_user: {{$base: "{{{{ event.user_data }}}}", $override: "{{{{ params.user_data }}}}"}}
  everything: "{{{{ event }}}}"
  mail: "{{{{ user.email_address }}}}"
  done: "{{{{ user.email_address | hashed(email) }}}}"
target: "{{{{ params.account }}}} {{{{ event.event_name }}}}"
request:
  url: https://api.example.com/v1/events
  json:
    account: "{{{{ params.account }}}}"
    data:
      - {body}
batch: {{join: data, most: 10}}
contract:
  type: object
  properties:
    account: {{type: string}}
    data:
      type: array
      items:
        type: object
        properties:
          email: {{x-hashed: email}}
          emails: {{type: array, items: {{x-hashed: email}}}}
          city: {{x-plain: true}}
          user: {{type: object, properties: {{phone: {{x-hashed: phone_e164}}}}}}
"""
PARAMS = 'account: "1"'


def codes(body: str, params: str = PARAMS, raw: bool = False, variables: str = "{}") -> list[str]:
    bench = Workbench(variables)
    bench.binding(TEMPLATE.format(body=body), params, raw)
    return bench.codes


def with_param(name: str, value: str) -> str:
    return f"{PARAMS}\n{name}: {value}"


@pytest.mark.parametrize(
    "body",
    [
        '{email: "{{ event.user_data.email_address | hashed(email) }}"}',
        '{email: "{{ user.email_address ?? user.sha256_email_address | hashed(email) }}"}',
        '{email: "{{ mail | hashed(email) }}"}',
        '{email: "{{ done }}"}',
        '{email: "{{ (user.a | hashed(email)) ?? (user.b | hashed(email)) }}"}',
        '{email: "{{ user.email_address | hashed(email) | first }}"}',
        '{emails: {$each: "{{ user.email_address }}", $value: "{{ item | hashed(email) }}"}}',
        '{emails: {$each: "{{ user.email_address | hashed(email) }}", $value: "{{ item }}"}}',
        '{emails: ["{{ mail | hashed(email) }}"]}',
        '{email: {$if: "{{ user.email_address }}", $value: "{{ mail | hashed(email) }}"}}',
        "{email: 62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f}",
        '{city: "{{ user.address.city | lower }}"}',
        '{city: "{{ own_user.address.city }}"}',
        '{value: "{{ event.value }}", known: "{{ event.user_data.email_address and true }}"}',
        '{how_many: "{{ user.email_address | count }}"}',
        '{rest: "{{ event | without(user_data) }}"}',
        '{rest: "{{ event | without(user_data, ip_override) | without(value) }}"}',
        '{rest: "{{ event | only(value, currency) }}"}',
        '{value: "{{ everything.value }}"}',
        '{items: {$each: "{{ event.items }}", id: "{{ item.item_id }}"}}',
        '{rest: {$each: "{{ event | without(user_data) }}", $key: "{{ item.key }}", $value: "{{ item.value }}"}}',
    ],
)
def test_what_is_proved(body: str) -> None:
    assert codes(body) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{email: "{{ event.user_data.email_address }}"}', "not-hashed"),
        ('{email: "{{ mail }}"}', "not-hashed"),
        ('{email: "{{ mail | lower }}"}', "not-hashed"),
        ('{email: "{{ mail | hashed(email) | upper }}"}', "not-hashed"),
        ('{email: "{{ mail | sha256 }}"}', "not-hashed"),
        ('{email: "{{ event.anything }}"}', "not-hashed"),
        ('{email: "mail:{{ mail | hashed(email) }}"}', "not-hashed"),
        ("{email: mary@example.org}", "not-hashed"),
        ('{email: "{{ (mail | hashed(email)) ?? mail }}"}', "not-hashed"),
        ('{email: "{{ mail | hashed(email_gmail) }}"}', "wrong-hash-rule"),
        ('{emails: {$each: "{{ mail }}", $value: "{{ item }}"}}', "not-hashed"),
        ('{email: {$if: "{{ mail }}", $value: "{{ mail | hashed(email) }}", $else: "{{ mail }}"}}', "not-hashed"),
        ('{other: "{{ event.user_data.email_address }}"}', "raw-personal-data"),
        ('{other: "{{ event.user_data.email_address | hashed(email) }}"}', "raw-personal-data"),
        ('{other: "{{ mail }}"}', "raw-personal-data"),
        ('{other: "{{ own_user.email_address }}"}', "raw-personal-data"),
        ('{other: "{{ event.email }}"}', "raw-personal-data"),
        ('{other: "{{ event.customer.id }}"}', "raw-personal-data"),
        ('{other: "to {{ event.phone }}"}', "raw-personal-data"),
        ('{other: "{{ event.x ?? event.phone_number }}"}', "raw-personal-data"),
        ('{other: "{{ [event.first_name, event.last_name] | join(\' \') }}"}', "raw-personal-data"),
        ('{other: "{{ event.event_name | replace(\'x\', event.email) }}"}', "raw-personal-data"),
        ('{other: "{{ event }}"}', "raw-personal-data"),
        ('{other: "{{ everything }}"}', "raw-personal-data"),
        ('{other: "{{ event | json }}"}', "raw-personal-data"),
        ('{other: "{{ event | only(value, user_data) }}"}', "raw-personal-data"),
        ('{other: "{{ event.user_data | without(user_data) }}"}', "raw-personal-data"),
        ('{other: {$each: "{{ event }}", $key: "{{ item.key }}", $value: "{{ item.value }}"}}', "raw-personal-data"),
        ('{other: {$each: "{{ user.address }}", city: "{{ item.city }}"}}', "raw-personal-data"),
        ('{other: {$base: "{{ user }}", x: 1}}', "raw-personal-data"),
        ('{user: {$base: "{{ event.meta }}", phone: "{{ event.p | hashed(phone_e164) }}"}}', "marked-place-override"),
        ('{$override: "{{ params.extra }}", email: "{{ mail | hashed(email) }}"}', "marked-place-override"),
        ('{other: "{{ request.query.email }}"}', "raw-personal-data"),
        ('{other: "{{ event.page_location | query_param(email) }}"}', "raw-personal-data"),
        ('{other: "{{ event[\'x-fb-ud-em\'] }}"}', "raw-personal-data"),
    ],
)
def test_what_is_refused(body: str, code: str) -> None:
    assert set(codes(body)) == {code}


def test_what_a_tag_gives_is_looked_into() -> None:
    body = '{other: "{{ params.text }}"}'
    assert codes(body, with_param("text", '"{{ event.value }}"')) == []
    assert codes(body, with_param("text", '"{{ event.user_data.email_address }}"')) == ["raw-personal-data"]
    assert codes('{email: "{{ params.text }}"}', with_param("text", '"{{ event.x | hashed(email) }}"')) == []
    assert codes('{email: "{{ params.text }}"}', with_param("text", '"{{ event.x }}"')) == ["not-hashed"]
    mail = with_param("user_data", '{mail: "{{ event.email }}"}')
    assert codes('{email: "{{ params.user_data.mail | hashed(email) }}"}', mail) == []


def test_the_problem_stands_where_the_data_is_read() -> None:
    bench = Workbench()
    bench.binding(TEMPLATE.format(body='{other: "{{ params.text }}"}'), with_param("text", '"a {{ event.email }}"'))
    assert bench.places == [("raw-personal-data", "tags/tag.yaml", 2)]


def test_members_brought_by_a_tag_are_looked_into() -> None:
    body = '{extra: {$override: "{{ params.extra }}", value: 1}}'
    assert codes(body, with_param("extra", '{plan: "{{ event.plan }}"}')) == []
    assert codes(body, with_param("extra", '{plan: "{{ event.email }}"}')) == ["raw-personal-data"]


def test_a_whole_body_given_by_the_tag() -> None:
    free = """
        params: {properties: {body: {type: tree}, account: {type: string}}}
        target: "{{ params.account }} x"
        request: {url: "https://api.example.com/", json: "{{ params.body }}"}
        contract: {properties: {em: {x-hashed: email}}}
    """
    for body, found in (
        ('{a: "{{ event.value }}", em: "{{ event.email | hashed(email) }}"}', []),
        ('{a: "{{ event.email }}"}', ["raw-personal-data"]),
        ('{em: "{{ event.value }}"}', ["not-hashed"]),
        ('{token: "{{ secret.TOKEN }}", a: 1}', []),
        ('{a: {token: "{{ secret.TOKEN }}"}}', ["secret-misplaced"]),
    ):
        bench = Workbench()
        bench.binding(free, f'account: "1"\nbody: {body}')
        assert bench.codes == found, body


def test_variables_are_looked_into() -> None:
    body = '{other: "{{ params.text }}"}'
    variables = """
        who: "{{ event.user_data.email_address }}"
        market: {lookup: "{{ event.user_data.email_address }}", table: {a: b}, default: other}
        rows: {first: [{when: [{value: "{{ event.email }}", matches_regex: '(.*)'}], then: "{{ match[1] }}"}]}
        again: "{{ var.who }}"
    """
    for name, found in (("who", ["raw-personal-data"]), ("again", ["raw-personal-data"]), ("market", []),
                        ("rows", ["raw-personal-data"]), ("email", ["raw-personal-data"])):  # fmt: skip
        assert codes(body, with_param("text", f'"{{{{ var.{name} }}}}"'), variables=variables) == found, name


def test_personal_data_raw_lifts_it() -> None:
    assert codes('{other: "{{ event.email }}", email: "{{ event.email }}"}', raw=True) == []
    assert codes('{other: "{{ params.text }}"}', with_param("text", '"{{ event.email }}"'), raw=True) == []


# --- secrets


def secret_codes(request: str, params: str = 'account: "1"\ntoken: "{{ secret.TOKEN }}"') -> list[str]:
    bench = Workbench()
    template = TEMPLATE.format(body="{value: 1}").replace("  url:", f"  {request}\n  url:")
    bench.binding(template, params)
    return bench.codes


def test_where_secrets_may_stand() -> None:
    assert secret_codes('headers: {Authorization: "Bearer {{ params.token }}"}') == []
    assert secret_codes('query: {key: "{{ params.token }}"}') == []
    assert codes("{value: 1}", with_param("token", '"{{ secret.TOKEN }}"')) == []


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ('headers: {Authorization: "{{ params.token | base64 }}"}', "secret-normalised"),
        ('headers: {Authorization: "{{ params.token ?? params.account }}"}', "secret-normalised"),
        ('query: {has: "{{ params.token and true }}"}', "secret-normalised"),
    ],
)
def test_nothing_is_done_with_a_secret(request_: str, code: str) -> None:
    assert set(secret_codes(request_)) == {code}


def test_a_secret_deep_in_the_body_or_in_the_joined_list_is_refused() -> None:
    token = with_param("token", '"{{ secret.TOKEN }}"')
    assert set(codes('{token: "{{ params.token }}"}', token)) == {"secret-misplaced"}
    member = 'account: "{{ params.account }}"\n    data'
    deep = 'auth: {token: "{{ params.token }}"}\n    data'
    template = TEMPLATE.format(body="{value: 1}").replace(member, deep)
    bench = Workbench()
    bench.binding(template, token)
    assert set(bench.codes) == {"secret-misplaced"}
