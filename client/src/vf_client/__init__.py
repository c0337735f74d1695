"""Python client of the VF-Market fitting API.

    with Client("https://fitting.example", key="vf_...") as client:
        person = client.upload_person(photo, buyer="u-4711")
        fitting = client.fit(person.id, garment.id)
        picture = client.artifact(fitting, "result.png")

`AsyncClient` has the same methods, to be awaited.
"""

from vf_client.answers import (
    Comparison,
    Document,
    Fitting,
    FittingWarning,
    Links,
    Photo,
    Reading,
    ReadValue,
    Service,
    StageRecord,
    System,
    Webhook,
)
from vf_client.asynchronous import AsyncClient, Watch
from vf_client.calls import Event, FittingFailedError, PhotoFailedError, ProblemError
from vf_client.synchronous import Client

__all__ = [
    "AsyncClient",
    "Client",
    "Comparison",
    "Document",
    "Event",
    "Fitting",
    "FittingFailedError",
    "FittingWarning",
    "Links",
    "Photo",
    "PhotoFailedError",
    "ProblemError",
    "ReadValue",
    "Reading",
    "Service",
    "StageRecord",
    "System",
    "Watch",
    "Webhook",
]
