"""Live connections: one module a platform or protocol, from settings to batches of records."""
