"""Files in and out: imports, mappings of tables, exports, what is logged by hand."""
