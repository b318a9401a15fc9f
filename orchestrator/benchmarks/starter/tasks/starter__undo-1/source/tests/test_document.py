import pytest

from editor import Document


def test_insert_and_delete():
    document = Document("held")
    document.insert(2, "l")
    document.append("!")
    document.delete(0, 1)
    assert document.content == "elld!"


def test_undo_and_redo():
    document = Document("a")
    document.append("b")
    document.append("c")
    assert document.undo() and document.undo()
    assert document.content == "a"
    assert document.redo()
    assert document.content == "ab"


def test_nothing_to_undo_or_redo():
    document = Document("a")
    assert not document.undo()
    assert not document.redo()


def test_replace_all_is_one_step():
    document = Document("a-b-c")
    assert document.replace_all("-", "--") == 2
    assert document.content == "a--b--c"
    document.undo()
    assert document.content == "a-b-c"


def test_limit():
    document = Document(limit=2)
    for text in "abc":
        document.append(text)
    while document.undo():
        pass
    assert document.content == "a"


def test_positions_are_checked():
    with pytest.raises(IndexError):
        Document("abc").insert(4, "x")
    with pytest.raises(IndexError):
        Document("abc").delete(2, 9)
