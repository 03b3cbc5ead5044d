"""The browser tag as it is served: without comments and blanks. Nothing is added, renamed or bundled."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

from rjsmin import jsmin

FOLDER = Path(__file__).parent.parent / "container" / "clients" / "browser_tag"
MOST = 3000  # bytes, gzipped


def built(source: str) -> bytes:
    """What is served of this source."""
    return f"{jsmin(source)}\n".encode()


def main() -> None:
    """Write it, and say how large it is."""
    script = built((FOLDER / "tag.js").read_text())
    (FOLDER / "tagport.js").write_bytes(script)
    size = len(gzip.compress(script, 9, mtime=0))
    print(f"{len(script)} bytes, {size} gzipped")
    sys.exit(f"more than {MOST}" if size > MOST else 0)


if __name__ == "__main__":
    main()
