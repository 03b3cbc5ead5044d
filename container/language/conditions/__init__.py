"""What must hold: `when:` of triggers, variables and transformations."""

from container.language.conditions.compiler import compile_conditions
from container.language.conditions.condition import Check, Condition
from container.language.conditions.operators import OPERATORS
from container.language.conditions.schema import SCHEMA
from container.language.values import truth

__all__ = ["OPERATORS", "SCHEMA", "Check", "Condition", "compile_conditions", "truth"]
