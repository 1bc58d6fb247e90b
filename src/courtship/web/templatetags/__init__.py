"""Tags that the templates share."""
