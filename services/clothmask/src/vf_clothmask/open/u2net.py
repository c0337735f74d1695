"""U-2-Net (Qin et al., U2-Net: Going Deeper with Nested U-Structure for Salient Object Detection, 2020) on ONNX.

The network sees the picture squeezed to 320 x 320 and gives each pixel's probability of belonging to the salient
object, which on a garment photo is the garment.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from vfkit.contracts import Image
from vfkit.onnx import session_options

SIZE = 320
MEAN = np.array([0.485, 0.456, 0.406], np.float32)  # ImageNet's, as in training
STD = np.array([0.229, 0.224, 0.225], np.float32)


class U2Net:
    """The network, loaded.

    Args:
        path: ``u2net.onnx``.
        threads: of onnxruntime. Its memory arena is off: it would hold on to about a gigabyte between calls.
    """

    def __init__(self, path: Path, threads: int) -> None:
        options = session_options(threads)
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False
        self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self._output = self._session.get_outputs()[0].name

    def probability(self, image: Image) -> NDArray[np.float32]:
        """(H, W) float32 in [0, 1] for an (H, W, 3) uint8 RGB picture."""
        small = cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_AREA).astype(np.float32)
        scaled = (small / max(1.0, float(small.max())) - MEAN) / STD
        (fused,) = self._session.run([self._output], {self._input: scaled.transpose(2, 0, 1)[None]})
        height, width = image.shape[:2]
        full = cv2.resize(fused[0, 0], (width, height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(np.clip(full, 0, 1), np.float32)
