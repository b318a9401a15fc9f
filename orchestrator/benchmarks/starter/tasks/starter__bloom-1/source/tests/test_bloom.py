from bloomset import BloomFilter


def test_no_false_negatives():
    names = BloomFilter.for_entries(200)
    for number in range(200):
        names.add(f"user{number}")
    assert all(f"user{number}" in names for number in range(200))


def test_few_false_positives():
    names = BloomFilter.for_entries(200, error_rate=0.01)
    for number in range(200):
        names.add(f"user{number}")
    wrong = sum(f"guest{number}" in names for number in range(1000))
    assert wrong < 40


def test_add_reports_change():
    names = BloomFilter(64, 3)
    assert names.add("a")
    assert not names.add("a")


def test_estimate():
    names = BloomFilter.for_entries(500)
    for number in range(300):
        names.add(str(number))
    assert 280 <= names.estimate() <= 320


def test_union():
    a, b = BloomFilter(256, 3), BloomFilter(256, 3)
    a.add("x")
    b.add("y")
    both = a.union(b)
    assert "x" in both and "y" in both
