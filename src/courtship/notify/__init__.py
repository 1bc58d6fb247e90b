"""Out: messages to the owner through Apprise, at once or gathered."""
