from fractions import Fraction

import pytest

from linalg import Matrix, determinant, inverse, rank, solve


def test_determinant():
    assert determinant(Matrix([[2, 1], [1, 3]])) == 5
    assert determinant(Matrix([[2, 0, 1], [1, 3, 2], [1, 1, 1]])) == 0
    assert determinant(Matrix([[7]])) == 7


def test_determinant_needs_a_square():
    with pytest.raises(ValueError):
        determinant(Matrix([[1, 2]]))


def test_rank():
    assert rank(Matrix([[1, 2], [2, 4]])) == 1
    assert rank(Matrix([[0, 0], [0, 0]])) == 0
    assert rank(Matrix([[0, 1], [1, 0]])) == 2


def test_solve():
    assert solve(Matrix([[2, 1], [1, 3]]), [3, 4]) == [1, 1]


def test_inverse():
    matrix = Matrix([[2, 1], [1, 3]])
    assert inverse(matrix)[0, 0] == Fraction(3, 5)
    assert matrix @ inverse(matrix) == Matrix.identity(2)
