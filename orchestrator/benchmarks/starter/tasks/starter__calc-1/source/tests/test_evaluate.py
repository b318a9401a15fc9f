import pytest

from calc import CalcError, evaluate


def test_precedence():
    assert evaluate("2 + 3 * 4") == 14
    assert evaluate("(2 + 3) * 4") == 20


def test_left_associative():
    assert evaluate("10 - 4 - 3") == 3
    assert evaluate("64 / 4 / 2") == 8
    assert evaluate("64 / 4 % 5") == 1


def test_power():
    assert evaluate("2 ** 10") == 1024
    assert evaluate("3 * 2 ** 2") == 12


def test_minus_binds_weaker_than_power():
    assert evaluate("-2 ** 2") == -4
    assert evaluate("2 * -3") == -6


def test_names_and_functions():
    assert evaluate("sqrt(x) + max(1, 2, y)", {"x": 9, "y": 5}) == 8


def test_division_by_zero():
    with pytest.raises(CalcError, match="division by zero"):
        evaluate("1 / 0")


def test_syntax_errors():
    for text in ["", "1 +", "(1", "1 2", "$", "f("]:
        with pytest.raises(CalcError):
            evaluate(text)


def test_unknown_names():
    with pytest.raises(CalcError, match="unknown function: nope"):
        evaluate("nope(1)")
    with pytest.raises(CalcError, match="unknown name: z"):
        evaluate("z")
