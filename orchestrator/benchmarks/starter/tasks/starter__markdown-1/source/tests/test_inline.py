from tinymark.inline import render_inline


def test_emphasis_and_strong():
    assert render_inline("*a* and **b**") == "<em>a</em> and <strong>b</strong>"


def test_nested():
    assert render_inline("**a *b* c**") == "<strong>a <em>b</em> c</strong>"


def test_lonely_star():
    assert render_inline("2 * 3 * 4") == "2 * 3 * 4"


def test_code():
    assert render_inline("call `f()` now") == "call <code>f()</code> now"


def test_link():
    assert (
        render_inline("see [the *docs*](https://example.org/x)")
        == 'see <a href="https://example.org/x">the <em>docs</em></a>'
    )


def test_escaping():
    assert render_inline("a < b & `c > d`") == "a &lt; b &amp; <code>c &gt; d</code>"
