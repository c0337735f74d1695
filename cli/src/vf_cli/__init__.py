"""The `vf` command: a client of the gateway, and the local process manager."""
