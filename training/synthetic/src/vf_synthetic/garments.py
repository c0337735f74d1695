"""The garments of the catalogue: outlines, fabrics, prints and the folds each one lies in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from vf_synthetic.catalogue import Colour, Fabric, Fold, Panel, Point, Print, curve, mirror, mirrored
from vf_synthetic.noise import FloatArray, fractal_noise

MIDDLE = 384.0


def plain(colour: Colour, marl: float = 0.02) -> Fabric:
    """One colour (linear RGB), its threads varying by the fraction `marl`."""

    def fabric(along: FloatArray, across: FloatArray) -> FloatArray:
        thread = fractal_noise(np.stack([along / 2.5, across / 1.3], -1), 5, octaves=2)
        return np.array(colour, np.float32) * (1.0 + marl * thread)[:, None]

    return fabric


def striped(ground: Colour, stripe: Colour, period: float, fraction: float, start: float = 0.0) -> Fabric:
    """Stripes across the length: `fraction` of each `period` pixels, from `start` along it."""

    def fabric(along: FloatArray, across: FloatArray) -> FloatArray:
        phase = np.mod(along - start, period)
        inside = np.clip((fraction * period - np.abs(phase - fraction * period / 2) * 2) / 2 + 0.5, 0, 1)
        inside = np.where(along < start, 0.0, inside)[:, None]
        thread = 1.0 + 0.03 * fractal_noise(np.stack([along / 2.5, across / 1.3], -1), 5, octaves=2)[:, None]
        return (np.array(ground) * (1 - inside) + np.array(stripe) * inside).astype(np.float32) * thread

    return fabric


def ribbed(base: Fabric, centre: Point, ribs: float) -> Fabric:
    """`base` knitted in ribs that point at `centre`: neckbands. `ribs` is their number a radian."""

    def fabric(along: FloatArray, across: FloatArray) -> FloatArray:
        angle = np.arctan2(along - centre[1], across - centre[0])
        return base(along, across) * (0.93 + 0.07 * np.sin(angle * ribs * 2 * np.pi))[:, None]

    return fabric


def denim(colour: Colour) -> Fabric:
    """Twill: fine diagonal lines, and paler where the leg's middle has rubbed."""

    def fabric(along: FloatArray, across: FloatArray) -> FloatArray:
        twill = 0.05 * np.sin((along + across) * 2.1)
        slub = 0.10 * fractal_noise(np.stack([along / 9.0, across / 1.6], -1), 9, octaves=2)
        return np.array(colour, np.float32) * (1.0 + twill + slub)[:, None]

    return fabric


def mountain_print() -> NDArray[np.uint8]:
    """A round emblem, (480, 480, 4): a sun over two ridges and water, with a line of text below."""
    size = 480
    art = Image.new("RGBA", (size, size))
    disc = Image.new("L", (size, size))
    ImageDraw.Draw(disc).ellipse([60, 10, 420, 370], fill=255)
    scene = Image.new("RGBA", (size, size), (246, 214, 160, 255))
    pen = ImageDraw.Draw(scene)
    pen.ellipse([215, 70, 325, 180], fill=(235, 108, 66, 255))
    pen.polygon([(40, 290), (150, 130), (210, 215), (250, 175), (360, 290)], fill=(44, 96, 108, 255))
    pen.polygon([(150, 130), (178, 170), (158, 182), (140, 168), (122, 172)], fill=(250, 246, 236, 255))
    pen.polygon([(190, 300), (320, 165), (440, 300)], fill=(24, 62, 78, 255))
    pen.polygon([(320, 165), (346, 195), (325, 205), (305, 192), (292, 195)], fill=(250, 246, 236, 255))
    for row in range(3):
        y = 290 + 30 * row
        pen.rectangle([40, y, 440, y + 16], fill=(235, 108, 66, 255) if row == 1 else (44, 96, 108, 255))
    art.paste(scene, (0, 0), disc)
    pen = ImageDraw.Draw(art)
    pen.text((240, 425), "NORTH RIDGE", fill=(250, 246, 236, 255), font=ImageFont.load_default(58), anchor="mm")
    return np.asarray(art)


def tshirt() -> list[Panel]:
    """A teal crew-neck T-shirt with a printed emblem."""
    cloth = plain((0.030, 0.125, 0.150))
    return _top(
        cloth=cloth,
        band=cloth,
        sleeve=_SHORT_SLEEVE,
        sleeve_cloth=cloth,
        prints=[Print(mountain_print(), (MIDDLE, 440), 250)],
    )


