"""The outbox. A notification is what should be said; a message is what is sent; delivery happens in the worker."""
