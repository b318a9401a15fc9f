"""Small dense matrices with exact or floating entries."""

from linalg.elimination import SingularMatrix, determinant, inverse, rank, solve
from linalg.matrix import Matrix

__all__ = ["Matrix", "SingularMatrix", "determinant", "inverse", "rank", "solve"]
