from runstats import summarize


def test_one_chunk():
    assert summarize([[1, 2, 3, 4]]) == {
        "count": 4,
        "mean": 2.5,
        "deviation": 1.118,
        "min": 1,
        "max": 4,
    }


def test_no_chunks():
    assert summarize([]) == {"count": 0}
