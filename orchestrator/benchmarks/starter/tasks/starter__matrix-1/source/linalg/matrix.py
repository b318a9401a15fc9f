"""The matrix type."""


class Matrix:
    """An immutable matrix given by its rows."""

    def __init__(self, rows):
        self.rows = tuple(tuple(row) for row in rows)
        if not self.rows or not self.rows[0]:
            raise ValueError("a matrix needs at least one entry")
        if any(len(row) != len(self.rows[0]) for row in self.rows):
            raise ValueError("rows have different lengths")

    @classmethod
    def identity(cls, size):
        """The identity matrix."""
        return cls([[int(i == j) for j in range(size)] for i in range(size)])

    @property
    def shape(self):
        """Number of rows and columns."""
        return len(self.rows), len(self.rows[0])

    @property
    def is_square(self):
        """Whether there are as many rows as columns."""
        return self.shape[0] == self.shape[1]

    def transpose(self):
        """The matrix with rows and columns swapped."""
        return Matrix(zip(*self.rows))

    def __getitem__(self, index):
        row, column = index
        return self.rows[row][column]

    def __eq__(self, other):
        return isinstance(other, Matrix) and self.rows == other.rows

    def __hash__(self):
        return hash(self.rows)

    def __add__(self, other):
        if self.shape != other.shape:
            raise ValueError(f"shapes differ: {self.shape} and {other.shape}")
        pairs = zip(self.rows, other.rows)
        return Matrix([[x + y for x, y in zip(a, b)] for a, b in pairs])

    def __matmul__(self, other):
        if self.shape[1] != other.shape[0]:
            raise ValueError(f"shapes do not fit: {self.shape} and {other.shape}")
        columns = list(zip(*other.rows))
        return Matrix(
            [[sum(x * y for x, y in zip(row, col)) for col in columns] for row in self.rows]
        )

    def __repr__(self):
        return f"Matrix({[list(row) for row in self.rows]})"
