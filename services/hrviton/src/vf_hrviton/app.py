"""The service behind ``POST /v1/try-on``: the pictures of a person and a garment in, the dressed person out."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
from fastapi import FastAPI, File, Form, Header, Query, Response, UploadFile
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from vf_hrviton.types import BodyAnswer, BodyRequest, TryOnAnswer, TryOnRequest
from vfkit.contracts import Artifact, Clothes, GarmentDocument, GarmentPart, Image, PosePerson, Stage
from vfkit.engines import Engine
from vfkit.pictures import DEFAULT_LIMITS, decode_labels, decode_mask, encode_png, read_picture, require_same_size
from vfkit.poses import decode_person
from vfkit.problems import Code, Problem
from vfkit.serving import NetworkSettings, Service


class HrvitonSettings(NetworkSettings):
    """What an operator sets by environment; all of its own are for the reference engine."""

    hrviton_size: Literal["1024x768", "512x384"] = Field(default="1024x768", description="height x width of synthesis")
    hrviton_noise: Literal["seeded", "off", "named"] = Field(
        default="seeded", description="the generator's noise: from the request's pictures, none, or by layer name"
    )
    hrviton_noise_seed: int = Field(default=0, ge=0, description="of the noise that goes by layer name")
    hrviton_occlusion: bool = Field(
        default=True, description="take from the warped garment what lies in front of it, such as arms and hair"
    )
    hrviton_dtype: Literal["float32", "bfloat16"] = Field(default="float32", description="of the image generator")


def open_engine(_: HrvitonSettings) -> Engine[TryOnRequest | BodyRequest, TryOnAnswer | BodyAnswer]:
    """The geometric fitting."""
    from vf_hrviton.open.engine import OpenEngine  # noqa: PLC0415  the reference engine needs none of it

    return OpenEngine()


def reference_engine(settings: HrvitonSettings) -> Engine[TryOnRequest, TryOnAnswer]:
    """HR-VITON."""
    from vf_hrviton.reference.engine import ReferenceEngine  # noqa: PLC0415  imports torch

    return ReferenceEngine(
        settings.weights,
        size=settings.hrviton_size,
        noise=settings.hrviton_noise,
        noise_seed=settings.hrviton_noise_seed,
        occlusion=settings.hrviton_occlusion,
        dtype=settings.hrviton_dtype,
        device=settings.device,
        threads=settings.threads,
        allow_tf32=settings.allow_tf32,
    )


def create_app(settings: HrvitonSettings | None = None) -> FastAPI:
    """The application."""
    service = Service(
        Stage.HRVITON,
        engines={"open": open_engine, "reference": reference_engine},
        settings=settings or HrvitonSettings(),
    )

    @service.route()
    async def try_on(
        image: Annotated[UploadFile, File(description="photo of the person")],
        cloth: Annotated[UploadFile, File(description="photo of the garment")],
        cloth_mask: Annotated[UploadFile, File(description="cloth_mask.png")],
        parse_agnostic: Annotated[UploadFile, File(description="parse_agnostic.png")],
        agnostic: Annotated[UploadFile, File(description="agnostic.png")],
        densepose: Annotated[UploadFile, File(description="densepose.png")],
        parse: Annotated[UploadFile | None, File(description="parse.png; the open engine needs it")] = None,
        pose: Annotated[UploadFile | None, File(description="pose.json; the open engine needs it")] = None,
        garment: Annotated[UploadFile | None, File(description="garment.json; without it the cloth is a top's")] = None,
        garment_parts: Annotated[UploadFile | None, File(description="garment_parts.png; the open engine's")] = None,
        body: Annotated[UploadFile | None, File(description="body.npz; spares work and changes nothing")] = None,
        include: Annotated[str, Query(description="segmentation,flow: what else the ZIP shall hold")] = "",
        accept: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Dress the person: a ZIP of result.png, warped_cloth.png and warped_mask.png at the photo's size."""
        extras = _extras(include, service.contract.on_request)
        request = TryOnRequest(
            image=await service.decode(read_picture, image),
            cloth=await service.decode(read_picture, cloth),
            cloth_mask=await service.decode(decode_mask, cloth_mask),
            parse_agnostic=await service.decode(decode_labels, parse_agnostic),
            agnostic=await service.decode(read_picture, agnostic),
            densepose=await service.decode(read_picture, densepose),
            parse=await service.decode(decode_labels, parse) if parse else None,
            pose=_person(await pose.read()) if pose else None,
            garment=_garment(await garment.read()) if garment else None,
            garment_parts=await _parts(service, garment_parts) if garment_parts else None,
            body=await body.read() if body else None,
        )
        _require_sizes(request)
        answer: TryOnAnswer = await service.predict(request)
        artifacts = {
            Artifact.RESULT: await service.aside(encode_png, answer.result),
            Artifact.WARPED_CLOTH: await service.aside(encode_png, answer.warped_cloth),
            Artifact.WARPED_MASK: await service.aside(encode_png, answer.warped_mask),
        }
        for artifact in extras:
            artifacts[artifact] = await service.aside(_encode_array, _extra(answer, artifact))
        return service.respond(artifacts, accept=accept, warnings=answer.warnings)

    @service.precomputation()
    async def body(
        image: Annotated[UploadFile, File(description="photo of the person")],
        parse: Annotated[UploadFile, File(description="parse.png")],
        pose: Annotated[UploadFile, File(description="pose.json")],
        clothes: Annotated[Clothes, Form(description="what the garments replace")] = Clothes.UPPER,
    ) -> Response:
        """Prepare a person for many garments: body.npz, for the field ``body`` of ``/v1/try-on``."""
        if not service.engine.precomputes:
            raise Problem(Code.NOT_FOUND, "This engine precomputes nothing.")
        request = BodyRequest(
            image=await service.decode(read_picture, image),
            parse=await service.decode(decode_labels, parse),
            pose=_person(await pose.read()),
            clothes=clothes,
        )
        require_same_size([request.image, request.parse])
        answer: BodyAnswer = await service.predict(request)
        return service.respond({Artifact.BODY: answer.content}, contract=service.contract.precomputation)

    return service.app


