import pytest

from semver import Range, Version


def contains(range_text, version):
    return Version.parse(version) in Range(range_text)


def test_comparisons():
    assert contains(">=1.2.0 <2.0.0", "1.9.9")
    assert not contains(">=1.2.0 <2.0.0", "2.0.0")
    assert contains("1.0.0", "1.0.0+build.7")


def test_caret():
    assert contains("^1.4.2", "1.9.0")
    assert not contains("^1.4.2", "2.0.0")
    assert not contains("^0.3.1", "0.4.0")
    assert not contains("^0.0.3", "0.0.4")


def test_tilde():
    assert contains("~1.4.2", "1.4.9")
    assert not contains("~1.4.2", "1.5.0")


def test_empty():
    with pytest.raises(ValueError):
        Range("  ")
