"""Networks as text.

One connection per line, ``start > end: cost`` for one direction or
``start - end: cost`` for both. ``#`` starts a comment.
"""

import re

from routes.network import Network

_LINE = re.compile(r"(?P<start>\S.*?)\s+(?P<kind>[->])\s+(?P<end>\S.*?)\s*:\s*(?P<cost>\d+(?:\.\d+)?)")


def load(text):
    """The network described by a text; raises ValueError naming the line."""
    network = Network()
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.split("#", 1)[0].strip()
        if not line:
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"line {number}: not a connection: {line!r}")
        cost = float(match["cost"]) if "." in match["cost"] else int(match["cost"])
        if match["kind"] == ">":
            network.connect(match["start"], match["end"], cost)
        else:
            network.connect_both(match["start"], match["end"], cost)
    return network


def dump(network):
    """The text of a network, one direction per line, sorted."""
    lines = sorted(f"{a} > {b}: {cost}" for a, b, cost in network.connections())
    return "".join(line + "\n" for line in lines)
