"""Template-based program repair without an LLM, behind the Model protocol.

`MutationModel` reads the context's functions, lets every operator of `operators` propose changes of their text, orders them
by suspiciousness of the line times the operator's prior (`priors`) and answers one after the other.
"""

from __future__ import annotations

from orchestrator.models.mutation.model import MutationModel

__all__ = ["MutationModel"]
