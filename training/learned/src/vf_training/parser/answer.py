"""What the person parser's network takes and answers, whether PyTorch or ONNX Runtime runs it."""

from __future__ import annotations

WIDTH, HEIGHT = 288, 384
"""Size of the input in pixels; training also uses smaller ones, multiples of 32."""
STRIDE = 4
"""Pixels of the input for one cell of the answer."""
INPUT = "pictures"
"""Name of the ONNX input: (N, 3, HEIGHT, WIDTH) float32, RGB in [0, 1], padding 0.5."""
OUTPUT = "regions"
"""Name of the ONNX output: (N, 18, HEIGHT / 4, WIDTH / 4) float32 logits, one channel for each `PersonRegion`."""
