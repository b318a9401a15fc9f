from semver import best_match, latest

RELEASES = ["1.0.0", "1.10.0", "1.9.3", "2.0.0-rc.1"]


def test_latest():
    assert latest(RELEASES) == "1.10.0"
    assert latest(RELEASES, prereleases=True) == "2.0.0-rc.1"
    assert latest([]) is None


def test_best_match():
    assert best_match(RELEASES, "~1.9.0") == "1.9.3"
    assert best_match(RELEASES, ">=1.0.0 <=1.10.0") == "1.10.0"
    assert best_match(RELEASES, ">3.0.0") is None
