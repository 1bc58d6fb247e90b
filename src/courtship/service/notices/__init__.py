"""What the owner wants to be told, and telling it."""
