"""CarveKit as its users run it, without a line of ours: the recipe that HR-VITON's users make cloth masks with.

``python published.py WEIGHTS PICTURE MASK [REPEATS]`` writes the mask as PNG, and prints seconds and peak memory as
JSON. Only the loading differs, since the files' digests are not the recorded ones. HOME must be a folder to spare.
"""

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

if not hasattr(torch.ops.torchvision, "nms"):
    for name in ("nms", "qnms"):
        torch.library.define(f"torchvision::{name}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

from carvekit.api.interface import Interface
from carvekit.ml.wrap.fba_matting import FBAMatting
from carvekit.ml.wrap.tracer_b7 import TracerUniversalB7
from carvekit.pipelines.postprocessing import MattingMethod
from carvekit.trimap.generator import TrimapGenerator


def main(weights, picture, mask, repeats="1", threads="2"):
    torch.set_num_threads(int(threads))
    start = time.perf_counter()
    segmentation = TracerUniversalB7(
        device="cpu", batch_size=1, model_path=Path(weights, "tracer_b7.pth"), input_image_size=640
    )
    matting = FBAMatting(device="cpu", input_tensor_size=2048, batch_size=1, load_pretrained=False)
    matting.load_state_dict(torch.load(Path(weights, "fba_matting.pth"), map_location="cpu"))
    trimap = TrimapGenerator(prob_threshold=231, kernel_size=30, erosion_iters=5)
    interface = Interface(
        pre_pipe=None, post_pipe=MattingMethod(matting_module=matting, trimap_generator=trimap), seg_pipe=segmentation
    )
    loaded = time.perf_counter() - start
    seconds = []
    for _ in range(int(repeats)):
        start = time.perf_counter()
        composite = np.asarray(interface([Image.open(picture).convert("RGB")])[0])
        backdrop = (composite[..., 0] == 130) & (composite[..., 1] == 130) & (composite[..., 2] == 130)
        seconds.append(time.perf_counter() - start)
    Image.fromarray(np.where(backdrop, 0, 255).astype(np.uint8)).save(mask)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"load_s": loaded, "seconds": seconds, "peak_bytes": peak}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
