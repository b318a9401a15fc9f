"""Choosing the parameters of a filter."""

import math


def best_parameters(expected, error_rate):
    """Bits and hashes for ``expected`` entries at the given rate of false positives."""
    if expected < 1 or not 0 < error_rate < 1:
        raise ValueError("need expected >= 1 and 0 < error_rate < 1")
    bits = math.ceil(-expected * math.log(error_rate) / math.log(2) ** 2)
    bits = (bits + 7) // 8 * 8
    hashes = max(1, round(bits / expected * math.log(2)))
    return bits, hashes
