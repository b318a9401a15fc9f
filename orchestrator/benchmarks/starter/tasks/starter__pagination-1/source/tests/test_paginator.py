import pytest

from pages import PageNotFound, Paginator


def test_pages():
    paginator = Paginator("abcdefg", size=3)
    assert [page.items for page in paginator] == [tuple("abc"), tuple("def"), ("g",)]


def test_describe():
    paginator = Paginator(range(13), size=5)
    assert [page.describe() for page in paginator] == ["1-5", "6-10", "11-13"]


def test_empty_list_has_one_page():
    paginator = Paginator([])
    assert paginator.page_count == 1
    assert paginator.page(1).describe() == "no items"


def test_page_not_found():
    paginator = Paginator("abc", size=2)
    for number in (0, 3):
        with pytest.raises(PageNotFound):
            paginator.page(number)


def test_page_of():
    assert Paginator("abcdefg", size=3).page_of("d").number == 2


def test_bad_size():
    with pytest.raises(ValueError):
        Paginator("abc", size=0)
