"""Hooks, what they are sent, and who does the sending."""

from app.delivery.models.delivery import Attempt, Delivery, State
from app.delivery.models.hook import Hook
from app.delivery.models.worker import Lease, Turn, Worker

__all__ = ["Attempt", "Delivery", "Hook", "Lease", "State", "Turn", "Worker"]
