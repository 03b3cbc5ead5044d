"""TCF strings, written bit by bit as the specification has them."""

from __future__ import annotations

import base64
from collections.abc import Collection

GOOGLE = 755


def string(
    purposes: Collection[int],
    legitimate: Collection[int] = (),
    vendors: str = "",
    restrictions: str = "0" * 12,
    version: int = 2,
) -> str:
    """A core segment. `vendors`: the bits from the highest vendor id to the vendors' end; default: 755 alone."""
    head = f"{version:06b}" + f"{17_950_000_000:036b}" * 2 + f"{27:012b}{1:012b}{0:06b}"
    head += "000100" + "001101" + f"{15:012b}" + f"{4:06b}" + "1" + "0" + "0" * 12
    asked = "".join(str(int(one in purposes)) for one in range(1, 25))
    legit = "".join(str(int(one in legitimate)) for one in range(1, 25))
    single = f"{GOOGLE:016b}" + "1" + f"{1:012b}" + "0" + f"{GOOGLE:016b}"
    bits = head + asked + legit + "0" + "000000" * 2 + (vendors or single) + "0" * 16 + "0" + restrictions
    bits += "0" * (-len(bits) % 8)
    raw = int(bits, 2).to_bytes(len(bits) // 8)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
