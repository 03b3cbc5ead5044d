"""A request, a parameter, a part of one: YAML with expressions at its leaves."""

from container.language.shape.compiler import compile_expression, compile_shape, compile_text, constant_text
from container.language.shape.nodes import (
    ABSENT,
    BaseShape,
    EachShape,
    IfShape,
    Leaf,
    ListShape,
    LiteralShape,
    MappingShape,
    OverrideShape,
    Shape,
    ShapeNode,
    TextShape,
)
from container.language.shape.writing import names_renderer, renderer

__all__ = [
    "ABSENT",
    "BaseShape",
    "EachShape",
    "IfShape",
    "Leaf",
    "ListShape",
    "LiteralShape",
    "MappingShape",
    "OverrideShape",
    "Shape",
    "ShapeNode",
    "TextShape",
    "compile_expression",
    "compile_shape",
    "compile_text",
    "constant_text",
    "names_renderer",
    "renderer",
]
