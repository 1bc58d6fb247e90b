"""A made-up brand and audience, seeded."""