def _require_sizes(request: TryOnRequest) -> None:
    """Raises `Problem` (``invalid_request``) when pictures of one thing differ in size."""
    person: list[Image] = [request.image, request.parse_agnostic, request.agnostic, request.densepose]
    if request.parse is not None:
        person.append(request.parse)
    require_same_size(person)
    garment = [request.cloth, request.cloth_mask]
    if request.garment_parts is not None:
        garment.append(request.garment_parts)
    require_same_size(garment)


def _person(content: bytes) -> PosePerson:
    """The first person of a pose.json, hands included.

    Raises:
        Problem: ``no_person_found``, or ``invalid_request`` when it is not an OpenPose JSON with BODY_25.
    """
    person = decode_person(content)
    try:
        hands = [person.hand(side) for side in ("left", "right")]
    except ValueError as error:
        raise Problem(Code.INVALID_REQUEST, "The pose's numbers do not come in threes.") from error
    if any(hand is not None and not np.isfinite(hand).all() for hand in hands):
        raise Problem(Code.INVALID_REQUEST, "The pose's hands must be finite numbers.")
    return person


def _garment(content: bytes) -> GarmentDocument:
    """A garment.json. Raises `Problem` (``invalid_request``)."""
    try:
        return GarmentDocument.model_validate_json(content)
    except ValidationError as error:
        raise Problem(Code.INVALID_REQUEST, "The garment is not a garment.json.") from error


async def _parts(service: Service[HrvitonSettings], file: UploadFile) -> Image:
    return await service.decode(decode_labels, file, DEFAULT_LIMITS, len(GarmentPart))


def _extras(include: str, offered: Mapping[str, Artifact]) -> list[Artifact]:
    names = [name.strip() for name in include.split(",") if name.strip()]
    unknown = [name for name in names if name not in offered]
    if unknown:
        raise Problem(Code.INVALID_REQUEST, f"include can name {' and '.join(offered)}, nothing else.")
    return [offered[name] for name in dict.fromkeys(names)]


def _extra(answer: TryOnAnswer, artifact: Artifact) -> NDArray[np.float32]:
    array = answer.segmentation if artifact is Artifact.SEGMENTATION else answer.flow
    if array is None:
        raise Problem(Code.INVALID_REQUEST, "Only the reference engine has a segmentation and a flow.")
    return array


def _encode_array(array: NDArray[np.float32]) -> bytes:
    """A NumPy ``.npz`` with the one array ``array``."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, array=array)
    return buffer.getvalue()
