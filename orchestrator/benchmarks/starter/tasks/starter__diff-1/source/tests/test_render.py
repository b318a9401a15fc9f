from linediff import unified

OLD = "one\ntwo\nthree\nfour\n"


def test_unified():
    assert unified(OLD, OLD.replace("two", "2"), context=1) == (
        "--- old\n+++ new\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"
    )


def test_equal_texts():
    assert unified(OLD, OLD) == ""


def test_new_file():
    assert unified("", "a\n", "/dev/null", "b.txt") == (
        "--- /dev/null\n+++ b.txt\n@@ -0,0 +1 @@\n+a\n"
    )


def test_single_line_spans():
    assert "@@ -2 +2 @@" in unified(OLD, OLD.replace("two", "2"), context=0)
