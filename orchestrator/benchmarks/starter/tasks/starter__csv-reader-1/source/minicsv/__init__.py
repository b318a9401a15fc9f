"""A small CSV reader and writer without surprises."""

from minicsv.dialect import Dialect
from minicsv.reader import CSVError, read_dicts, read_rows
from minicsv.writer import write_rows

__all__ = ["CSVError", "Dialect", "read_dicts", "read_rows", "write_rows"]
