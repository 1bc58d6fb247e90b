"""The columnar cache: rows by account in immutable layers, and columns by person made of them."""
