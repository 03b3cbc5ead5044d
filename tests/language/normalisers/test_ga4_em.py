"""User data as the parameter `em` of Google's hits."""

from __future__ import annotations

import base64
import hashlib

from container.language.normalisers.ga4_em import ga4_em


def coded(text: str) -> str:
    """As gtag writes a hash: base64url without its end."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def test_all_that_identifies_is_hashed_and_where_somebody_lives_is_not() -> None:
    address = {
        "first_name": " Mary ", "last_name": "O’Neil", "street": "1, Hacker Way", "city": " Oslo ", "region": "OSLO",
        "postal_code": "0150", "country": "no",
    }  # fmt: skip
    user = {"email_address": "M.ary+1@gmail.com", "phone_number": "+4747123456", "address": [address, {"city": "x"}]}
    assert ga4_em(user) == "~".join(
        [
            "tv.1", f"em.{coded('mary@gmail.com')}", f"pn.{coded('+4747123456')}", f"fn0.{coded('mary')}",
            f"ln0.{coded('o’neil')}", f"sa0.{coded('1 hacker way')}", "ct0.oslo", "rg0.oslo", "pc0.0150", "co0.NO",
        ]
    )  # fmt: skip


def test_a_hash_stays_as_it_came() -> None:
    digest = hashlib.sha256(b"mary@example.com").hexdigest()
    assert ga4_em({"sha256_email_address": digest.upper()}) == f"tv.1~em.{digest}"


def test_the_first_form_that_is_valid_counts() -> None:
    digest = hashlib.sha256(b"x").hexdigest()
    assert ga4_em({"email_address": "no address", "sha256_email_address": digest}) == f"tv.1~em.{digest}"
    assert ga4_em({"email_address": ["a@example.com", "b@example.com"]}) == f"tv.1~em.{coded('a@example.com')}"


def test_a_separator_in_a_value_makes_no_new_one() -> None:
    assert ga4_em({"address": {"city": "a~em.x", "country": "~"}}) == "tv.1~ct0.aem.x"
