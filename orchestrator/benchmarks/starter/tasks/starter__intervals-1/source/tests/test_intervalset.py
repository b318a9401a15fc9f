from intervals import IntervalSet


def test_add_merges_touching():
    assert IntervalSet([(0, 5), (5, 8), (10, 12)]).pairs() == [(0, 8), (10, 12)]


def test_add_out_of_order():
    assert IntervalSet([(10, 12), (0, 2)]).pairs() == [(0, 2), (10, 12)]


def test_contains():
    free = IntervalSet([(0, 3), (6, 9)])
    assert 0 in free and 8 in free
    assert 3 not in free and 5 not in free


def test_remove_tail():
    free = IntervalSet([(0, 10)])
    free.remove(6, 10)
    assert free.pairs() == [(0, 6)]


def test_remove_head():
    free = IntervalSet([(0, 10)])
    free.remove(0, 4)
    assert free.pairs() == [(4, 10)]


def test_remove_across_several():
    free = IntervalSet([(0, 4), (6, 8), (10, 14)])
    free.remove(3, 11)
    assert free.pairs() == [(0, 3), (11, 14)]


def test_gaps_and_total():
    free = IntervalSet([(0, 4), (6, 8)])
    assert free.gaps() == [(4, 6)]
    assert free.total() == 6
