"""Gaussian elimination, with exact fractions, and what follows from it."""

from fractions import Fraction

from linalg.matrix import Matrix


class SingularMatrix(ValueError):
    """The matrix has no inverse."""


def _fractions(matrix):
    return [[Fraction(entry) for entry in row] for row in matrix.rows]


def _require_square(matrix):
    if not matrix.is_square:
        raise ValueError(f"not a square matrix: {matrix.shape}")


def determinant(matrix):
    """The determinant as a Fraction."""
    _require_square(matrix)
    rows = _fractions(matrix)
    result = Fraction(1)
    for k in range(len(rows)):
        result *= rows[k][k]
        for i in range(k + 1, len(rows)):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k])]
    return result


def rank(matrix):
    """The number of linearly independent rows."""
    rows = _fractions(matrix)
    found = 0
    for column in range(matrix.shape[1]):
        pivot = next((r for r in rows[found:] if r[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        rows.insert(found, pivot)
        for i in range(found + 1, len(rows)):
            factor = rows[i][column] / pivot[column]
            rows[i] = [a - factor * b for a, b in zip(rows[i], pivot)]
        found += 1
    return found


def solve(matrix, right):
    """The x with ``matrix @ x == right``, both x and ``right`` as lists of numbers."""
    _require_square(matrix)
    rows = [[*row, Fraction(b)] for row, b in zip(_fractions(matrix), right, strict=True)]
    size = len(rows)
    for k in range(size):
        pivot = rows[k][k]
        rows[k] = [a / pivot for a in rows[k]]
        for i in range(size):
            if i != k:
                factor = rows[i][k]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k])]
    return [row[-1] for row in rows]


def inverse(matrix):
    """The inverse matrix with Fractions as entries."""
    _require_square(matrix)
    size = matrix.shape[0]
    columns = [solve(matrix, unit) for unit in Matrix.identity(size).rows]
    return Matrix(columns).transpose()