def longsleeve() -> list[Panel]:
    """A cream long-sleeved top with navy stripes."""
    ground, navy = (0.80, 0.76, 0.67), (0.018, 0.028, 0.075)
    return _top(
        cloth=striped(ground, navy, 44, 0.42, start=270),
        band=plain(ground),
        sleeve=_LONG_SLEEVE,
        sleeve_cloth=striped(ground, navy, 44, 0.42, start=265),
        prints=[],
    )


_SHORT_SLEEVE: list[Point] = [
    (262, 160), (222, 178), (172, 206), (130, 258), (78, 372), (60, 418), (60, 418), (115, 448), (178, 470), (178, 470),
    (192, 420), (214, 350), (232, 260),
]  # fmt: skip
_LONG_SLEEVE: list[Point] = [
    (262, 160), (222, 178), (178, 208), (148, 270), (110, 440), (80, 640), (62, 838), (62, 838), (98, 848), (132, 846),
    (132, 846), (162, 690), (190, 520), (220, 380), (236, 260),
]  # fmt: skip


def _top(cloth: Fabric, band: Fabric, sleeve: list[Point], sleeve_cloth: Fabric, prints: list[Print]) -> list[Panel]:
    """A crew-neck top: the back seen through the neck, two sleeves, the front and the neckband."""
    front_neck = curve([(300, 146), (308, 176), (334, 206), (MIDDLE, 220)])
    back_neck = curve([(300, 146), (330, 160), (MIDDLE, 166)])
    half = np.concatenate([
        front_neck[::-1],
        curve([(300, 146), (258, 162), (214, 182), (214, 182), (206, 250), (200, 320), (192, 388), (192, 388),
               (200, 520), (202, 660), (196, 780), (190, 850), (190, 850), (282, 863), (MIDDLE, 866)]),
    ])  # fmt: skip
    sleeve_outline = curve(sleeve)
    tip = np.array(sleeve[5 if len(sleeve) == len(_SHORT_SLEEVE) else 6], np.float32)
    down = (float(tip[0] - 215 + 40), float(tip[1] - 190))
    inner = _offset(front_neck, 17)
    neckband = np.concatenate([front_neck, inner[::-1]])
    hem = curve([(191, 833), (282, 846), (MIDDLE, 849)])
    hem_line = np.concatenate([hem, mirror(hem)[::-1]])
    cuff_seam = _cuff_seam(sleeve, 14)
    back = np.concatenate([back_neck, mirror(back_neck)[::-1], _offset(mirror(front_neck), 0), front_neck[::-1]])
    back_band = np.concatenate([back_neck, (back_neck + np.array([0, 17]))[::-1]]).astype(np.float32)
    sleeves = [
        Panel(sleeve_outline, sleeve_cloth, _sleeve_folds(sleeve), down, roundness=26, seams=[cuff_seam]),
        Panel(
            mirror(sleeve_outline), _flip(sleeve_cloth, down), [_mirror_fold(f) for f in _sleeve_folds(sleeve)],
            (-down[0], down[1]), roundness=26, seams=[mirror(cuff_seam)],
        ),
    ]  # fmt: skip
    return [
        Panel(back, _inside(cloth), roundness=4, shade=0.62),
        Panel(_closed(back_band), band, roundness=6, shade=0.72),
        *sleeves,
        Panel(
            mirrored(half), cloth, _FRONT_FOLDS, roundness=24, prints=prints,
            seams=[hem_line, hem_line - np.array([0, 4], np.float32)],
        ),
        Panel(_closed(neckband), ribbed(band, (MIDDLE, 120), 26), roundness=8),
    ]  # fmt: skip


_FRONT_FOLDS = [
    Fold((216, 372), (330, 520), 15, 4.5),
    Fold((214, 392), (290, 640), 17, 5.0),
    Fold((552, 372), (430, 500), 15, 4.5),
    Fold((554, 396), (484, 660), 17, 5.0),
    Fold((255, 205), (300, 400), 22, 3.0),
    Fold((513, 205), (466, 400), 22, 3.0),
    Fold((270, 860), (300, 620), 20, 5.0),
    Fold((350, 862), (336, 700), 14, -3.5),
    Fold((430, 862), (452, 660), 18, 4.5),
    Fold((520, 856), (492, 720), 13, -3.5),
    Fold((214, 640), (330, 610), 14, 3.0),
    Fold((556, 620), (440, 640), 14, 3.0),
]


