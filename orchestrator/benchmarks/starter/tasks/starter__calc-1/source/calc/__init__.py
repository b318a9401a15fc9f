"""Evaluate arithmetic expressions safely."""

from calc.evaluator import evaluate
from calc.lexer import CalcError

__all__ = ["CalcError", "evaluate"]
