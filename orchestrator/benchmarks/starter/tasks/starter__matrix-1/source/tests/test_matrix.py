import pytest

from linalg import Matrix


def test_shape_and_transpose():
    matrix = Matrix([[1, 2, 3], [4, 5, 6]])
    assert matrix.shape == (2, 3)
    assert matrix.transpose() == Matrix([[1, 4], [2, 5], [3, 6]])


def test_product():
    assert Matrix([[1, 2]]) @ Matrix([[3], [4]]) == Matrix([[11]])


def test_shapes_must_fit():
    with pytest.raises(ValueError):
        Matrix([[1, 2]]) @ Matrix([[1, 2]])
    with pytest.raises(ValueError):
        Matrix([[1, 2]]) + Matrix([[1]])


def test_ragged_rows():
    with pytest.raises(ValueError):
        Matrix([[1, 2], [3]])
