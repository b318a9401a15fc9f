"""Declarative finite-state machines."""

from fsm.definition import ANY, Definition, Transition
from fsm.errors import DefinitionError, NotAllowed
from fsm.machine import Machine

__all__ = ["ANY", "Definition", "DefinitionError", "Machine", "NotAllowed", "Transition"]
