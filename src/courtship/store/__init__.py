"""The only door to the database and to the columnar cache."""
