"""The reference engine: HR-VITON with the authors' weights (Lee et al., ECCV 2022, arXiv:2206.14180).

1. The pictures are brought to the synthesis size as the published loader does.
2. `try_on` runs condition generator, blur, warp and image generator for the whole batch at once.
3. The answers go back to the photos' sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image as PillowImage
from torch import Tensor

from vf_hrviton.reference.checkpoints import (
    fold_spectral_norm,
    load_strictly,
    read_state,
    with_published_names,
)
from vf_hrviton.reference.condition import ConditionGenerator
from vf_hrviton.reference.generator import ImageGenerator, Noise
from vf_hrviton.reference.noise import NamedNoise, SeededNoise, no_noise, request_seed
from vf_hrviton.reference.try_on import (
    Inputs,
    Outputs,
    image_arrays,
    mask_tensor,
    parse_tensor,
    picture_tensor,
    try_on,
)
from vf_hrviton.types import TryOnAnswer, TryOnRequest
from vfkit import pytorch
from vfkit.contracts import Image
from vfkit.engines import EngineInfo, uses_tf32
from vfkit.problems import Code, Problem
from vfkit.weights import require_all

VERSION = "1"
CONDITION_FILE = "hrviton/mtviton.pth"
GENERATOR_FILE = "hrviton/gen.pth"
SMALLEST = (256, 128)
"""Height and width of the warm-up on a CPU, which has no kernels to choose for a size."""

Size = Literal["1024x768", "512x384"]
NoiseKind = Literal["seeded", "off", "named"]


class ReferenceEngine:
    """HR-VITON at test time.

    Args:
        weights: the folder that holds ``hrviton/mtviton.pth`` and ``hrviton/gen.pth``.
        size: height x width of synthesis.
        noise: ``seeded`` from each request's pictures, ``off``, or ``named`` as recorded outputs are made with.
        noise_seed: of ``named`` noise, 0 or more; the others take none.
        occlusion: what ``--occlusion`` of the published program does, see `try_on`.
        dtype: of the image generator; the condition generator is always float32, as flows need the precision.
        device: ``cpu`` or ``cuda``.
        threads: of one forward pass on a CPU; PyTorch keeps it for the whole process.
        allow_tf32: see `vfkit.pytorch.prepare`.
    """

    def __init__(
        self,
        weights: Path,
        *,
        size: Size = "1024x768",
        noise: NoiseKind = "seeded",
        noise_seed: int = 0,
        occlusion: bool = True,
        dtype: Literal["float32", "bfloat16"] = "float32",
        device: str = "cpu",
        threads: int = 2,
        allow_tf32: bool = False,
    ) -> None:
        height, width = (int(side) for side in size.split("x"))
        self._weights = weights
        self._size = (height, width)
        self._noise: NoiseKind = noise
        self._noise_seed = noise_seed
        self._occlusion = occlusion
        self._dtype = torch.bfloat16 if dtype == "bfloat16" else torch.float32
        self._device = torch.device(device)
        self._threads = threads
        self._allow_tf32 = allow_tf32
        self._networks: tuple[ConditionGenerator, ImageGenerator] | None = None
        self._info = EngineInfo(
            name="reference",
            description="HR-VITON's condition generator and SPADE image generator, with the authors' weights.",
            version=VERSION,
            licence="CC-BY-NC-4.0 (non-commercial)",
            device=device,
            dtype=dtype,
            options={
                "size": size,
                "noise": noise,
                **({"noise_seed": noise_seed} if noise == "named" else {}),
                "occlusion": occlusion,
                "dtype": dtype,
                "tf32": uses_tf32(device, allow_tf32),
            },
        )

    def load(self) -> None:
        """Read both weight files and run once.

        Raises:
            Problem: ``weights_missing`` when one is absent, unreadable or another's; ``stage_unavailable`` without the
                device that was asked for.
        """
        pytorch.prepare(self._device.type, self._threads, allow_tf32=self._allow_tf32)
        files = require_all(self._weights, [CONDITION_FILE, GENERATOR_FILE])
        (condition_path, condition_info), (generator_path, generator_info) = files
        condition, generator = ConditionGenerator(), ImageGenerator()
        load_strictly(condition, read_state(condition_path), condition_path.name)
        state = with_published_names(read_state(generator_path))
        load_strictly(generator, fold_spectral_norm(state, generator_path.name), generator_path.name)
        condition.requires_grad_(False).eval().to(self._device)
        generator.requires_grad_(False).eval().to(self._device, memory_format=torch.channels_last)
        parameters = sum(value.numel() for network in (condition, generator) for value in network.parameters())
        self._info = self._info.model_copy(
            update={
                "weights": [condition_info, generator_info],
                "options": self._info.options | {"parameters": parameters},
            }
        )
        self._networks = condition, generator
        self._run([_blank(SMALLEST)], SMALLEST if self._device.type == "cpu" else self._size)

    @property
    def info(self) -> EngineInfo:
        """What this engine is."""
        return self._info

    def predict(self, batch: Sequence[TryOnRequest]) -> list[TryOnAnswer | Problem]:
        """Dress everybody in one forward pass; an empty cloth mask gets ``no_garment_found`` in its place."""
        usable = [request for request in batch if request.cloth_mask.any()]
        dressed = iter(self._dress(usable) if usable else [])
        return [
            next(dressed) if request.cloth_mask.any() else Problem(Code.NO_GARMENT_FOUND, "The cloth mask is empty.")
            for request in batch
        ]

    def _dress(self, batch: Sequence[TryOnRequest]) -> list[TryOnAnswer]:
        outputs = self._run(batch, self._size)
        results, cloths = image_arrays(outputs.image), image_arrays(outputs.warped_cloth)
        masks = (outputs.warped_mask[:, 0] * 255).round().clamp(0, 255).to(torch.uint8).cpu().numpy()
        segmentations, flows = _array(outputs.condition.segmentation), _array(outputs.condition.flows[-1])
        return [
            TryOnAnswer(
                _at_size_of(results[i], request.image),
                _at_size_of(cloths[i], request.image),
                _at_size_of(masks[i], request.image),
                segmentation=segmentations[i],
                flow=flows[i],
            )
            for i, request in enumerate(batch)
        ]

    def _run(self, batch: Sequence[TryOnRequest], size: tuple[int, int]) -> Outputs:
        if self._networks is None:
            raise Problem(Code.INTERNAL, "The engine has not been loaded.")
        condition, generator = self._networks
        with torch.inference_mode():
            inputs = _inputs(batch, size, self._device)
            noise = self._noise_for(batch)
            return try_on(condition, generator, inputs, noise, self._dtype, occlusion=self._occlusion)

    def _noise_for(self, batch: Sequence[TryOnRequest]) -> Noise:
        if self._noise == "off":
            return no_noise
        if self._noise == "named":
            return NamedNoise(self._noise_seed)
        return SeededNoise([request_seed(request) for request in batch])


def _inputs(batch: Sequence[TryOnRequest], size: tuple[int, int], device: torch.device) -> Inputs:
    return Inputs(
        agnostic=picture_tensor([request.agnostic for request in batch], *size).to(device),
        densepose=picture_tensor([request.densepose for request in batch], *size).to(device),
        cloth=picture_tensor([request.cloth for request in batch], *size).to(device),
        cloth_mask=mask_tensor([request.cloth_mask for request in batch], *size).to(device),
        parse_agnostic=parse_tensor([request.parse_agnostic for request in batch], *size).to(device),
    )


def _array(values: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return values.float().cpu().numpy()  # type: ignore[no-any-return]


def _at_size_of(picture: Image, photo: Image) -> Image:
    height, width = photo.shape[:2]
    if picture.shape[:2] == (height, width):
        return picture
    resized = PillowImage.fromarray(picture).resize((width, height), PillowImage.Resampling.BICUBIC)
    return np.asarray(resized)


def _blank(size: tuple[int, int]) -> TryOnRequest:
    """Something to warm up with."""
    grey, picture = np.zeros(size, np.uint8), np.zeros((*size, 3), np.uint8)
    return TryOnRequest(picture, picture, grey, grey, picture, picture)
