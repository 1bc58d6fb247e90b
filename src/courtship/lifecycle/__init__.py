"""The ladder and everything reckoned from it: stages, momentum, responsiveness, coverage. Pure."""
