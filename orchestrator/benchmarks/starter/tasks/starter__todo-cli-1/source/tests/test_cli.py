import io

from todo.cli import main


def run(tmp_path, *argv):
    out = io.StringIO()
    code = main(["--file", str(tmp_path / "todo.json"), *argv], out=out)
    return code, out.getvalue()


def test_add_and_list(tmp_path):
    assert run(tmp_path, "add", "buy", "milk") == (0, "added 1: buy milk\n")
    assert run(tmp_path, "list") == (0, "  1 [ ] buy milk\n")


def test_done_tasks_are_hidden(tmp_path):
    run(tmp_path, "add", "a")
    run(tmp_path, "add", "b")
    run(tmp_path, "done", "1")
    assert run(tmp_path, "list") == (0, "  2 [ ] b\n")
    assert run(tmp_path, "list", "--all") == (0, "  1 [x] a\n  2 [ ] b\n")


def test_unknown_number(tmp_path):
    assert run(tmp_path, "done", "7") == (1, "error: no task 7\n")


def test_remove(tmp_path):
    run(tmp_path, "add", "a")
    assert run(tmp_path, "remove", "1") == (0, "removed: a\n")
    assert run(tmp_path, "list") == (0, "")
