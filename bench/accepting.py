"""`tagport serve` without its delivery workers: what taking events costs by itself.

python bench/accepting.py DIR PORT
"""

from __future__ import annotations

import sys
from pathlib import Path

from container.cli.logs import to_stderr
from container.cli.serving import Options, serve

if __name__ == "__main__":
    to_stderr()
    serve(Options(Path(sys.argv[1]), port=int(sys.argv[2]), deliver=False))
