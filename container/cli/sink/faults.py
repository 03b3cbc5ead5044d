"""Faults on demand: what a vendor's bad day looks like, by rule."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

HELP = """\b
RULE is VENDOR:EFFECT[:OPTION…]
  VENDOR  meta | tiktok | ga4 | google (ga4, dm, ads, oauth) | dm | ads | oauth | * | a host name
  EFFECT  429, 500 …     that HTTP status, with the vendor's own kind of body
          code=40105     the vendor's error code (Meta: code=100/2804003 with its subcode; Google: its name,
                         dm:code=INVALID_HEX_ENCODING, ads:code=TOO_RECENT_EVENT as a partial failure)
          slow=2s        the right answer, so much later
          html           200 and a page of some proxy in place of the answer
          half           the right status and half of the answer's body
          hangup         reads the request, then closes the connection without an answer
          reset          reads the request, then resets the connection
          cut            half an answer, then a reset
          stall          half an answer, then nothing for a minute
  OPTION  20%            for that share of the calls
          x3             for the next three calls only
          retry-after=2  sends that header along
          match=TEXT     only calls whose body contains TEXT
Examples:  meta:429:20%   tiktok:code=40105   ga4:hangup:x1   meta:slow=2s"""

_SECONDS = re.compile(r"^(\d+(?:\.\d+)?)(ms|s)?$")
_GOOGLE = ("ga4", "dm", "ads", "oauth")


@dataclass
class Fault:
    """One rule. `left`: for how many more calls, None: for all."""

    rule: str
    vendor: str
    effect: str  # status | code | slow | html | half | hangup | reset | cut | stall
    value: str = ""
    share: float = 1.0
    left: int | None = None
    retry_after: str = ""
    match: bytes = b""

    @property
    def seconds(self) -> float:
        """How much later a `slow` answer comes."""
        found = _SECONDS.match(self.value)
        return 0.0 if found is None else float(found[1]) / (1000 if found[2] == "ms" else 1)

    def concerns(self, vendor: str, host: str, body: bytes) -> bool:
        """Whether the rule speaks of this call."""
        names = {"*", vendor, host, "google" if vendor in _GOOGLE else vendor}
        return self.vendor in names and self.left != 0 and self.match in body


def parse(rule: str) -> Fault:
    """The fault that `rule` describes. Raises `ValueError` saying what is wrong."""
    vendor, _, rest = rule.partition(":")
    effect, *options = rest.split(":") if rest else [""]
    if not vendor or not effect:
        raise ValueError(f"{rule!r} is no fault rule; write VENDOR:EFFECT, for example meta:429:20%")
    fault = Fault(rule, vendor, *_effect(rule, effect))
    if fault.effect == "code" and vendor in ("meta", "tiktok") and not fault.value.lstrip("-")[:1].isdigit():
        raise ValueError(f"{rule!r}: {effect!r} is no effect: the errors of {vendor} have numbers, as in code=190")
    for option in options:
        _option(fault, option)
    return fault


def _effect(rule: str, effect: str) -> tuple[str, str]:
    name, _, value = effect.partition("=")
    if effect in ("html", "half", "hangup", "reset", "cut", "stall"):
        return effect, ""
    if re.fullmatch(r"[1-5]\d\d", effect):
        return "status", effect
    if name == "code" and re.fullmatch(r"-?\d+(/\d+)?|[A-Z][A-Z_]*", value):
        return "code", value
    if name == "slow" and _SECONDS.match(value):
        return "slow", value
    known = "429, code=N, slow=2s, html, half, hangup, reset, cut and stall"
    raise ValueError(f"{rule!r}: {effect!r} is no effect; there are {known}")


def _option(fault: Fault, option: str) -> None:
    name, _, value = option.partition("=")
    if re.fullmatch(r"\d+(\.\d+)?%", option):
        fault.share = float(option[:-1]) / 100
    elif re.fullmatch(r"x\d+", option):
        fault.left = int(option[1:])
    elif name == "retry-after" and value:
        fault.retry_after = value
    elif name == "match" and value:
        fault.match = value.encode()
    else:
        raise ValueError(f"{fault.rule!r}: {option!r} is no option; there are 20%, x3, retry-after=2 and match=TEXT")


@dataclass
class Faults:
    """The rules in force; they may change while the sink runs. The first that fits a call is taken."""

    rules: list[Fault] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(0))

    @classmethod
    def of(cls, rules: Sequence[str]) -> Faults:
        """The faults of these rules; the same calls in the same order meet the same faults."""
        return cls([parse(rule) for rule in rules])

    def pick(self, vendor: str, host: str, body: bytes) -> Fault | None:
        """What befalls this call."""
        for fault in self.rules:
            if fault.concerns(vendor, host, body) and self.chance.random() < fault.share:
                if fault.left is not None:
                    fault.left -= 1
                return fault
        return None
