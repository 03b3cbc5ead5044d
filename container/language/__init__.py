"""The language of the workspace: expressions, shapes, conditions, normalisers; all compiled to closures at load."""
