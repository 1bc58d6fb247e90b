"""One module a platform: its JSON, CSV rows, mail or pages into records. Pure: no files, no sockets."""
