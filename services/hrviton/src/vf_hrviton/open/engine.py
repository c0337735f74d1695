"""The open engine: a geometric fitting. No network, no weights.

1. `prepare` makes the person ready: measured, and without the worn garment.
2. `fit` puts a garment on a prepared body.

The first step is spared where the prepared body comes with the request; garments for one person in one batch share it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from vf_hrviton.open.body.archive import pack, unpack
from vf_hrviton.open.body.prepared import PreparedBody
from vf_hrviton.open.fit import ClothPicture, fit
from vf_hrviton.open.prepare import prepare
from vf_hrviton.types import BodyAnswer, BodyRequest, TryOnAnswer, TryOnRequest
from vfkit.contracts import Clothes
from vfkit.engines import EngineInfo
from vfkit.problems import Code, Problem

VERSION = "3"


class OpenEngine:
    """Geometric warp and composition of every kind of garment."""

    def load(self) -> None:
        """There is nothing to load."""

    @property
    def info(self) -> EngineInfo:
        """What this engine is."""
        return EngineInfo(
            name="open",
            description=(
                "Geometry, no network: the garment's picture is bent onto the person and shaded like the old garment."
                " Tops, skirts, trousers, shorts, dresses and jumpsuits, on people who stand and face the camera."
            ),
            version=VERSION,
            licence="Apache-2.0",
            precomputes=True,
        )

    def predict(self, batch: Sequence[TryOnRequest | BodyRequest]) -> list[TryOnAnswer | BodyAnswer | Problem]:
        """Dress every person of the batch, or prepare them.

        An item gets ``no_garment_found``, ``body_not_visible``, ``person_not_frontal``, ``person_seated`` or
        ``invalid_request`` in its place.
        """
        answers: list[TryOnAnswer | BodyAnswer | Problem] = []
        known: dict[tuple[str, Clothes], PreparedBody] = {}
        for request in batch:
            try:
                answers.append(_answer(request, known))
            except Problem as problem:
                answers.append(problem)
        return answers


def _answer(
    request: TryOnRequest | BodyRequest, known: dict[tuple[str, Clothes], PreparedBody]
) -> TryOnAnswer | BodyAnswer:
    """One answer.

    Args:
        request: what is wanted.
        known: the batch's prepared bodies by what they were made of and what was taken off; a new one is added.
    """
    if isinstance(request, BodyRequest):
        made_of = _digest(request)
        return BodyAnswer(pack(prepare(request.image, request.parse, request.pose, request.clothes), VERSION, made_of))
    if request.parse is None or request.pose is None:
        raise Problem(Code.INVALID_REQUEST, "The open engine needs the person's parse and pose.")
    person = BodyRequest(request.image, request.parse, request.pose)
    made_of = _digest(person)
    garment = ClothPicture(request.cloth, request.cloth_mask, request.garment_parts, request.garment)
    name = made_of, garment.takes_off
    if name not in known:
        kept = unpack(request.body, VERSION, made_of, garment.takes_off) if request.body else None
        known[name] = kept or prepare(person.image, person.parse, person.pose, garment.takes_off)
    return fit(request.image, known[name], garment)


def _digest(person: BodyRequest) -> str:
    """What a prepared body is made of."""
    digest = hashlib.blake2b(person.pose.model_dump_json().encode(), digest_size=16)
    for picture in (person.image, person.parse):
        digest.update(str(picture.shape).encode())
        digest.update(picture.tobytes())
    return digest.hexdigest()
