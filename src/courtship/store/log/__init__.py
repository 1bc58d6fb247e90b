"""Facts and decisions: appended, read, told again, forgotten; what activities are derived from them."""
