"""A fixed number of bits."""


class BitArray:
    """``size`` bits, all of them zero at first."""

    def __init__(self, size):
        if size < 1:
            raise ValueError("size must be at least 1")
        self.size = size
        self._data = bytearray(size // 8)

    def _locate(self, index):
        if not 0 <= index < self.size:
            raise IndexError(f"bit {index} of {self.size}")
        return index // 8, 1 << (index % 8)

    def set(self, index):
        """Make a bit one."""
        byte, mask = self._locate(index)
        self._data[byte] |= mask

    def __getitem__(self, index):
        byte, mask = self._locate(index)
        return bool(self._data[byte] & mask)

    def __len__(self):
        return self.size

    def count(self):
        """Number of bits that are one."""
        return sum(bin(byte).count("1") for byte in self._data)

    def union(self, other):
        """The bits that are one in either of two arrays of the same size."""
        if self.size != other.size:
            raise ValueError(f"sizes differ: {self.size} and {other.size}")
        result = BitArray(self.size)
        result._data = bytearray(a | b for a, b in zip(self._data, other._data))
        return result

    def to_bytes(self):
        """The bits, eight to a byte, lowest first."""
        return bytes(self._data)

    @classmethod
    def from_bytes(cls, size, data):
        """The array of ``size`` bits that ``to_bytes`` was called on."""
        result = cls(size)
        if len(data) != len(result._data):
            raise ValueError(f"{len(data)} bytes cannot hold exactly {size} bits")
        result._data = bytearray(data)
        return result
