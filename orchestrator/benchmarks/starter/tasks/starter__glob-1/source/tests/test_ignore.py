from globber import IgnoreList

IGNORE = IgnoreList(
    """
# generated
*.log
!important.log
build/
/docs/*.html
"""
)


def test_name_in_every_directory():
    assert IGNORE.ignores("a.log")
    assert IGNORE.ignores("x/y/a.log")
    assert not IGNORE.ignores("a.logs")


def test_later_lines_win():
    assert not IGNORE.ignores("x/important.log")


def test_directory():
    assert IGNORE.ignores("build/a/b.o")
    assert IGNORE.ignores("lib/build/b.o")
    assert not IGNORE.ignores("builds/b.o")


def test_anchored():
    assert IGNORE.ignores("docs/index.html")
    assert not IGNORE.ignores("old/docs/index.html")
