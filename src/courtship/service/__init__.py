"""One module a use case, in rooms of what they are about; composes the rooms below; what every face calls."""
