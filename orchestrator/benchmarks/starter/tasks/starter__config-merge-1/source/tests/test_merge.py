from layered.merge import DELETE, deep_merge


def test_nested():
    base = {"a": {"x": 1, "y": 2}, "b": 3}
    assert deep_merge(base, {"a": {"y": 5}, "c": 4}) == {
        "a": {"x": 1, "y": 5},
        "b": 3,
        "c": 4,
    }


def test_arguments_are_not_changed():
    base = {"a": {"x": 1}}
    deep_merge(base, {"a": {"x": 2}})
    assert base == {"a": {"x": 1}}


def test_lists_are_replaced():
    assert deep_merge({"a": [1, 2]}, {"a": [3]}) == {"a": [3]}


def test_delete():
    assert deep_merge({"a": 1, "b": 2}, {"a": DELETE}) == {"b": 2}
