"""Tags: what fires. A template with parameters, the triggers that fire it, and the consent it needs."""

from container.tags.compiler import compile, compile_tags, prove_unused, written_triggers
from container.tags.firing import Tags
from container.tags.schema import SCHEMA
from container.tags.tag import Destination, PreparedCall, Tag, Wait

__all__ = [
    "SCHEMA",
    "Destination",
    "PreparedCall",
    "Tag",
    "Tags",
    "Wait",
    "compile",
    "compile_tags",
    "prove_unused",
    "written_triggers",
]
