"""A small filter language for records."""

from querylang.errors import QuerySyntaxError
from querylang.parser import parse
from querylang.runtime import select
from querylang.tokenizer import tokenize

__all__ = ["QuerySyntaxError", "parse", "select", "tokenize"]
