"""The owner of Brian2's global state: session, devices, program cache, private access."""
