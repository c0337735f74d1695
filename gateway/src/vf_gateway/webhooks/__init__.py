"""Webhooks: markets are told how their fittings ended."""
