"""One tflite file as a function from a picture to arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from vf_anatomy import Floats
from vfkit.contracts import Image
from vfkit.problems import Code, Problem


class Network:
    """A loaded tflite file with one picture as its input. Not safe for use from two threads at once.

    Args:
        path: the file; `Problem` ``weights_missing`` when it is absent or cannot be read.
        threads: of the interpreter.
    """

    def __init__(self, path: Path, threads: int) -> None:
        if not path.is_file():
            raise Problem(Code.WEIGHTS_MISSING, f"The weight file {path.parent.name}/{path.name} is missing.")
        try:
            self._interpreter = Interpreter(model_path=str(path), num_threads=threads)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            message = f"The weight file {path.parent.name}/{path.name} cannot be read."
            raise Problem(Code.WEIGHTS_MISSING, message) from error
        description = self._interpreter.get_input_details()[0]
        self._input = int(description["index"])
        self.pixels = int(description["shape"][1])
        """Side of the square input."""
        self._outputs = [
            (int(output["index"]), tuple(int(n) for n in output["shape"]))
            for output in self._interpreter.get_output_details()
        ]

    def __call__(self, picture: Image, *, low: float = 0.0) -> dict[tuple[int, ...], Floats]:
        """Run the network.

        Args:
            picture: (pixels, pixels, 3) uint8 RGB.
            low: what 0 becomes; 255 becomes 1.

        Returns:
            The outputs by their shapes (without the batch axis), which tell them apart in every BlazePose file.
        """
        values = picture.astype(np.float32) * ((1 - low) / 255) + low
        self._interpreter.set_tensor(self._input, values[None])
        self._interpreter.invoke()
        return {shape[1:]: self._interpreter.get_tensor(index)[0] for index, shape in self._outputs}
