"""Accepted work that survives: the queue of jobs, and who waits hears of its end."""
