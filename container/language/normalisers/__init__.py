"""Every normaliser, in the order of the docs page. Each is pure and never raises; what it cannot make is absent."""

from __future__ import annotations

from container.language.normalisers import (
    countries,
    ga4,
    ga4_em,
    ga4_params,
    hashes,
    lists,
    notations,
    numbers,
    phones,
    tables,
    text,
    times,
    urls,
    visitors,
)
from container.language.normalisers.base import Case, Normaliser, Parameter
from container.language.normalisers.hashes import HASH_RULES, hashed

NORMALISERS: dict[str, Normaliser] = {
    normaliser.name: normaliser
    for group in (
        hashes.NORMALISERS,
        phones.NORMALISERS,
        countries.NORMALISERS,
        text.NORMALISERS,
        notations.NORMALISERS,
        numbers.NORMALISERS,
        times.NORMALISERS,
        tables.NORMALISERS,
        lists.NORMALISERS,
        urls.NORMALISERS,
        visitors.NORMALISERS,
        ga4.NORMALISERS,
        ga4_em.NORMALISERS,
        ga4_params.NORMALISERS,
    )
    for normaliser in group
}



def prepare() -> None:
    """Read the tables that the first value would wait for; for a thread beside the event loop."""
    countries.prepare()


__all__ = ["HASH_RULES", "NORMALISERS", "Case", "Normaliser", "Parameter", "hashed", "prepare"]
