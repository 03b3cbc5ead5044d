"""What a durable purchase costs at the least with these parts: python bench/by_hand.py FOLDER PORT TAGS

uvicorn, the query read, four keyed hashes, a copy encrypted, the JSON of state, record and requests, and the rows of
the store in its group commit, written out for one kind of hit. There is no language, no consent, no recognition, no
record of why: nothing that tagport is for. What tagport takes is to be held against this as much as against bare
uvicorn.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
import uvicorn

from container.call import Call
from container.cli import COLLECT
from container.cli.serving import SWITCH
from container.conversion import Firing
from container.dedup.keys import Keys
from container.event import new_id
from container.ledger.interface import Writing
from container.ledger.sqlite.store import SqliteStore

HOST = "www.google-analytics.com"
ENVELOPE = orjson.dumps(
    {
        "method": "POST",
        "url": [f"https://{HOST}/mp/collect?measurement_id=G-BENCH00000&api_secret=", {"secret": "GA4_API_SECRET"}],
        "headers": [["Content-Type", ["application/json"]]],
        "before": ['{"client_id":"100000000.1764678332","events":['],
        "after": ["]}"],
    }
)
YEAR, DAY, HALF_AN_HOUR = 365 * 86400.0, 86400.0, 1800.0


class ByHand:
    """The application."""

    def __init__(self, folder: Path, tags: int) -> None:
        self._folder = folder
        self._tags = [f"{HOST} G-BENCH00000 purchase {number}" for number in range(tags)]
        self._keys = Keys.fresh()
        self._store: SqliteStore | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self._store is None:
            self._store = SqliteStore(self._folder / "by-hand.db")
        await self._store.write(self._purchase(scope))
        headers = [(b"access-control-allow-origin", b"https://www.example.com"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _purchase(self, scope: Any) -> Callable[[Writing], None]:
        """All that can be worked out before the write; returns the write."""
        now = time.time()
        id, headers = new_id(now), dict(scope["headers"])
        hit = dict(parse_qsl(scope["query_string"].decode()))
        order, browser = hit["ep.transaction_id"], headers[b"user-agent"].decode()
        items = [{part[:2]: part[2:] for part in hit[key].split("~")} for key in ("pr1", "pr2")]
        data = {**hit, "items": items, "user_agent": browser, "cookie": headers[b"cookie"].decode()}
        name, *hints = map(self._keys.hash, (f"purchase {order}", hit["cid"], hit["dl"], data["cookie"]))
        state = {
            "count": 1,
            "names": {"~ga4": [name.hex()]},
            "copies": [[now, "ga4", "browser", id, False]],
            "consent": {"browser": {"ad_storage": [True, now], "analytics_storage": [True, now]}},
            "fixed": {"event_id": order, "transaction_id": order, "timestamp": now},
        }
        copy = self._keys.seal(orjson.dumps(data))
        told = [{"tag": target, "decision": "fired", "target": target} for target in self._tags]
        record = orjson.dumps({"id": id, "event": data, "tags": told})
        params = {"transaction_id": order, "value": float(hit["epn.value"]), "currency": hit["cu"], "items": items}
        calls = [self._call(target, order, now, {"name": "purchase", "params": params}) for target in self._tags]

        def write(ledger: Writing) -> None:
            number = ledger.open(id, "purchase", now, now + YEAR, state)
            ledger.name(number, [(name, now + YEAR)], [(hint, now + HALF_AN_HOUR) for hint in hints])
            ledger.add_copy(number, copy, now + DAY, first=True)
            for call in calls:
                ledger.fire(number, Firing(call.target, call.tag, "", id, "live", now))
                ledger.queue(number, id, call, now)
            ledger.keep(id, "conversion", number, now, record)

        return write

    def _call(self, target: str, order: str, now: float, event: dict[str, Any]) -> Call:
        return Call(
            tag="ga4_purchase",
            destination="",
            template="ga4_measurement_protocol",
            target=target,
            envelope=ENVELOPE,
            item=orjson.dumps(event),
            joinable=True,
            event_name="purchase",
            event_id=order,
            transaction_id=order,
            timestamp=now,
            retry_ambiguous=True,
            consent=("analytics_storage",),
            shadow=False,
        )


if __name__ == "__main__":
    gc.set_threshold(*COLLECT)
    sys.setswitchinterval(SWITCH)
    application = ByHand(Path(sys.argv[1]), int(sys.argv[3]))
    uvicorn.run(
        application,
        port=int(sys.argv[2]),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="warning",
    )
