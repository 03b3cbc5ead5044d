"""The key file beside the database: names are hashed and stored copies encrypted under it."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import tempfile
from hashlib import blake2b
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from container.errors import KeyMismatch

BYTES = 32
NONCE = 12


class Keys:
    """Everything that needs the key. Two stores never share one, so their hashes cannot be compared."""

    def __init__(self, key: bytes) -> None:
        self._names = blake2b(key=hmac.digest(key, b"names", "sha256"), digest_size=16)
        self._copies = AESGCM(hmac.digest(key, b"copies", "sha256"))
        self.fingerprint = hashlib.sha256(b"fingerprint" + key).hexdigest()[:16]

    @classmethod
    def fresh(cls) -> Keys:
        """A key that is never written down: for a ledger in memory."""
        return cls(os.urandom(BYTES))

    def hash(self, text: str) -> bytes:
        """The keyed hash under which a name is stored: 16 bytes.

        BLAKE2's own keyed mode instead of HMAC: as strong, and 15 times faster than OpenSSL's here.
        """
        hashing = self._names.copy()
        hashing.update(text.encode("utf-8", "surrogatepass"))
        return hashing.digest()

    def seal(self, data: bytes) -> bytes:
        """Encrypt a copy."""
        nonce = os.urandom(NONCE)
        return nonce + self._copies.encrypt(nonce, data, None)

    def unseal(self, blob: bytes) -> bytes:
        """What `seal` encrypted. Raises `KeyMismatch`."""
        try:
            return self._copies.decrypt(blob[:NONCE], blob[NONCE:], None)
        except InvalidTag as error:
            raise KeyMismatch("a stored copy was encrypted under another key") from error


def open_keys(path: Path, fingerprint: str | None) -> Keys:
    """The store's keys: read from `path`, made there (mode 0600) when the store is new.

    `fingerprint` is what the store remembers of its key; None: a new store. Raises `KeyMismatch` saying what to do.
    """
    if not path.exists():
        if fingerprint is not None:
            raise KeyMismatch(
                f"the key file {path} is missing, and the store beside it was written with it; "
                "put the key file back, or move the store away to start anew"
            )
        _make(path)
    keys = Keys(_read(path))
    if fingerprint not in (None, keys.fingerprint):
        raise KeyMismatch(
            f"the key file {path} belongs to another store (its fingerprint is {keys.fingerprint}, "
            f"the store's is {fingerprint}); put the right key file back"
        )
    return keys


def _make(path: Path) -> None:
    """Whole or not at all, whenever the process dies; of several that start at once one's key is there (mode 0600)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.") as file:
        file.write(os.urandom(BYTES).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)


def _read(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise KeyMismatch(f"the key file {path} cannot be read: {error}") from error
    if len(key) != BYTES:
        raise KeyMismatch(f"the key file {path} does not hold a key of {BYTES} bytes")
    return key
