"""Open pages hear of changes by server-sent events (the EventSource of the HTML standard)."""
