"""Python client of the VF-Market fitting API.

    with Client("https://fitting.example", key="vf_...") as client:
        person = client.upload_person(photo, buyer="u-4711")
        fitting = client.fit(person["id"], garment["id"])
        picture = client.artifact(fitting, "result.png")

`AsyncClient` has the same methods, to be awaited. Documents are the API's JSON, as its OpenAPI document describes it.
"""

from vf_client.asynchronous import AsyncClient
from vf_client.calls import Document, Event, FittingFailedError, PhotoFailedError, ProblemError, Watch
from vf_client.synchronous import Client

__all__ = [
    "AsyncClient",
    "Client",
    "Document",
    "Event",
    "FittingFailedError",
    "PhotoFailedError",
    "ProblemError",
    "Watch",
]
