"""What kind of file a path names."""

import pytest

from orchestrator.localize.paths import FileKind, is_side_path, kind_of, module_name


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("django/db/models/query.py", FileKind.SOURCE),
        ("django/test/client.py", FileKind.SOURCE),
        ("tests/queries/models.py", FileKind.TEST),
        ("testing/test_runner.py", FileKind.TEST),
        ("sympy/core/tests/test_mod.py", FileKind.TEST),
        ("test_requests.py", FileKind.TEST),
        ("src/_pytest/conftest.py", FileKind.TEST),
        ("src/button.spec.ts", FileKind.TEST),
        ("src/latest.py", FileKind.SOURCE),
        ("sympy/testing/runtests.py", FileKind.SOURCE),
        ("docs/index.rst", FileKind.OTHER),
        ("node_modules/a/b.js", FileKind.OTHER),
        ("Makefile", FileKind.OTHER),
    ],
)
def test_kinds(path: str, kind: FileKind) -> None:
    """Tests are known by folder and name, sources by suffix; vendored code is not read."""
    assert kind_of(path) is kind


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("src/_pytest/main.py", "_pytest.main"),
        ("a/b/__init__.py", "a.b"),
        ("lib/m/axis.py", "m.axis"),
        ("setup.py", "setup"),
    ],
)
def test_module_names(path: str, name: str) -> None:
    """A module is named as it is imported."""
    assert module_name(path) == name


def test_documentation_is_a_side_path() -> None:
    """Examples and docs are marked, products are not."""
    assert is_side_path("docs/conf.py")
    assert is_side_path("setup.py")
    assert not is_side_path("pkg/docs.py")
