from stencil import Template, render


def test_values():
    assert render("Hello {{ user.name | upper }}!", user={"name": "ann"}) == "Hello ANN!"


def test_none_is_empty():
    assert render("[{{ x }}]", x=None) == "[]"


def test_condition():
    template = Template("{% if admin %}yes{% else %}no{% endif %}")
    assert template.render(admin=True) == "yes"
    assert template.render() == "no"
    assert render("{% if not x %}a{% endif %}", x=0) == "a"


def test_loop():
    text = "{% for item in items %}{{ loop }}:{{ item }} {% endfor %}"
    assert render(text, items=["a", "b"]) == "1:a 2:b "


def test_loop_over_nothing():
    assert render("{% for x in xs %}a{% endfor %}", xs=[]) == ""


def test_nested_loops():
    text = "{% for row in rows %}{% for cell in row %}{{ cell }}{% endfor %};{% endfor %}"
    assert render(text, rows=["ab", "cd"]) == "ab;cd;"


def test_caller_values_are_not_changed():
    values = {"xs": [1, 2]}
    render("{% for x in xs %}{{ x }}{% endfor %}", **values)
    assert values == {"xs": [1, 2]}
