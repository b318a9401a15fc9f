import pytest

from resolver import CycleError, MissingError, install_order, needed_by

PACKAGES = {
    "app": ["web", "db"],
    "web": ["http"],
    "http": [],
    "db": ["driver"],
    "driver": [],
    "tool": ["http"],
}


def test_dependencies_come_first():
    order = install_order(PACKAGES)
    for name, dependencies in PACKAGES.items():
        for dependency in dependencies:
            assert order.index(dependency) < order.index(name)


def test_wanted_limits_the_result():
    assert install_order(PACKAGES, ["tool"]) == ["http", "tool"]


def test_shared_dependency_is_listed_once():
    assert install_order(PACKAGES).count("http") == 1


def test_missing():
    with pytest.raises(MissingError, match="a needs b"):
        install_order({"a": ["b"]})


def test_missing_request():
    with pytest.raises(MissingError, match="the request"):
        install_order({}, ["a"])


def test_cycle():
    with pytest.raises(CycleError) as info:
        install_order({"a": ["b"], "b": ["a"]})
    assert info.value.cycle == ["a", "b", "a"]


def test_needed_by():
    assert needed_by(PACKAGES, "http") == ["app", "tool", "web"]
    assert needed_by(PACKAGES, "app") == []