def _sleeve_folds(sleeve: list[Point]) -> list[Fold]:
    """Creases from the armpit up to the shoulder and, on a long sleeve, across the elbow."""
    short = [
        Fold((196, 400), (130, 290), 11, 4.0),
        Fold((190, 430), (95, 370), 10, 3.5),
        Fold((225, 230), (120, 400), 16, 3.0),
    ]
    if len(sleeve) == len(_SHORT_SLEEVE):
        return short
    return [
        Fold((206, 400), (150, 300), 11, 4.0),
        Fold((196, 470), (125, 400), 11, 4.0),
        Fold((175, 590), (92, 560), 10, 3.5),
        Fold((90, 640), (165, 610), 10, 3.5),
        Fold((140, 760), (74, 720), 9, 3.0),
        Fold((215, 240), (128, 500), 18, 3.5),
        Fold((110, 600), (96, 830), 12, -3.0),
    ]


def tank() -> list[Panel]:
    """A coral tank top with a scooped neck and bound edges."""
    cloth = plain((0.62, 0.105, 0.075))
    neck = curve([(284, 130), (290, 210), (322, 282), (MIDDLE, 308)])
    back_neck = curve([(284, 130), (300, 180), (336, 214), (MIDDLE, 222)])
    arm = curve([(232, 134), (238, 230), (226, 320), (192, 380)])
    half = np.concatenate([
        neck[::-1],
        curve([(284, 130), (258, 128), (232, 134)]),
        arm,
        curve([(192, 380), (206, 520), (208, 660), (196, 790), (184, 896), (184, 896),
               (280, 910), (MIDDLE, 914)]),
    ])  # fmt: skip
    back = np.concatenate([back_neck, mirror(back_neck)[::-1], mirror(neck), neck[::-1]])
    neck_edge = _closed(np.concatenate([neck, _offset(neck, 13)[::-1]]))
    back_band = _closed(np.concatenate([back_neck, (back_neck + np.array([0, 13]))[::-1]]))
    binding = _offset(arm, -13)
    arm_edge = np.concatenate([arm, binding[binding[:, 0] > arm[-1, 0] + 6][::-1]])
    hem = curve([(185, 880), (280, 894), (MIDDLE, 898)])
    hem_line = np.concatenate([hem, mirror(hem)[::-1]])
    folds = [f for f in _FRONT_FOLDS if f.start[1] > 300] + [
        Fold((262, 180), (300, 380), 16, 3.0),
        Fold((506, 180), (470, 380), 16, 3.0),
    ]
    return [
        Panel(back, _inside(cloth), roundness=5, shade=0.62),
        Panel(back_band, cloth, roundness=6, shade=0.75),
        Panel(mirrored(half), cloth, folds, roundness=24, seams=[hem_line]),
        Panel(neck_edge, cloth, roundness=7),
        Panel(arm_edge, cloth, roundness=7),
        Panel(mirror(arm_edge), cloth, roundness=7),
    ]  # fmt: skip


