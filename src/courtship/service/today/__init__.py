"""What to do today, gathered from wherever it is known, and the response clock."""
