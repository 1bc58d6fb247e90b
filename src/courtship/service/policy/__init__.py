"""Ladders tried and adopted, and the audience over time."""
