"""Client hints, in gtag's parameters and in the headers."""

from __future__ import annotations

import pytest

from container.clients.ga4.hints import LONGEST, client_hints

HEADERS = {
    "sec-ch-ua": '"Chromium";v="116", "Not)A;Brand";v="24"',
    "sec-ch-ua-mobile": "?1",
    "sec-ch-ua-platform": '"macOS"',
}


def test_from_headers_alone_the_platform_keeps_its_quotes() -> None:
    assert client_hints({}, HEADERS) == {
        "brands": [{"brand": "Chromium", "version": "116"}, {"brand": "Not)A;Brand", "version": "24"}],
        "mobile": True,
        "platform": '"macOS"',
    }


def test_parameters_win_over_headers() -> None:
    found = client_hints({"uap": "Linux", "uamb": "0", "uaw": "", "uafvl": ""}, HEADERS)
    assert (found["platform"], found["mobile"], "wow64" in found, "full_version_list" in found) == (
        "Linux", False, False, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("Chromium;142.0.1|Not_A%20Brand;99.0", [("Chromium", "142.0.1"), ("Not_A Brand", "99.0")]),
        ("A%3BB;1|", [("A;B", "1")]),
        ("A", [("A", "")]),
        ("A%FF;1", [("A%FF", "1")]),  # no text
        ("A;" + "1" * LONGEST, [("A", "1" * LONGEST)]),
    ],
)
def test_the_list_of_versions(text: str, versions: list[tuple[str, str]]) -> None:
    told = [{"brand": brand, "version": version} for brand, version in versions]
    assert client_hints({"uafvl": text}, {}) == {"full_version_list": told}


def test_a_browser_that_says_nothing() -> None:
    assert client_hints({}, {"sec-ch-ua": "", "user-agent": "x"}) == {}
    assert client_hints({}, {"sec-ch-ua": "x" * 5000, "sec-ch-ua-platform": "y" * 5000}) == {"platform": "y" * LONGEST}
