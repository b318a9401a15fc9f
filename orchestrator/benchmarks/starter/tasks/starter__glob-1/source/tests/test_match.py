from globber import filter_paths, matches


def test_literal():
    assert matches("a.b", "a.b")
    assert not matches("a.b", "aXb")


def test_star_stays_in_the_directory():
    assert matches("src/*.py", "src/a.py")
    assert not matches("src/*.py", "src/x/a.py")


def test_question_mark():
    assert matches("?.py", "a.py")
    assert not matches("a?b", "a/b")


def test_character_classes():
    assert matches("[a-c].py", "b.py")
    assert not matches("[!a-c].py", "b.py")
    assert matches("[x", "[x")


def test_double_star():
    assert matches("src/**/a.py", "src/x/y/a.py")
    assert matches("src/**", "src/x/y/a.py")
    assert not matches("src/**/a.py", "lib/x/a.py")


def test_normalized_paths():
    assert matches("src/*.py", "./src/a.py")
    assert matches("src/*.py", "src\\a.py")


def test_filter():
    paths = ["a.py", "b.txt", "x/c.py"]
    assert filter_paths(paths, include=["*.py", "x/*"], exclude=["x/*.py"]) == ["a.py"]
