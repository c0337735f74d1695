"""Light and phone: shading of heights, shadows, exposure, white balance, blur, noise, JPEG."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_synthetic.listing.canvas import Canvas
from vf_synthetic.listing.fields import grain, noise
from vf_synthetic.noise import FloatArray


def sun(rng: np.random.Generator) -> FloatArray:
    """The direction (3,) to the main light: x right, y down, z towards the camera."""
    azimuth, height = rng.uniform(0, 2 * np.pi), np.deg2rad(rng.uniform(25, 70))
    if rng.random() < 0.6:  # from above, as most rooms have it
        azimuth = rng.uniform(np.pi, 2 * np.pi)
    return np.array([np.cos(height) * np.cos(azimuth), np.cos(height) * np.sin(azimuth), np.sin(height)])


def develop(canvas: Canvas, light: FloatArray, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The photo (H, W, 3) uint8 that a phone takes of a canvas lit from `light`."""
    bright = canvas.shade * _shading(canvas, light, rng) * _room(canvas.shade.shape, light, rng)
    picture = canvas.colour * bright[..., None]
    if canvas.gloss.any():
        picture = picture + (_highlight(canvas, light) * canvas.gloss)[..., None]
    return _phone(picture, rng)


def _slopes(height: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The slopes of a height map (H, W) along x and y."""
    kernel = np.array([[-0.5, 0.0, 0.5]], np.float32)
    return cv2.filter2D(height, -1, kernel), cv2.filter2D(height, -1, kernel.T)


def _shading(canvas: Canvas, light: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Brightness (H, W) of the relief; 1 where it is level."""
    x, y = _slopes(canvas.height)
    direct = (light[2] - x * light[0] - y * light[1]) / np.sqrt(1 + x * x + y * y)
    ambient = rng.uniform(0.25, 0.6)
    lit = ambient + (1 - ambient) * np.clip(direct / light[2], 0, 2.2)
    # Hollows get less light from all around.
    small = cv2.resize(canvas.height, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    around = cv2.resize(cv2.GaussianBlur(small, (0, 0), 2.0), canvas.height.shape[::-1])
    return (lit * (1 - np.clip(0.05 * (around - canvas.height), -0.1, 0.35))).astype(np.float32)


def _highlight(canvas: Canvas, light: FloatArray) -> FloatArray:
    """The shine (H, W) of satin, leather and metal."""
    x, y = _slopes(canvas.height)
    half = light + np.array([0, 0, 1])
    half = half / np.linalg.norm(half)
    aligned = (half[2] - x * half[0] - y * half[1]) / np.sqrt(1 + x * x + y * y)
    return (0.35 * np.clip(aligned, 0, 1) ** 18).astype(np.float32)


def _room(shape: tuple[int, ...], light: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Unevenness of the light (H, W): fall-off, a lamp's or flash's spot, shadows of the photographer and of things."""
    h, w = shape[0], shape[1]
    y, x = np.mgrid[0:h:4, 0:w:4].astype(np.float32)
    x, y = x / w - 0.5, y / h - 0.5
    level = 1 + rng.uniform(0, 0.7) * (x * light[0] + y * light[1]) + rng.uniform(-0.1, 0.1) * x
    spot = (x - rng.uniform(-0.4, 0.4)) ** 2 + (y - rng.uniform(-0.4, 0.4)) ** 2
    level *= 1 + rng.uniform(0, 0.5 if rng.random() < 0.3 else 0.15) * (np.exp(-spot / 0.12) - 0.5)
    level *= 1 - rng.uniform(0, 0.5) * (x * x + y * y)
    if rng.random() < 0.25:  # the photographer's head and arms
        centre = rng.uniform(-0.5, 0.5), rng.uniform(0.1, 0.7)
        wide = rng.uniform(0.12, 0.35)
        body = np.clip(1.4 - np.hypot((x - centre[0]) / wide, (y - centre[1] - 0.3) / (wide * 2.2)), 0, 1)
        level *= 1 - rng.uniform(0.1, 0.45) * np.clip(body * rng.uniform(1, 4), 0, 1)
    if rng.random() < 0.2:
        patches = noise(rng, level.shape, w / 4 * rng.uniform(0.2, 0.6))
        level *= 1 + rng.uniform(0.1, 0.3) * np.clip(patches * rng.uniform(1, 5), -1, 0.3)
    return cv2.resize(level.astype(np.float32), (w, h), interpolation=cv2.INTER_LINEAR)


def _phone(picture: FloatArray, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Exposes, blurs, sharpens, adds noise and compresses a linear picture (H, W, 3)."""
    u = rng.uniform
    h = picture.shape[0]
    level = float(np.mean(picture[::4, ::4]))
    # A phone's exposure aims at a middle tone but leaves dark scenes dark and bright ones bright.
    gain = (u(0.16, 0.3) / max(level, 0.02)) ** u(0.3, 0.8) * u(0.85, 1.15)
    tint = np.array([u(0.88, 1.2), 1.0, u(0.75, 1.12)], np.float32) if rng.random() < 0.7 else np.ones(3, np.float32)
    picture = np.clip(picture * (tint * np.float32(gain)), 0, None)
    picture = _TONE[np.minimum(picture * 2048, 4095).astype(np.int32)]
    contrast = u(0.85, 1.2)
    picture = (picture - 0.45) * contrast + 0.45 + u(-0.02, 0.04)
    grey = picture.mean(-1, keepdims=True)
    picture = grey + (picture - grey) * u(0.75, 1.3)
    picture = cv2.GaussianBlur(picture, (0, 0), h / 384 * (u(0.3, 0.5) if rng.random() < 0.8 else u(0.5, 1.4)))
    if rng.random() < 0.5:
        soft = cv2.GaussianBlur(picture, (0, 0), h / 384 * 1.2)
        picture = picture + u(0.2, 0.9) * (picture - soft)
    strength = u(0.0, 0.006) if rng.random() < 0.75 else u(0.006, 0.03)
    picture += grain(rng, picture.shape[:2], strength)[..., None]
    for channel in range(3):
        picture[..., channel] += grain(rng, picture.shape[:2], strength * 0.6)
    bgr = cv2.cvtColor((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8), cv2.COLOR_RGB2BGR)
    quality = int(u(45, 97))
    packed = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.cvtColor(cv2.imdecode(packed, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def _tone_curve() -> FloatArray:
    """sRGB's gamma with a soft shoulder, for linear values of 0..2 in 4096 steps."""
    value = np.arange(4096) / 2048.0
    soft = np.where(value < 0.8, value, 0.8 + 0.22 * (1 - np.exp(-(value - 0.8) / 0.22)))
    return (np.clip(soft, 0, 1) ** (1 / 2.2)).astype(np.float32)


_TONE = _tone_curve()
