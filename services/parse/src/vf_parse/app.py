"""The service behind ``POST /v1/parse``: one photo in, parse.png out."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import FastAPI, File, Header, Query, Response, UploadFile
from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from vf_parse.reference.options import SCALES, Sampling
from vf_parse.types import ParseAnswer, ParseRequest
from vfkit.contracts import Artifact, Stage
from vfkit.engines import Engine
from vfkit.pictures import DEFAULT_LIMITS, encode_labels, encode_mask, encode_png, read_picture
from vfkit.serving import NetworkSettings, Service

SMALLEST_SCALE, LARGEST_SCALE = 0.25, 2.0
LIMITS = replace(DEFAULT_LIMITS, min_edge=64)
"""A parse asks less of a photo than a fitting does: a thumbnail has one."""


class ParseSettings(NetworkSettings):
    """Settings of the parse service."""

    parse_model: Literal["full", "heavy"] = Field(
        default="full", description="BlazePose's landmark network (open engine)"
    )
    parse_resize: Sampling = Field(
        default=Sampling.TF1,
        description="how pictures are resized: as trained, or as after tf_upgrade_v2 (reference engine)",
    )
    parse_scales: Annotated[tuple[float, ...], NoDecode] = Field(
        default=SCALES, description="scales that are averaged, such as 1.0 or 0.5,1.0,1.5 (reference engine)"
    )

    @field_validator("parse_scales", mode="before")
    @classmethod
    def _from_list(cls, value: object) -> object:
        return [part.strip() for part in value.split(",")] if isinstance(value, str) else value

    @field_validator("parse_scales")
    @classmethod
    def _usable(cls, scales: tuple[float, ...]) -> tuple[float, ...]:
        if not scales or not all(SMALLEST_SCALE <= scale <= LARGEST_SCALE for scale in scales):
            raise ValueError(f"one or more scales from {SMALLEST_SCALE} to {LARGEST_SCALE} are needed")
        return scales


def open_engine(settings: ParseSettings) -> Engine[ParseRequest, ParseAnswer]:
    """The learned parser."""
    from vf_parse.open.engine import OpenEngine  # noqa: PLC0415  only the chosen engine's libraries are imported

    return OpenEngine(settings.weights, settings.parse_model, settings.threads)


def reference_engine(settings: ParseSettings) -> Engine[ParseRequest, ParseAnswer]:
    """CIHP_PGN."""
    from vf_parse.reference.engine import ReferenceEngine  # noqa: PLC0415  imports TensorFlow

    return ReferenceEngine(
        settings.weights,
        settings.parse_scales,
        settings.parse_resize,
        settings.threads,
        settings.device,
        allow_tf32=settings.allow_tf32,
    )


def create_app(settings: ParseSettings | None = None) -> FastAPI:
    """The application; its settings come from the environment unless they are given."""
    service = Service(
        Stage.PARSE,
        engines={"open": open_engine, "reference": reference_engine},
        settings=settings or ParseSettings(),
    )

    @service.route(
        responses={
            200: {
                "content": {"image/png": {}, "application/zip": {}},
                "description": "parse.png: the index is the CIHP label; with include a ZIP of what is asked for too",
            }
        },
    )
    async def parse(
        image: Annotated[UploadFile, File(description="photo of one person")],
        include: Annotated[
            list[Literal["edge", "held"]],
            Query(
                description="edge: parse_edge.png, outlines of parts (reference engine); held: held.png, white on bags"
                " and what hands hold, which parse.png has as background (open engine)"
            ),
        ] = [],  # noqa: B006  FastAPI copies it
        accept: Annotated[str | None, Header()] = None,
    ) -> Response:
        """The 20 CIHP labels of a photo, at its size."""
        picture = await service.decode(read_picture, image, LIMITS)
        answer: ParseAnswer = await service.predict(ParseRequest(picture, "edge" in include, "held" in include))
        artifacts = {Artifact.PARSE: await service.aside(encode_labels, answer.labels)}
        if answer.edge is not None:
            artifacts[Artifact.PARSE_EDGE] = await service.aside(encode_png, answer.edge)
        if answer.held is not None:
            artifacts[Artifact.HELD] = await service.aside(encode_mask, answer.held)
        return service.respond(artifacts, accept=accept, warnings=answer.warnings)

    return service.app
