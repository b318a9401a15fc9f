from pages import Paginator, navigation
from pages.navigation import render_text


def test_gaps():
    paginator = Paginator(range(85), size=10)
    assert navigation(paginator.page(5)) == [1, "...", 4, 5, 6, "...", 9]


def test_single_missing_page_is_filled():
    paginator = Paginator(range(45), size=10)
    assert navigation(paginator.page(3), around=1) == [1, 2, 3, 4, 5]
    assert navigation(paginator.page(1)) == [1, 2, "...", 5]


def test_text():
    paginator = Paginator(range(25), size=10)
    assert render_text(paginator.page(1)) == "[1] 2 3 >"
    assert render_text(paginator.page(2)) == "< 1 [2] 3 >"
    assert render_text(paginator.page(3)) == "< 1 2 [3]"
