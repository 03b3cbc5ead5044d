"""Country, region and city from the user's own MaxMind file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mmdb
import pytest

from container.visitors.places import Places

BERLIN = {
    "country": {"iso_code": "DE"},
    "subdivisions": [{"iso_code": "BE"}],
    "city": {"names": {"en": "Berlin", "de": "Berlin"}},
}
NETWORKS = {"203.0.113.0/24": BERLIN, "2001:db8::/32": {"registered_country": {"iso_code": "NO"}}, "192.0.2.0/24": {}}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(mmdb.write(tmp_path / "city.mmdb", NETWORKS))


@pytest.mark.parametrize(
    ("ip", "place"),
    [
        ("203.0.113.77", {"country": "DE", "region": "BE", "city": "Berlin"}),
        ("2001:db8::7", {"country": "NO"}),
        ("198.51.100.1", {}),
        ("192.0.2.1", {}),
        ("", {}),
        ("unix", {}),
    ],
)
def test_the_place_of_an_address(places: Places, ip: str, place: dict[str, str]) -> None:
    assert places.of(ip) == place


@pytest.mark.parametrize(
    ("known", "place"),
    [
        ({"country": {"iso_code": "DE"}, "registered_country": {"iso_code": "NO"}}, {"country": "DE"}),
        ({"country": "DE", "subdivisions": {"iso_code": "BE"}, "city": {"names": "Berlin"}}, {}),
        ({"subdivisions": [], "city": {"names": {"de": "München"}}}, {}),
        ("text", {}),
    ],
)
def test_files_of_other_makers_say_what_they_know(tmp_path: Path, known: Any, place: dict[str, str]) -> None:
    assert Places(mmdb.write(tmp_path / "other.mmdb", {"203.0.113.0/24": known})).of("203.0.113.1") == place


def test_a_file_that_is_none_is_refused_and_so_is_none(tmp_path: Path) -> None:
    (tmp_path / "city.mmdb").write_text("no database")
    with pytest.raises(ValueError, match="no MaxMind database"):
        Places(tmp_path / "city.mmdb")
    with pytest.raises(OSError):
        Places(tmp_path / "none.mmdb")
