"""Which copies are one conversion, and once per tag.

`kinds.py` what `conversions:` may say · `identity.py` the names, links and hints one copy carries · `recognition.py`
which conversion it is a copy of · `merging.py` the view of all copies · `firing.py` what may fire and the one write
that makes it so · `keys.py` the key file under which names are hashed and copies encrypted.
"""

from container.dedup.kinds import SCHEMA, Kind, compile_kinds
from container.dedup.stage import Dedup

__all__ = ["SCHEMA", "Dedup", "Kind", "compile_kinds"]
