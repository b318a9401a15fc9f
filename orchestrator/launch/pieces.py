"""What a run needs and does not have, said all at once and before anything is started."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from orchestrator.errors import MissingPiece

STARTER_COMMAND = "ramp run 1 -b starter -m mutation"


class MissingPieces(MissingPiece):
    """Everything that a run needs and does not have, each with its remedy."""

    def __init__(self, missing: Sequence[MissingPiece]) -> None:
        self.missing = tuple(missing)
        lines = "\n".join(f"  - {piece.what}\n    {piece.remedy}" for piece in missing)
        super().__init__(
            f"this run cannot start, something is missing:\n{lines}\nNothing was started",
            f"To see the whole loop without model server, key or Docker: {STARTER_COMMAND}",
        )


def check_pieces(checks: Sequence[Callable[[], object]]) -> None:
    """Run every check and raise one MissingPieces with all that is missing."""
    missing: list[MissingPiece] = []
    for check in checks:
        try:
            check()
        except MissingPiece as piece:
            missing.append(piece)
    if missing:
        raise MissingPieces(missing)
