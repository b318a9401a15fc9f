import pytest

from semver import Version


def test_parse_and_str():
    for text in ("1.2.3", "1.0.0-alpha.1", "1.0.0-x.7.z+sha.5114f85"):
        assert str(Version.parse(text)) == text


def test_not_a_version():
    for text in ("1.2", "01.2.3", "1.2.3-", "v1.2.3"):
        with pytest.raises(ValueError):
            Version.parse(text)


def test_order_of_releases():
    assert Version.parse("1.9.0") < Version.parse("1.10.0") < Version.parse("2.0.0")


def test_prerelease_comes_before_release():
    assert Version.parse("1.0.0-rc.1") < Version.parse("1.0.0")
    assert Version.parse("1.0.0-alpha") < Version.parse("1.0.0-alpha.1")
    assert Version.parse("1.0.0-alpha.1") < Version.parse("1.0.0-beta")


def test_build_is_ignored():
    assert Version.parse("1.0.0+a") == Version.parse("1.0.0+b")


def test_bump():
    version = Version.parse("1.2.3-rc.1")
    assert str(version.bump("patch")) == "1.2.3"
    assert str(version.bump("minor")) == "1.3.0"
    assert str(version.bump("major")) == "2.0.0"
