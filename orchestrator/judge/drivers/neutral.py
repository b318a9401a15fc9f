"""A project's own tests as neutral runs: which there are, and how one is run by itself. Put before walk.py; plain Python 3.6."""

# mypy: ignore-errors
import functools
import importlib
import os
import re
import types
import unittest

PLAIN_TESTS = (
    """
def test_one():
    assert [1, 2] == [1, 2]
""",
    """
import pytest

@pytest.fixture
def one():
    yield 1

@pytest.mark.parametrize("n", [1, 2])
def test_two(one, n):
    assert n >= one
""",
    """
import unittest

class TestOne(unittest.TestCase):
    def setUp(self):
        self.one = 1

    def test_one(self):
        self.assertEqual(self.one, 1)
""",
)


def run_method(case, method):
    """Run one method of a unittest class; raises where it does not pass."""
    result = unittest.TestResult()
    unittest.TestSuite([case(method)]).run(result)
    if not result.wasSuccessful() or result.skipped:
        raise AssertionError(str(result))


def size_of(test):
    """How long a test is, in bytes of code: short ones are quick."""
    if isinstance(test, functools.partial):
        test = getattr(test.args[0], test.args[1])
    return len(test.__code__.co_code) if hasattr(test, "__code__") else 0


def test_files():
    """Paths of the project's test files, from its root, in order."""
    paths = []
    for folder, inner, names in os.walk("."):
        inner[:] = sorted(n for n in inner if not n.startswith((".", "_")) and n not in ("build", "node_modules"))
        paths += [os.path.join(folder, n)[2:] for n in names if re.match(r"test_\w+\.py$|tests?\.py$", n)]
    paths.sort()
    return paths


def tests_in(path, root):
    """The tests in a file that need nothing: plain functions, and methods of unittest's classes; short ones first."""
    relative = os.path.relpath(path, root) if path.startswith(root + "/") else path
    module = importlib.import_module(relative[:-3].replace(os.sep, "."))
    found = []
    for name, each in sorted(vars(module).items()):
        if isinstance(each, types.FunctionType) and name.startswith("test_") and not each.__code__.co_argcount:
            found.append(each)
        elif isinstance(each, type) and issubclass(each, unittest.TestCase):
            for method in unittest.TestLoader().getTestCaseNames(each):
                found.append(functools.partial(run_method, each, method))
    return sorted(found, key=size_of)
