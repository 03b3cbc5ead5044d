"""The record of every call."""

from __future__ import annotations

import io
import json
import re
from collections.abc import AsyncIterator

from calling_sink import GA4, TIKTOK, Caller, purchase

from container.cli.sink.app import make_sink


class TestRecords:
    async def test_every_call_is_one_flushed_line(self) -> None:
        class Log(io.StringIO):
            flushed = ""

            def flush(self) -> None:
                self.flushed = self.getvalue()

        log = Log()
        caller = Caller(make_sink(log))
        await caller(TIKTOK, "/open_api/v1.3/event/track/?a=1&b=2&b=3&c=", {"data": [], "ü": 1.50})
        record = json.loads(log.flushed)
        assert log.flushed.count("\n") == 1
        assert list(record) == ["at", "host", "method", "path", "query", "headers", "body"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["at"])
        assert (record["host"], record["method"]) == (TIKTOK, "POST")
        assert record["path"] == "/open_api/v1.3/event/track/"
        assert record["query"] == {"a": "1", "b": ["2", "3"], "c": ""}
        assert record["headers"]["content-type"] == "application/json"
        assert record["body"] == {"data": [], "ü": 1.5}
        await caller.client.aclose()

    async def test_a_body_that_is_no_json_is_kept_as_text(self, caller: Caller) -> None:
        await caller.client.post("/", content=b"grant_type=x\xff")
        await caller.client.get("/")
        assert [one["body"] for one in caller.app.calls] == ["grant_type=x\ufffd", None]
        assert caller.app.calls[1]["host"] == "127.0.0.1:9000"

    async def test_a_body_in_parts_is_one(self, caller: Caller) -> None:
        async def parts() -> AsyncIterator[bytes]:
            for part in (b'{"data":', b"[1,", b"2]}"):
                yield part

        await caller.client.post("/", content=parts())
        assert caller.app.calls[0]["body"] == {"data": [1, 2]}

    async def test_secrets_are_masked(self, caller: Caller) -> None:
        await caller(
            GA4, "/mp/collect?measurement_id=G-1&api_secret=S3CRET", {"access_token": "S3CRET", "client_id": "1"},
            headers={"authorization": "Bearer S3CRET", "Access-Token": "S3CRET"},
        )  # fmt: skip
        record = caller.app.calls[0]
        assert "S3CRET" not in str(record)
        assert record["query"] == {"measurement_id": "G-1", "api_secret": "***"}
        assert record["headers"]["authorization"] == "Bearer ***"
        assert record["body"] == {"access_token": "***", "client_id": "1"}

    async def test_they_are_shown_on_request(self) -> None:
        caller = Caller(make_sink(show_secrets=True))
        await caller.meta(purchase())
        assert caller.app.calls[0]["headers"]["authorization"] == "Bearer T"
        await caller.client.aclose()

    async def test_the_calls_can_be_read_and_forgotten(self, caller: Caller) -> None:
        await caller.meta(purchase())
        assert (await caller.client.get("/_calls")).json() == list(caller.app.calls)
        await caller.client.delete("/_calls")
        assert list(caller.app.calls) == []
