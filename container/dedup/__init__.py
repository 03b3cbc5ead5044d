"""Which copies are one conversion, and once per tag.

`kinds.py` what `conversions:` may say, and `lints.py` what it hardly can mean · `identity.py` the names, links and
hints one copy carries · `recognition.py` which conversion it is a copy of · `doubts.py` what of that is told aloud ·
`state.py` what the store remembers of a conversion · `merging.py` and `view.py` the view of all copies that a decision
sees · `firing.py` what may fire · `rounds.py` what arrives together, step by step · `stage.py` the one write that makes
it so, and `entering.py` what that write leaves in the store · `marking.py` orders that another system has sent ·
`keys.py` the key file under which names are hashed and copies encrypted.
"""

from container.dedup.kinds import SCHEMA, Kind, compile_kinds
from container.dedup.stage import Dedup

__all__ = ["SCHEMA", "Dedup", "Kind", "compile_kinds"]
