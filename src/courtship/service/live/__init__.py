"""Connections and the webhook: set up, kept running, and what they hear felt at once."""
