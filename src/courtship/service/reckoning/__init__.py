"""The derived tables and how they are kept up to the log: everybody, a few people, the passing of time."""
