"""What the sources can show, from when to when, and what is seen as of this moment."""
