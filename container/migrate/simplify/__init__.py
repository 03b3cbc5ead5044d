"""`migrate --simplify`: what a good engineer would take out of a migrated workspace, each step proved."""

from container.migrate.simplify.run import simplify

__all__ = ["simplify"]
