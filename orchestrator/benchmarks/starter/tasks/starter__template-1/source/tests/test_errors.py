import pytest

from stencil import TemplateError, render


def test_unknown_name():
    with pytest.raises(TemplateError, match="unknown name: x"):
        render("{{ x }}")


def test_unknown_filter():
    with pytest.raises(TemplateError, match="unknown filter"):
        render("{{ x | shout }}", x=1)


def test_private_attributes_are_hidden():
    with pytest.raises(TemplateError):
        render("{{ x.__class__ }}", x=1)


def test_unclosed_and_unknown_tags():
    with pytest.raises(TemplateError, match="missing endfor"):
        render("{% for x in xs %}", xs=[])
    with pytest.raises(TemplateError, match="unknown tag"):
        render("{% block %}")
