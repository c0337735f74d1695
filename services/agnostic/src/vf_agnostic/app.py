"""The agnostic service: POST /v1/agnostic."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import numpy as np
from fastapi import FastAPI, File, Header, Response, UploadFile
from numpy.typing import NDArray
from pydantic import ValidationError

from vf_agnostic.engine import AgnosticEngine
from vf_agnostic.types import AgnosticRequest
from vfkit.contracts import Artifact, Joint, PoseDocument, Stage
from vfkit.pictures import decode_labels, encode_labels, encode_png, read_picture
from vfkit.problems import Code, Problem
from vfkit.serving import Service, ServiceSettings, respond


def create_app(settings: ServiceSettings | None = None) -> FastAPI:
    """The application."""
    service = Service(
        Stage.AGNOSTIC,
        engines={name: partial(_engine, name) for name in ("open", "reference")},
        settings=settings or ServiceSettings(),
    )

    @service.app.post("/v1/agnostic", response_class=Response)
    async def agnostic(
        image: Annotated[UploadFile, File(description="photo of the person")],
        parse: Annotated[UploadFile, File(description="parse.png")],
        pose: Annotated[UploadFile, File(description="pose.json")],
        accept: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Hide the worn garment: a ZIP of parse_agnostic.png and agnostic.png."""
        request = AgnosticRequest(
            image=await service.aside(read_picture, await image.read()),
            parse=await service.aside(decode_labels, await parse.read()),
            joints=_joints(await pose.read()),
        )
        answer = await service.predict(request)
        artifacts = {
            Artifact.PARSE_AGNOSTIC: await service.aside(encode_labels, answer.parse_agnostic),
            Artifact.AGNOSTIC: await service.aside(encode_png, answer.agnostic),
        }
        return respond(artifacts, accept=accept, warnings=answer.warnings)

    return service.app


def _engine(name: str, _: ServiceSettings) -> AgnosticEngine:
    return AgnosticEngine(name)


def _joints(content: bytes) -> NDArray[np.float64]:
    """(25, 2) x, y of the first person.

    Raises:
        Problem: ``no_person_found``, or ``invalid_request`` when it is not an OpenPose JSON with BODY_25.
    """
    try:
        people = PoseDocument.model_validate_json(content).people
        if not people:
            raise Problem(Code.NO_PERSON_FOUND)
        joints = people[0].body()
    except ValidationError as error:
        raise Problem(Code.INVALID_REQUEST, "The pose is not an OpenPose JSON document.") from error
    except ValueError as error:
        raise Problem(Code.INVALID_REQUEST, "The pose's numbers do not come in threes.") from error
    if len(joints) != len(Joint) or not np.isfinite(joints).all():
        raise Problem(Code.INVALID_REQUEST, "The pose must have 25 joints (BODY_25).")
    return joints[:, :2]
