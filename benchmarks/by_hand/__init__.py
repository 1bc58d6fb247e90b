"""The default policy written by hand, as somebody would who has the files and no Courtship."""
