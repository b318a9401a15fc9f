"""A discrete-event simulation kernel."""

from eventq.event import Event
from eventq.queue import EventQueue
from eventq.simulator import Simulator

__all__ = ["Event", "EventQueue", "Simulator"]
