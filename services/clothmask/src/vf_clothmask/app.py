"""The service behind ``POST /v1/cloth-mask``: the garment of a photo alone, and what was read of it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import FastAPI, File, Form, Header, Response, UploadFile
from pydantic import Field

from vf_clothmask.types import GarmentAnswer, GarmentRequest
from vfkit.contracts import GARMENT_PALETTE, Artifact, Category, Stage
from vfkit.engines import Engine
from vfkit.pictures import encode_labels, encode_png, read_cutout
from vfkit.serving import NetworkSettings, Service


class ClothmaskSettings(NetworkSettings):
    """What an operator sets by environment; all but the threads is for the reference engine."""

    clothmask_network: Literal["tracer_b7", "u2net"] = Field(
        default="tracer_b7", description="network that finds the garment"
    )
    clothmask_matting: Literal["fba", "none"] = Field(
        default="fba", description="FBA matting along the edge, or the network's own mask (much faster)"
    )


def open_engine(settings: ClothmaskSettings) -> Engine[GarmentRequest, GarmentAnswer]:
    """The garment reader, the colour of a plain backdrop and U-2-Net."""
    from vf_clothmask.open.engine import OpenEngine  # noqa: PLC0415  only the chosen engine's libraries are imported

    return OpenEngine(settings.weights, settings.threads)


def reference_engine(settings: ClothmaskSettings) -> Engine[GarmentRequest, GarmentAnswer]:
    """CarveKit for the mask, the garment reader for all else."""
    from vf_clothmask.reference.engine import ReferenceEngine  # noqa: PLC0415  imports torch

    return ReferenceEngine(
        settings.weights,
        network=settings.clothmask_network,
        matting=settings.clothmask_matting,
        device=settings.device,
        threads=settings.threads,
        allow_tf32=settings.allow_tf32,
    )


def create_app(settings: ClothmaskSettings | None = None) -> FastAPI:
    """The application, its settings from the environment unless given."""
    service = Service(
        Stage.CLOTHMASK,
        engines={"open": open_engine, "reference": reference_engine},
        settings=settings or ClothmaskSettings(),
    )

    @service.route()
    async def cloth_mask(
        image: Annotated[UploadFile, File(description="photo of one garment")],
        category: Annotated[Category, Form(description="what is sold; auto: the photo decides")] = Category.AUTO,
        accept: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Read a garment: a ZIP of garment.json, cloth.png, cloth_mask.png and garment_parts.png at 768x1024."""
        picture = await service.decode(read_cutout, image)
        answer: GarmentAnswer = await service.predict(GarmentRequest.of(picture, category))
        artifacts = {
            Artifact.GARMENT_JSON: answer.document.model_dump_json().encode(),
            Artifact.CLOTH: await service.aside(encode_png, answer.cloth),
            Artifact.CLOTH_MASK: await service.aside(encode_png, answer.mask),
            Artifact.GARMENT_PARTS: await service.aside(encode_labels, answer.parts, GARMENT_PALETTE),
        }
        return service.respond(artifacts, accept=accept, warnings=answer.warnings)

    return service.app
