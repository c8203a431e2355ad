"""Ways to reach a patient: one small class each, and the routes that say which clinic uses which."""

from notifications.channels.routes import Routes, configured_routes

__all__ = ["Routes", "configured_routes"]
