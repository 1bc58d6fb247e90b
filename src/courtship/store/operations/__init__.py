"""What is kept beside the log: live connections, addresses that may send, what was told; their secrets."""
