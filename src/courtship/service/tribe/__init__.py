"""Commitments, give and take, whom to ask."""
