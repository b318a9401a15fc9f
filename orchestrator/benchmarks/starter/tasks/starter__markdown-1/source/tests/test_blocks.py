from tinymark import render


def test_paragraphs():
    assert render("one\ntwo\n\nthree") == "<p>one two</p>\n<p>three</p>"


def test_heading():
    assert render("## A *b*") == "<h2>A <em>b</em></h2>"


def test_list():
    assert render("- a\n- b") == "<ul><li>a</li><li>b</li></ul>"


def test_fence_is_verbatim():
    assert render("```\na *b*\n\n<c>\n```") == "<pre><code>a *b*\n\n&lt;c&gt;</code></pre>"
