"""The tables that are reckoned from the log, and the questions that pages put to them."""
