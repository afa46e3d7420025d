"""Mail as people see it: what they get and when, what they do not want, what was sent to whom and why."""