def trousers() -> list[Panel]:
    """Straight blue jeans with a waistband, pockets and a fly."""
    cloth = denim((0.055, 0.105, 0.230))
    leg = np.concatenate([
        curve([(MIDDLE, 128), (320, 124), (252, 112), (252, 112), (236, 230), (218, 330), (206, 520), (204, 720),
               (206, 962), (206, 962), (262, 970), (330, 964), (330, 964), (348, 760), (366, 560), (380, 372),
               (MIDDLE, 350)]),
    ])  # fmt: skip
    band = np.concatenate([
        curve([(MIDDLE, 104), (320, 100), (256, 88), (256, 88), (250, 126)]),
        curve([(250, 126), (320, 138), (MIDDLE, 142)]),
    ])  # fmt: skip
    back = np.concatenate([
        curve([(MIDDLE, 84), (320, 82), (258, 86)]), curve([(258, 92), (320, 106), (MIDDLE, 110)]),
    ])  # fmt: skip
    pocket = curve([(318, 142), (312, 190), (284, 214), (240, 222)])
    fly = curve([(400, 142), (404, 240), (398, 290), (MIDDLE, 318)])
    hem = curve([(207, 946), (262, 954), (331, 948)])
    folds = [
        Fold((378, 350), (270, 300), 14, 4.5),
        Fold((380, 372), (280, 400), 15, 4.0),
        Fold((376, 420), (300, 500), 14, 3.0),
        Fold((215, 640), (320, 610), 13, 3.5),
        Fold((350, 660), (250, 690), 13, 3.5),
        Fold((214, 880), (300, 850), 12, 3.0),
        Fold((336, 920), (250, 900), 11, 3.5),
        Fold((270, 400), (268, 960), 30, 3.0),
    ]
    left = Panel(leg, cloth, folds, roundness=24, seams=[pocket, pocket + np.float32(4), hem])
    right = Panel(
        mirror(leg), cloth, [_mirror_fold(f) for f in folds], roundness=24,
        seams=[mirror(pocket), mirror(pocket) + np.array([-4, 4], np.float32), mirror(hem), fly],
    )  # fmt: skip
    button = _disc((MIDDLE + 4, 122), 8)
    return [
        Panel(mirrored(back), _inside(cloth), roundness=5, shade=0.7),
        left,
        right,
        Panel(mirrored(band), cloth, roundness=9),
        *[Panel(_box(x, 112, 12, 44), cloth, roundness=5) for x in (290.0, 478.0)],
        Panel(button, plain((0.42, 0.30, 0.16)), roundness=6),
    ]


GARMENTS: dict[str, Callable[[], list[Panel]]] = {
    "tshirt": tshirt,
    "longsleeve": longsleeve,
    "tank": tank,
    "trousers": trousers,
}


def _inside(cloth: Fabric) -> Fabric:
    """The wrong side of a fabric: a little greyer."""

    def fabric(along: FloatArray, across: FloatArray) -> FloatArray:
        colour = cloth(along, across)
        return 0.8 * colour + 0.2 * colour.mean(1, keepdims=True)

    return fabric


def _flip(cloth: Fabric, down: Point) -> Fabric:
    """`cloth` as the mirrored panel sees it: its length starts where the left panel's does."""
    length = float(np.hypot(*down))
    shift = 2 * MIDDLE * down[0] / length

    def fabric(along: FloatArray, across: FloatArray) -> FloatArray:
        return cloth(along + np.float32(shift), across)

    return fabric


def _offset(line: FloatArray, distance: float) -> FloatArray:
    """The line moved by `distance` pixels to the left of its direction (outwards for necks drawn downwards)."""
    tangent = np.gradient(line, axis=0)
    tangent /= np.maximum(np.hypot(tangent[:, :1], tangent[:, 1:]), 1e-6)
    return line + distance * np.stack([-tangent[:, 1], tangent[:, 0]], -1)


def _closed(half: FloatArray) -> FloatArray:
    """A band symmetric about the middle line, from its left half (outer line down, inner line back up)."""
    count = len(half) // 2
    outer, inner = half[:count], half[count:]
    return np.concatenate([outer, mirror(outer)[::-1], mirror(inner)[::-1], inner])


def _cuff_seam(sleeve: list[Point], inset: float) -> FloatArray:
    """The stitched line of a sleeve's hem: its end, moved towards the shoulder."""
    corner = 5 if len(sleeve) == len(_SHORT_SLEEVE) else 6
    end = curve(sleeve[corner + 1 : corner + 4])
    return end + np.array([0.25 * inset, -inset], np.float32)


def _mirror_fold(fold: Fold) -> Fold:
    """A fold on the garment's other side, a little different as no two sides are alike."""
    return Fold(
        (2 * MIDDLE - fold.start[0], fold.start[1] + 12),
        (2 * MIDDLE - fold.end[0] - 8, fold.end[1] + 16),
        fold.width * 1.1,
        fold.height * 0.9,
    )


def _box(x: float, y: float, width: float, height: float) -> FloatArray:
    """An upright rectangle about (x, y)."""
    w, h = width / 2, height / 2
    return np.array([(x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h)], np.float32)


def _disc(centre: Point, radius: float) -> FloatArray:
    """A circle's outline."""
    angle = np.linspace(0, 2 * np.pi, 40)
    return (np.array(centre) + radius * np.stack([np.cos(angle), np.sin(angle)], -1)).astype(np.float32)
