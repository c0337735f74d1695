"""The gateway: the REST API in front of the six model services."""
