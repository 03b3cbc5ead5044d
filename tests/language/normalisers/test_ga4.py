"""Event data as the parameters of a hit."""

from __future__ import annotations

from speaking import value

from container.language.normalisers.ga4 import ga4_hit


def test_a_hit_of_everything() -> None:
    event = {
        "event_name": "view_item",
        "x-ga-measurement_id": "G-1",
        "x-ga-gcs": "G111",
        "x-ga-mp2-seg": "1",
        "x-ga-system_properties": {"ss": "1", "ee": True, "eu": [1]},
        "client_hints": {
            "mobile": False,
            "platform": "macOS",
            "full_version_list": [{"brand": "Chromium", "version": "142"}, {"brand": "Not", "version": "99"}],
        },
        "event_location": {"country": "NO", "region": "03"},
        "items": {"item_id": "one"},
        "fbclid": "x",
        "nested": {"a": 1},
        "flag": True,
        "ga_session_number": 3,
    }
    assert value("event | ga4_hit", event) == {
        "v": "2",
        "en": "view_item",
        "tid": "G-1",
        "gcs": "G111",
        "seg": "1",
        "_ss": "1",
        "_ee": "1",
        "uamb": "0",
        "uap": "macOS",
        "uafvl": "Chromium;142|Not;99",
        "ur": "NO-03",
        "pr1": "idone",
        "ep.flag": "true",
        "sct": "3",
    }



def test_of_an_item_ten_members_of_its_own_have_a_place() -> None:
    found = ga4_hit({"items": [{"item_id": "A", **{f"own{n}": n for n in range(12)}}]})
    assert found is not None
    assert found["pr1"].startswith("idA~k0own0~v00~k1own1~v11")
    assert found["pr1"].endswith("~k9own9~v99")


def test_items_are_counted_as_they_are_taken_and_no_more_than_200() -> None:
    found = ga4_hit({"items": ["no item", {"item_id": "A"}, {"price": [1]}, *({"item_id": n} for n in range(300))]})
    assert found is not None
    assert found["pr1"] == "idA" and "pr2" not in found and found["pr3"] == "id0"
    assert "pr200" in found and "pr201" not in found


def test_a_brand_is_encoded_for_itself_and_a_country_may_have_no_region() -> None:
    found = ga4_hit(
        {
            "client_hints": {"full_version_list": [{"brand": "Not;A|Brand", "version": "8"}, "x"], "mobile": True},
            "event_location": {"country": "NO"},
        }
    )
    assert found == {"v": "2", "uamb": "1", "uafvl": "Not%3BA%7CBrand;8", "ur": "NO"}


def test_the_pages_urls_are_cleaned_and_no_others() -> None:
    found = ga4_hit({"page_location": "https://a.b/?token=1", "page_referrer": "mailto:x@y.z", "link": "https://a.b/"})
    assert found == {"v": "2", "dl": "https://a.b/", "ep.link": "https://a.b/"}


def test_the_two_parts_of_a_hit_are_all_of_it() -> None:
    hit = ga4_hit({"client_id": "1.2", "event_name": "scroll", "percent": 90, "page_title": "Thanks"})
    page, event = (value(f"event | ga4_part({part})", hit) for part in ("page", "event"))
    assert page == {"v": "2", "cid": "1.2", "dt": "Thanks"}
    assert event == {"en": "scroll", "epn.percent": "90"}
