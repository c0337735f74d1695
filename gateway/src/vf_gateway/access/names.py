"""What markets, buyers and keys may be called."""

from __future__ import annotations

import re

from vfkit.problems import Code, Problem

_MARKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_KEY = re.compile(r"[^\x00-\x1f\x7f]{1,200}")

BUYER_PATTERN = r"^[\x21-\x7e]{1,200}$"
"""Printable ASCII without blanks, so that a market's name for a buyer can stand in a header or a URL."""

_BUYER = re.compile(BUYER_PATTERN.removesuffix("$"))


def check_market(name: str) -> str:
    """The name, if a market may have it. Raises Problem (``invalid_request``)."""
    if not _MARKET.fullmatch(name):
        raise Problem(
            Code.INVALID_REQUEST,
            "Not valid: market. Its name is 1 to 100 of the characters a-z A-Z 0-9 . - _ and begins with a letter or a "
            "digit.",
        )
    return name


def check_buyer(name: str) -> str:
    """The name, if a buyer may have it. Raises Problem (``invalid_request``)."""
    if not _BUYER.fullmatch(name):
        raise Problem(
            Code.INVALID_REQUEST,
            "Not valid: buyer. A buyer's name is 1 to 200 printable ASCII characters without blanks.",
        )
    return name


def check_key(name: str) -> str:
    """What a key is for, if it can be told in a line. Raises Problem (``invalid_request``)."""
    if not _KEY.fullmatch(name):
        raise Problem(
            Code.INVALID_REQUEST,
            "Not valid: the key's name. It is 1 to 200 characters without control characters.",
        )
    return name
