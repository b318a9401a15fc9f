"""Tokens to a syntax tree, by precedence climbing."""

from calc.lexer import CalcError, tokenize
from calc.nodes import Binary, Call, Name, Number, Unary

PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "**": 4}
UNARY_PRECEDENCE = 3


class Parser:
    """Parses one expression."""

    def __init__(self, text):
        self._tokens = tokenize(text)
        self._index = 0

    def parse(self):
        """The tree of the whole text; anything left over is an error."""
        tree = self._expression(1)
        if self._peek().kind != "end":
            raise CalcError(f"unexpected {self._peek().text!r}")
        return tree

    def _peek(self):
        return self._tokens[self._index]

    def _next(self):
        token = self._tokens[self._index]
        self._index += 1
        return token

    def _expect(self, text):
        token = self._next()
        if token.text != text:
            raise CalcError(f"expected {text!r} at {token.position}")

    def _expression(self, minimum):
        left = self._operand()
        while True:
            token = self._peek()
            precedence = PRECEDENCE.get(token.text)
            if token.kind != "op" or precedence is None or precedence < minimum:
                return left
            self._next()
            right = self._expression(precedence + 1)
            left = Binary(token.text, left, right)

    def _operand(self):
        token = self._next()
        if token.kind == "number":
            return Number(float(token.text))
        if token.kind == "name":
            return self._name_or_call(token.text)
        if token.text in ("-", "+"):
            return Unary(token.text, self._expression(UNARY_PRECEDENCE))
        if token.text == "(":
            inner = self._expression(1)
            self._expect(")")
            return inner
        raise CalcError(f"expected a value at {token.position}")

    def _name_or_call(self, name):
        if self._peek().text != "(":
            return Name(name)
        self._next()
        args = [self._expression(1)]
        while self._peek().text == ",":
            self._next()
            args.append(self._expression(1))
        self._expect(")")
        return Call(name, tuple(args))
