"""The gateway: the REST API in front of the six model services."""

VERSION = "0.2.0"
