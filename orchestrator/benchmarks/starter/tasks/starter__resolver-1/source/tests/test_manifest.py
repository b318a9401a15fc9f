import pytest

from resolver import parse_manifest


def test_parse():
    text = "app: web db  # the application\n\nweb:\ndb: driver\ndriver:\n"
    assert parse_manifest(text) == {
        "app": ["web", "db"],
        "web": [],
        "db": ["driver"],
        "driver": [],
    }


def test_bad_line():
    with pytest.raises(ValueError, match="line 1"):
        parse_manifest("app web\n")


def test_described_twice():
    with pytest.raises(ValueError, match="twice"):
        parse_manifest("a:\na: b\n")
