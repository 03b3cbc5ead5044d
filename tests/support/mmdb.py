"""A small file in MaxMind's format, written for tests: a few networks and what is known of them.

The format: https://maxmind.github.io/MaxMind-DB/ (a binary tree of 24-bit records, a data section, metadata).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write(path: Path, networks: Mapping[str, Any]) -> Path:
    """The file; IPv4 and IPv6 networks, as in MaxMind's own files."""
    nodes: list[list[Any]] = [[None, None]]
    data = b""
    for text, found in networks.items():
        network = ipaddress.ip_network(text)
        value = int(network.network_address)
        length = network.prefixlen + (96 if network.version == 4 else 0)
        at = 0
        for depth in range(length - 1):
            bit = value >> (127 - depth) & 1
            if nodes[at][bit] is None:
                nodes.append([None, None])
                nodes[at][bit] = len(nodes) - 1
            at = nodes[at][bit]
        nodes[at][value >> (128 - length) & 1] = ("data", len(data))
        data += _encoded(found)
    count = len(nodes)
    tree = b"".join(_record(record, count) for node in nodes for record in node)
    meta = {
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": 1_795_000_000,
        "database_type": "GeoLite2-City",
        "description": {"en": "of the tests"},
        "ip_version": 6,
        "languages": ["en"],
        "node_count": count,
        "record_size": 24,
    }
    path.write_bytes(tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + _encoded(meta))
    return path


def _record(record: Any, count: int) -> bytes:
    number = count if record is None else record if isinstance(record, int) else count + 16 + record[1]
    return number.to_bytes(3)


UINT16, UINT32, UINT64 = 5, 6, 9
KINDS = {"node_count": UINT32, "build_epoch": UINT64}  # the others are short


def _encoded(value: Any, kind: int = UINT16) -> bytes:
    if isinstance(value, str):
        raw = value.encode()
        return _head(2, len(raw)) + raw
    if isinstance(value, int):
        raw = value.to_bytes((value.bit_length() + 7) // 8)
        return _head(kind, len(raw)) + raw
    if isinstance(value, list):
        return _head(11, len(value)) + b"".join(map(_encoded, value))
    members = (_encoded(key) + _encoded(inner, KINDS.get(key, UINT16)) for key, inner in value.items())
    return _head(7, len(value)) + b"".join(members)


def _head(kind: int, size: int) -> bytes:
    assert size < 29
    return bytes([kind << 5 | size]) if kind <= 7 else bytes([size, kind - 7])
