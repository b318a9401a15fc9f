from lrucache import cached


def test_function_runs_once_per_argument():
    calls = []

    @cached(capacity=4)
    def square(x):
        calls.append(x)
        return x * x

    assert [square(3), square(3), square(4)] == [9, 9, 16]
    assert calls == [3, 4]


def test_name_is_kept():
    @cached()
    def described():
        return 1

    assert described.__name__ == "described"
