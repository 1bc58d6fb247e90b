"""One module a use case; composes the rooms below; what every face calls."""
