"""Goals, check-ins, partners, the weekly report and the coach's view."""
