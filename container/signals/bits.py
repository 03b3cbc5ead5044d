"""Base64url text as bits, read from the left: what TCF and GPP strings are made of."""

from __future__ import annotations

import base64
import binascii


class Broken(ValueError):
    """It is not what it says it is, or it ends too early."""


class Bits:
    """The bits of one segment. Reading beyond the end raises `Broken`."""

    def __init__(self, text: str) -> None:
        # Some encoders leave out trailing zeros, in steps smaller than a byte.
        try:
            data = base64.b64decode(text + "A" * (-len(text) % 4), b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise Broken("it is no base64url") from error
        self._number = int.from_bytes(data)
        self._left = len(data) * 8

    def number(self, bits: int) -> int:
        """The next bits as a number."""
        self._left -= bits
        if self._left < 0:
            raise Broken("it ends too early")
        return self._number >> self._left & ((1 << bits) - 1)

    def flag(self) -> bool:
        """The next bit."""
        return self.number(1) == 1

    def letters(self, count: int) -> str:
        """So many letters of six bits, A = 0."""
        return "".join(chr(65 + self.number(6)) for _ in range(count))

    def places(self, bits: int) -> frozenset[int]:
        """The numbers, from 1, of the set ones among the next bits."""
        return frozenset(at for at in range(1, bits + 1) if self.flag())

    def fibonacci(self) -> int:
        """A number in Fibonacci coding: it ends with two set bits."""
        found, one, two, before = 0, 1, 2, False
        while True:
            bit = self.flag()
            if bit and before:
                return found
            found += one if bit else 0
            one, two, before = two, one + two, bit
