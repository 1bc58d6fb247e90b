"""What content and which actions move people on. Pure."""
