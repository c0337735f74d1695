"""Synthetic try-on inputs (our own recipe; NumPy and Pillow only, no network code).

`case(seed, missing=())` returns every file of one VITON-HD style sample at 768 x 1024:
smooth pictures, a mannequin label map, its keypoints and a DensePose-like picture.
"""

from __future__ import annotations

import numpy as np

H, W = 1024, 768
# OpenPose BODY_25: nose neck Rsho Relb Rwri Lsho Lelb Lwri midhip Rhip Rkne Rank Lhip Lkne Lank
# Reye Leye Rear Lear then six foot points
BASE = np.array(
    [
        (384, 170),
        (384, 262),
        (286, 268),
        (238, 420),
        (262, 566),
        (482, 268),
        (532, 420),
        (508, 570),
        (384, 610),
        (322, 612),
        (318, 800),
        (314, 968),
        (446, 612),
        (450, 800),
        (454, 968),
        (366, 152),
        (402, 152),
        (344, 162),
        (424, 162),
        (470, 1000),
        (490, 990),
        (450, 985),
        (298, 1000),
        (278, 990),
        (318, 985),
    ],
    dtype=np.float64,
)


def picture(seed: int, h: int = H, w: int = W) -> np.ndarray:
    """Smooth RGB uint8: per channel six cosine waves of one to four periods."""
    rng = np.random.RandomState(seed)
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    y, x = (y + 0.5) / h, (x + 0.5) / w
    out = np.zeros((h, w, 3))
    for c in range(3):
        for _ in range(6):
            fx, fy, phase, amp = rng.uniform(-4, 4), rng.uniform(-4, 4), rng.uniform(0, 2 * np.pi), rng.uniform(8, 30)
            out[..., c] += amp * np.cos(2 * np.pi * (fx * x + fy * y) + phase)
        out[..., c] += rng.uniform(90, 165)
    return np.clip(np.rint(out), 0, 255).astype(np.uint8)


def keypoints(seed: int, missing: tuple[int, ...] = ()) -> np.ndarray:
    """25 x 3 (x, y, confidence); each joint moved by up to 18 pixels, missing joints all zero."""
    rng = np.random.RandomState(10_000 + seed)
    kp = np.concatenate([np.round(BASE + rng.uniform(-18, 18, BASE.shape), 3), np.full((25, 1), 0.9)], 1)
    for j in missing:
        kp[j] = 0.0
    return kp


def _capsule(a, b, ra, rb):
    y, x = np.mgrid[0:H, 0:W].astype(np.float64)
    ax, ay, bx, by = a[0], a[1], b[0], b[1]
    t = np.clip(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / max((bx - ax) ** 2 + (by - ay) ** 2, 1e-9), 0, 1)
    return np.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)) <= ra + t * (rb - ra)


def _ellipse(c, rx, ry):
    y, x = np.mgrid[0:H, 0:W].astype(np.float64)
    return ((x - c[0]) / rx) ** 2 + ((y - c[1]) / ry) ** 2 <= 1


def label_map(seed: int) -> np.ndarray:
    """CIHP labels 0..19 around the joints of the same seed (never missing here)."""
    p = keypoints(seed)[:, :2]
    out = np.zeros((H, W), np.uint8)
    skirt, top = seed % 2 == 1, (5, 7, 6)[seed % 3]
    mid = (p[9] + p[12]) / 2
    for label, hip, knee, ankle, shoe in ((17, 9, 10, 11, 19), (16, 12, 13, 14, 18)):
        leg = _capsule(p[hip], p[knee], 62, 50) | _capsule(p[knee], p[ankle], 50, 34)
        out[leg] = label if skirt else 9
        out[_capsule(p[ankle], p[ankle] + (0, 34), 36, 44)] = shoe
    if skirt:
        out[_capsule(mid + (0, 20), mid + (0, 150), 120, 150)] = 12
    out[_ellipse(p[0] + (0, -14), 82, 104)] = 2
    out[_capsule(p[1] + (0, -40), p[1] + (0, 24), 40, 46)] = 10
    out[_ellipse(p[0] + (0, 6), 60, 80)] = 13
    shoulders = (p[2] + p[5]) / 2
    torso = _capsule(shoulders + (0, 46), mid, 118, 108) | _capsule(p[2], p[5], 40, 40)
    torso &= ~_ellipse(p[1] + (0, 4), 46, 40)
    out[torso] = top
    for label, s, e, w in ((15, 2, 3, 4), (14, 5, 6, 7)):
        out[_capsule(p[s], p[e], 40, 34) | _capsule(p[e], p[w], 34, 26) | _ellipse(p[w] + (0, 22), 28, 34)] = label
        out[_capsule(p[s], p[s] + 0.55 * (p[e] - p[s]), 46, 44)] = top
    if seed % 4 == 3:
        out[_ellipse(p[0] + (0, -14), 44, 14)] = 4
        out[_capsule(p[1] + (-30, 4), p[1] + (30, 4), 16, 16)] = 11
    return out


def densepose(seed: int) -> np.ndarray:
    """Black background; on the mannequin a colour per label, shaded smoothly."""
    labels = label_map(seed)
    rng = np.random.RandomState(20_000 + seed)
    palette = rng.randint(40, 240, (20, 3))
    palette[0] = 0
    shade = 0.6 + 0.4 * (picture(30_000 + seed) / 255.0)
    return np.rint(palette[labels] * shade).astype(np.uint8)


def cloth(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A T-shirt shape on white and its 0/255 mask."""
    rng = np.random.RandomState(40_000 + seed)
    dx = rng.uniform(-20, 20)
    m = _capsule((384 + dx, 420), (384, 760), 205, 190) | _capsule((230, 300), (120 + dx, 470), 80, 62)
    m |= _capsule((538, 300), (648 + dx, 470), 80, 62)
    m &= ~_ellipse((384, 190), 90, 70)
    rgb = np.where(m[..., None], picture(50_000 + seed), 255).astype(np.uint8)
    return rgb, (m * 255).astype(np.uint8)


def pose_picture(seed: int) -> np.ndarray:
    """Stands in for the rendered OpenPose picture, which no network reads: coloured joints."""
    kp = keypoints(seed)
    out = np.zeros((H, W, 3), np.uint8)
    for j in range(25):
        out[_ellipse(kp[j, :2], 8, 8)] = (10 * j + 5, 255 - 10 * j, (53 * j) % 256)
    return out


def case(seed: int, missing: tuple[int, ...] = ()) -> dict[str, np.ndarray]:
    c, cm = cloth(seed)
    return {
        "image": picture(seed),
        "parse": label_map(seed),
        "keypoints": keypoints(seed, missing),
        "densepose": densepose(seed),
        "pose": pose_picture(seed),
        "cloth": c,
        "cloth_mask": cm,
    }
