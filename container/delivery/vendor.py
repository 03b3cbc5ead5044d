"""One request to a vendor: secrets put in, sent, and its end judged by the template's rules."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from container.call import Envelope, Reveal, fill
from container.delivery.auth import Auth, Refused
from container.delivery.http import Answer, NoAnswer, NotSent, Sender, Unsendable, Wire
from container.delivery.outcomes import AMBIGUOUS, PlainRules, Rules, Verdict, retry_after, scrub
from container.errors import MissingSecret
from container.ledger.interface import Row

log = logging.getLogger("tagport.delivery")

UNAUTHORISED = 401


class Revealing:
    """Reveals secrets, and remembers their values for as long as the vendor's words must be searched for them."""

    def __init__(self, reveal: Reveal) -> None:
        self._reveal = reveal
        self.values: set[str] = set()

    def __call__(self, name: str) -> str:
        value = self._reveal(name)
        self.values.add(value)
        return value


class Vendor:
    """Everything between rows that are marked as being sent and the verdict on them."""

    def __init__(self, http: Sender, reveal: Reveal, clock: Callable[[], float]) -> None:
        self.http = http
        self.auth = Auth(http, clock)
        self._reveal = reveal
        self._clock = clock

    async def ask(self, rows: Sequence[Row], rules: Rules) -> Verdict:
        """Send these calls as one request. Never raises for what a vendor, a network or a workspace does."""
        revealing = Revealing(self._reveal)
        started = time.monotonic()
        try:
            verdict = await self._ask(rows, rules, revealing)
        except MissingSecret as error:
            verdict = Verdict("stopped", f"no value for the secret {error}: neither environment, /run/secrets nor .env")
        except Refused as error:
            verdict = Verdict("stopped", str(error))
        except Unsendable as error:
            verdict = Verdict("refused", f"the request cannot be sent: {error}")
        except NotSent as error:
            verdict = Verdict("retry", str(error), outage=True)
        except NoAnswer as error:
            verdict = Verdict(AMBIGUOUS, str(error), outage=True)
        verdict.reason = scrub(verdict.reason, revealing.values)
        verdict.took = time.monotonic() - started
        return verdict

    async def _ask(self, rows: Sequence[Row], rules: Rules, reveal: Revealing) -> Verdict:
        call = rows[0].call
        envelope = _shared(call.envelope) if call.joinable else Envelope.from_stored(call.envelope)
        credentials = {name: fill(parts, reveal) for name, parts in envelope.auth}
        answer = await self.http.send(await self._wire(envelope, rows, credentials, reveal))
        if answer.status == UNAUTHORISED and credentials and self.auth.forget(credentials):
            answer = await self.http.send(await self._wire(envelope, rows, credentials, reveal))  # with a new token
        return self._judge(answer, rules, len(rows))

    async def _wire(
        self, envelope: Envelope, rows: Sequence[Row], credentials: Mapping[str, str], reveal: Revealing
    ) -> Wire:
        body = envelope.body([row.call.item for row in rows], reveal)
        headers = [(name, fill(parts, reveal)) for name, parts in envelope.headers]
        if credentials:
            headers += await self.auth.headers(credentials, body)
            reveal.values.update(self.auth.tokens(credentials))
        return Wire(envelope.method, fill(envelope.url, reveal), headers, body, envelope.timeout, envelope.read_timeout)

    def _judge(self, answer: Answer, rules: Rules, count: int) -> Verdict:
        try:
            outcome, reason = rules.judge(answer.status, answer.headers, answer.text, count)
        except Exception:
            log.exception("the template's response rules failed; judged by the HTTP status alone")
            outcome, reason = PlainRules().judge(answer.status, answer.headers, answer.text, count)
        outcome = "stopped" if outcome == "stop" else outcome  # the template's word for it
        asked = retry_after(answer.headers, self._clock())
        return Verdict(outcome, reason, answer.status, retry_after=asked, outage=outcome == "retry")


@lru_cache(maxsize=64)
def _shared(envelope: bytes) -> Envelope:
    return Envelope.from_stored(envelope)
