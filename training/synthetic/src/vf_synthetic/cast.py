"""The people of the samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from vf_synthetic import clothes, hair, paint
from vf_synthetic.body import Pose
from vf_synthetic.people import Garment, Person

Triple = tuple[float, float, float]

# A face at rest looks blank: open eyes a little less and lift the corners of the mouth.
FRIENDLY = {
    "expression/units/caucasian/mouth-corner-puller": 0.35,
    "expression/units/caucasian/eye-left-slit": 0.25,
    "expression/units/caucasian/eye-right-slit": 0.25,
}


def anna() -> Person:
    """A woman in a plain T-shirt and trousers, facing the camera, her arms clear of her body: the first sample."""
    woman = {
        "macrodetails/caucasian-female-young": 1.0,
        "macrodetails/universal-female-young-averagemuscle-averageweight": 0.5,
        "macrodetails/universal-female-young-averagemuscle-minweight": 0.5,
        "macrodetails/proportions/female-young-averagemuscle-averageweight-idealproportions": 0.6,
    }
    top = Garment(
        clothes.top(hem=0.2, sleeve=0.31, neck_width=0.80, neck_front=0.85, neck_back=0.25),
        paint.cloth(paint.plain((0.66, 0.64, 0.60))),
        offset=0.13, ease=0.09, slope=0.21, sleeve_ease=0.13, folds=0.11,
    )  # fmt: skip
    face = paint.Face((0.66, 0.42, 0.31), (0.48, 0.16, 0.14), (0.075, 0.036, 0.018), (0.10, 0.055, 0.025))
    style = hair.Style(
        12000, 2.1, 0.09, 0.28, sideways=0.55, backwards=0.5, outwards=0.05, gravity=0.8, layer=0.20, wave=0.05
    )
    legs = _trousers(paint.plain((0.035, 0.042, 0.060)))
    return Person(
        woman | FRIENDLY, standing(arms=0.26), face, style, (top, legs, _shoes((0.55, 0.55, 0.55), (0.7, 0.7, 0.68)))
    )


def daniel() -> Person:
    """A man in a tank top and jeans, turned a little to his left."""
    man = {
        "macrodetails/african-male-young": 0.9,
        "macrodetails/caucasian-male-young": 0.1,
        "macrodetails/universal-male-young-averagemuscle-averageweight": 0.65,
        "macrodetails/universal-male-young-maxmuscle-averageweight": 0.35,
        "macrodetails/proportions/male-young-averagemuscle-averageweight-idealproportions": 0.5,
    }
    top = Garment(
        clothes.sleeveless(hem=0.1, neck_width=0.85, neck_front=1.25, neck_back=0.7, shoulder=1.36),
        paint.cloth(paint.plain((0.30, 0.045, 0.040))),
        offset=0.11, ease=0.09, slope=0.25, folds=0.10,
    )  # fmt: skip
    face = paint.Face(
        (0.215, 0.105, 0.060), (0.20, 0.075, 0.060), (0.010, 0.008, 0.007), (0.035, 0.016, 0.008),
        brow_width=1.25, lashes=0.5, stubble=0.35,
    )  # fmt: skip
    style = hair.Style(
        9000, 0.30, 0.20, 0.0, sideways=0.2, backwards=0.1, outwards=0.8, gravity=0.02, layer=0.16, wave=0.7, steps=6
    )
    legs = _trousers(paint.denim((0.050, 0.085, 0.170)))
    return Person(
        man | FRIENDLY,
        standing(arms=0.30, elbows=0.22, turn=0.22, head=(0.0, 0.08, 0.0)),
        face,
        style,
        (top, legs, _shoes((0.03, 0.03, 0.035), (0.6, 0.6, 0.58))),
        backdrop=(0.60, 0.585, 0.56),
    )


def mei() -> Person:
    """A woman in a striped long-sleeved top and a skirt, seen from the knees up."""
    woman = {
        "macrodetails/asian-female-young": 1.0,
        "macrodetails/universal-female-young-averagemuscle-averageweight": 0.6,
        "macrodetails/universal-female-young-averagemuscle-minweight": 0.4,
        "macrodetails/proportions/female-young-averagemuscle-averageweight-idealproportions": 0.4,
    }
    top = Garment(
        clothes.top(hem=1.3, sleeve=0.97, neck_width=0.86, neck_front=0.65, neck_back=0.25),
        paint.cloth(paint.stripes((0.62, 0.60, 0.55), (0.030, 0.045, 0.100), 0.42)),
        offset=0.05, ease=0.02, slope=0.55, folds=0.07,
    )  # fmt: skip
    skirt = Garment(
        clothes.bottom(waist=1.45, hem=-3.0),
        paint.cloth(paint.plain((0.020, 0.055, 0.042))),
        offset=0.11, ease=0.02, slope=0.10, flare=0.10, folds=0.09, shape=clothes.Shape.SKIRT,
    )  # fmt: skip
    face = paint.Face((0.62, 0.42, 0.30), (0.50, 0.14, 0.14), (0.012, 0.009, 0.008), (0.030, 0.016, 0.010), brow=0.75)
    style = hair.Style(
        12000,
        3.0,
        0.10,
        0.0,
        sideways=0.55,
        backwards=0.6,
        outwards=0.05,
        gravity=0.85,
        layer=0.16,
        wave=0.02,
        breadth=0.98,
    )
    return Person(
        woman | FRIENDLY,
        standing(arms=0.22, elbows=0.30, turn=-0.18, head=(0.0, -0.05, 0.04)),
        face,
        style,
        (top, skirt, _shoes((0.05, 0.04, 0.04), (0.05, 0.04, 0.04))),
        frame=(0.20, 1.06),
        backdrop=(0.63, 0.62, 0.61),
    )


def standing(
    arms: float = 0.2, elbows: float = 0.12, feet: float = 0.3, turn: float = 0.0, head: Triple = (0.0, 0.0, 0.0)
) -> Pose:
    """Upright: arms `arms` sideways a unit down, forearms `elbows` forwards, toes out by `feet`, the whole body
    turned by `turn` and the head by `head` besides (radians)."""
    aim: dict[str, Triple] = {}
    bend: dict[str, Triple] = {}
    face: dict[str, Triple] = {"Root": (0.0, turn, 0.0), "head": (head[0], turn * 0.5 + head[1], head[2])}
    for side, sign in (("l", 1.0), ("r", -1.0)):
        aim[f"upperarm_{side}"] = (sign * arms, -1.0, -0.04)
        aim[f"lowerarm_{side}"] = (sign * arms * 0.6, -1.0, elbows)
        aim[f"thigh_{side}"] = (sign * 0.05, -1.0, 0.02)
        aim[f"calf_{side}"] = (sign * 0.03, -1.0, -0.05)
        face[f"foot_{side}"] = (0.0, turn + sign * feet, 0.0)
        for finger in ("index", "middle", "ring", "pinky"):
            bend |= {f"{finger}_{joint}_{side}": (0.0, 0.0, -sign * 0.18) for joint in ("01", "02", "03")}
    return Pose(aim, bend, face)


def _trousers(pattern: paint.Pattern) -> Garment:
    """Straight trousers down to the shoes."""
    return Garment(
        clothes.bottom(waist=0.42, hem=-7.7),
        paint.cloth(pattern),
        offset=0.06, ease=0.05, slope=0.085, flare=0.04, folds=0.12, shape=clothes.Shape.TROUSERS,
    )  # fmt: skip


def _shoes(upper: Triple, sole: Triple) -> Garment:
    """Low shoes."""
    return Garment(
        clothes.shoes(-7.25),
        paint.cloth(paint.shoe(upper, sole)),
        offset=0.10, folds=0.0, smoothing=3, shape=clothes.Shape.SHOES,
    )  # fmt: skip


def anna_from_behind() -> Person:
    """The first sample's woman, who shows her back: nobody can be fitted so."""
    return replace(anna(), turned=180.0)


PEOPLE: dict[str, Callable[[], Person]] = {
    "person": anna,
    "person2": daniel,
    "person3": mei,
    "behind": anna_from_behind,
}
