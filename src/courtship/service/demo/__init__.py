"""The made-up brand and its audience."""
