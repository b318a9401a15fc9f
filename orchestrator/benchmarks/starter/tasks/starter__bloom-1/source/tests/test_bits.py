import pytest

from bloomset import BitArray


def test_set_and_get():
    bits = BitArray(16)
    bits.set(0)
    bits.set(9)
    assert bits[0] and bits[9]
    assert not bits[1]
    assert bits.count() == 2


def test_index_is_checked():
    with pytest.raises(IndexError):
        BitArray(8)[8]
    with pytest.raises(IndexError):
        BitArray(8).set(-1)


def test_union():
    a, b = BitArray(8), BitArray(8)
    a.set(1)
    b.set(7)
    union = a.union(b)
    assert [i for i in range(8) if union[i]] == [1, 7]
    with pytest.raises(ValueError):
        a.union(BitArray(16))


def test_bytes_round_trip():
    bits = BitArray(24)
    bits.set(23)
    again = BitArray.from_bytes(24, bits.to_bytes())
    assert again[23] and again.count() == 1


def test_wrong_number_of_bytes():
    with pytest.raises(ValueError):
        BitArray.from_bytes(16, b"abc")
