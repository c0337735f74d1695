"""Colour models: what skin, hair, the upper and the lower garment of this one person look like.

Every class is a Gaussian mixture in CIELAB with the lightness shrunk (folds and shadows move lightness most and mean
least); a pixel's cost is its negative log-likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_anatomy import Floats, Mask, PersonSide, Segment, Sided, pixel_grid
from vf_blazepose import Mark
from vf_parse.open.head import Head
from vf_parse.open.skeleton import Skeleton, palm
from vfkit.contracts import Image

LIGHTNESS_WEIGHT = 0.6
COST_CAP = 16.0
"""Nothing is more unlikely than this: an unseen colour must not outvote the geometry."""

_MAX_SAMPLES = 2500
_MIN_SAMPLES = 60
_SAMPLES_PER_COMPONENT = 60
_EM_ROUNDS = 8
_COVARIANCE_FLOOR = 6.0
_SKIN_SPREAD = np.diag([70.0, 6.0, 8.0])
"""Added to the skin's covariance: the face is lit otherwise than arms and legs, mostly in lightness."""
_SKIN_FROM_FACE = (18.0, 9.0, 13.0)
"""How far the colour of hands and arms may be from the face's, which is often paler and made up."""
_SKIN_UNEVEN = 8.0
_SKIN_TOLERANCE = 3.5
"""A pixel is skin-like when its cost is within this of the samples' median cost."""
_FALLBACK_SKIN = (40.0, 14.0, 16.0)
"""Middle of human skin in the scaled Lab space, for a person who shows none of it."""


@dataclass(frozen=True)
class Mixture:
    """A Gaussian mixture in 3-D: weights (k,), means (k, 3), covariances (k, 3, 3)."""

    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    covariances: NDArray[np.float64]

    def log_terms(self, colours: Floats) -> Floats:
        """(n, k): logarithm of each component's weighted density at colours (n, 3)."""
        terms = np.empty((len(colours), len(self.weights)), np.float32)
        for k, (weight, mean, covariance) in enumerate(zip(self.weights, self.means, self.covariances, strict=True)):
            whiten = np.linalg.cholesky(np.linalg.inv(covariance)).astype(np.float32)
            constant = np.log(weight + 1e-6) - 0.5 * np.log(np.linalg.det(covariance)) - 1.5 * np.log(2 * np.pi)
            white = (colours - mean.astype(np.float32)) @ whiten
            terms[:, k] = np.float32(constant) - np.float32(0.5) * np.einsum("ij,ij->i", white, white)
        return terms

    def cost(self, colours: Floats) -> Floats:
        """Negative log-likelihood of colours (..., 3), shaped as they are without the last axis."""
        terms = self.log_terms(colours.reshape(-1, 3).astype(np.float32))
        cost: Floats = -np.logaddexp.reduce(terms, 1).reshape(colours.shape[:-1])
        return cost

    def widened(self, spread: NDArray[np.float64]) -> Mixture:
        """The same mixture with ``spread`` (3, 3) added to every covariance."""
        return Mixture(self.weights, self.means, self.covariances + spread)


def fit_mixture(samples: Floats, components: int) -> Mixture:
    """Fit a mixture to samples (n, 3), n at least 1: k-means, then expectation maximisation; deterministic.

    (cv2.ml's EM gives the same models and takes forty times as long.)
    """
    samples = _thinned(samples, _MAX_SAMPLES).astype(np.float32)
    samples = np.repeat(samples, 2, 0) if len(samples) == 1 else samples
    clusters = max(1, min(components, len(samples) // _SAMPLES_PER_COMPONENT))
    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 10, 0.1)
    _, nearest, _ = cv2.kmeans(samples, clusters, np.empty(0), stop, 1, cv2.KMEANS_PP_CENTERS)
    shares = np.eye(clusters)[nearest[:, 0]]
    for _ in range(_EM_ROUNDS):
        mixture = _maximise(samples, shares)
        terms = mixture.log_terms(samples)
        shares = np.exp(terms - np.logaddexp.reduce(terms, 1, keepdims=True)).astype(np.float64)
    return _maximise(samples, shares)


def _maximise(samples: Floats, shares: NDArray[np.float64]) -> Mixture:
    """The mixture whose components hold ``shares`` (n, k) of the samples (n, 3)."""
    mass = shares.sum(0) + 1e-6
    means = shares.T @ samples / mass[:, None]
    offsets = samples[None] - means[:, None]
    weighted = offsets * shares.T[..., None]
    covariances = weighted.transpose(0, 2, 1) @ offsets / mass[:, None, None]
    return Mixture(mass / mass.sum(), means, covariances + _COVARIANCE_FLOOR * np.eye(3))


def colour_features(rgb: Image) -> Floats:
    """(h, w, 3) float32: CIELAB of an RGB picture with the lightness shrunk."""
    lab: Floats = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lab[..., 0] *= LIGHTNESS_WEIGHT
    return lab


@dataclass(frozen=True)
class BareLimbs:
    """Share of skin along each bone of one side, in [0, 1]."""

    upper_arm: float
    forearm: float
    thigh: float
    shin: float


@dataclass(frozen=True)
class Appearance:
    """Costs of every pixel under each class's colours, (h, w) float32 in [0, `COST_CAP`], and what they rest on.

    ``skin_like``: (h, w) bool. ``bare_torso``: the sampled torso is nearly all skin-coloured (bare, or clothes of
    skin colour). ``separation``: how well the lower garment's colours tell from the upper's, in nats per pixel.
    """

    background: Floats
    hair: Floats
    skin: Floats
    upper: Floats
    lower: Floats
    skin_like: Mask
    bare_limbs: Sided[PersonSide, BareLimbs]
    bare_torso: bool
    upper_lower_separation: float
    upper_background_separation: float


def learn_appearance(features: Floats, mask: Floats, skeleton: Skeleton, head: Head) -> Appearance:
    """Learn the colours of one person.

    Args:
        features: (h, w, 3) from `colour_features`.
        mask: (h, w) float32 person probability.
        skeleton: the body on the same grid.
        head: the head on the same grid.
    """
    inside = mask > 0.8
    skin_samples = _skin_samples(features, inside, skeleton, head)
    skin = fit_mixture(skin_samples, 2).widened(_SKIN_SPREAD)
    skin_cost = skin.cost(features)
    skin_like = skin_cost < np.median(skin.cost(skin_samples)) + _SKIN_TOLERANCE

    near_skin = np.all(np.abs(features - np.median(skin_samples, 0)) < _SKIN_FROM_FACE, 2)
    bare = _bare_surface(skin_like | near_skin)
    core = _torso_core(skeleton, inside)
    upper_samples = features[core & ~bare]
    bare_torso = False
    if len(upper_samples) < 0.35 * np.count_nonzero(core):
        upper_samples = features[core]
        bare_torso = bool(np.mean(bare[core]) > 0.75) if core.any() else False
    upper = _fit(upper_samples, 5)
    upper_cost = _cost(upper, features)
    like_upper = upper_cost < skin_cost - 1
    lower_samples = features[_thighs(skeleton, inside) & (~bare | like_upper)]
    hair_samples = _hair_samples(features, inside, skeleton, head, skin_cost)
    wall_samples = features[_wall(mask, skeleton)]

    lower, hair, wall = _fit(lower_samples, 4), _fit(hair_samples, 3), _fit(wall_samples, 3)
    return Appearance(
        background=_cost(wall, features),
        hair=_cost(hair, features),
        skin=np.minimum(skin_cost, COST_CAP) + np.float32(1.5 if bare_torso else 0.0),
        upper=upper_cost,
        lower=_cost(lower, features),
        skin_like=skin_like,
        bare_limbs=_bare_limbs(skeleton, skin_like),
        bare_torso=bare_torso,
        upper_lower_separation=_separation(upper, upper_samples, lower, lower_samples),
        upper_background_separation=_separation(upper, upper_samples, wall, wall_samples),
    )


def _skin_samples(features: Floats, inside: Mask, skeleton: Skeleton, head: Head) -> Floats:
    """Face, hands and bare arms; the neck, then the mean of mankind, where none is seen."""
    groups: list[Floats] = []
    face = head.plain > 0
    if np.count_nonzero(face) > 30:
        colours = features[face]
        off = np.abs(colours - np.median(colours, 0)) / np.array([14, 6, 7], np.float32)
        groups.append(colours[off.max(1) < 2])
    reference = np.median(groups[0], 0) if groups and len(groups[0]) > 20 else None
    x = np.arange(features.shape[1], dtype=np.float32)[None] + 0.5
    for side in PersonSide:
        if skeleton.visibility[Mark.of(side, "WRIST")] < 0.5:
            continue
        centre, arm = palm(skeleton.points, side), skeleton.arms[side]
        to_palm = np.hypot(x - centre[0], head.y - centre[1])
        for distance in (to_palm, arm.lower, arm.upper):
            patch = inside & (distance < 0.05 * skeleton.unit)
            if np.count_nonzero(patch) > 6 and _is_skin(features[patch], reference):
                groups.append(features[patch])
    if sum(len(group) for group in groups) < 30:
        neck = (skeleton.t < 0) & (skeleton.lateral < 0.2 * skeleton.unit) & inside
        if np.count_nonzero(neck) > 30:
            groups.append(features[neck])
        else:
            middle = np.random.default_rng(0).normal(_FALLBACK_SKIN, (6, 4, 4), (300, 3))
            groups.append(middle.astype(np.float32))
    return np.concatenate([_thinned(group, 600) for group in groups])


def _is_skin(colours: Floats, reference: Floats | None) -> bool:
    """Whether a patch of hand or arm may be bare: near the face's colour, else anywhere in skin's range; and even."""
    middle = np.median(colours, 0)
    if np.median(np.abs(colours - middle), 0).max() > _SKIN_UNEVEN:
        return False
    if reference is None:
        return bool(4 < middle[1] < 30 and 4 < middle[2] < 36)
    return bool(np.all(np.abs(middle - reference) < _SKIN_FROM_FACE))


def _torso_core(skeleton: Skeleton, inside: Mask) -> Mask:
    """The middle of the torso without hands: sure upper garment."""
    frontal = skeleton.torso.shoulder_width > 0.45 * skeleton.torso.length
    half = 1.0 if frontal else 0.8
    quad = skeleton.torso_quad((0.85 * half, 0.9 * half), (0.22, 0.6)) > 0
    core: Mask = quad & inside & (skeleton.hand > 0.10 * skeleton.unit)
    return core


def _thighs(skeleton: Skeleton, inside: Mask) -> Mask:
    """Strips along the thighs and the pelvis: sure lower garment or bare legs."""
    centres = pixel_grid(skeleton.shape) + np.float32(0.5)
    strips = (skeleton.t > 1.08) & (skeleton.t < 1.45) & (skeleton.lateral < 0.25 * skeleton.unit)
    for side in PersonSide:
        hip, knee = skeleton.points[Mark.of(side, "HIP")], skeleton.points[Mark.of(side, "KNEE")]
        middle = Segment(hip * 0.9 + knee * 0.1, hip * 0.25 + knee * 0.75)
        strips |= middle.nearest(centres)[0] < 0.12 * skeleton.unit
    thighs: Mask = strips & inside & (skeleton.hand > 0.13 * skeleton.unit)
    return thighs


def _hair_samples(features: Floats, inside: Mask, skeleton: Skeleton, head: Head, skin_cost: Floats) -> Floats:
    """Hair from the crown; from beside face and neck too where the crown is outside the picture."""
    off_face = inside & (head.face == 0) & (head.distance < 2 * head.radius)
    crown = off_face & (head.y < head.centre[1] - 0.6 * head.radius)
    if np.count_nonzero(crown) > _MIN_SAMPLES:
        crown &= skin_cost > np.median(skin_cost[crown]) - 2  # no forehead
        return _select(features, crown)
    beside = off_face & (head.y < head.chin[1] + 0.6 * head.radius) & (skeleton.t < -0.08)
    beside &= skeleton.lateral > 0.16 * skeleton.unit
    return _select(features, beside & (skin_cost > COST_CAP / 2))


def _select(features: Floats, where: Mask) -> Floats:
    """(n, 3): the colours of the chosen pixels."""
    chosen: Floats = features[where]
    return chosen


def _bare_surface(skin_like: Mask) -> Mask:
    """Skin-like areas; skin-like specks in a print or between folds do not count."""
    share = cv2.blur(skin_like.astype(np.float32), (11, 11))
    surface = (skin_like & (share > 0.7)).astype(np.uint8)
    grown: Mask = cv2.dilate(surface, np.ones((5, 5), np.uint8)) > 0  # its soft edges would make a colour of their own
    return grown


def _bare_limbs(skeleton: Skeleton, skin_like: Mask) -> Sided[PersonSide, BareLimbs]:
    """How much of each bone shows skin; a bone outside the picture counts as half bare."""

    def share(side: PersonSide, first: str, last: str) -> float:
        start, end = skeleton.points[Mark.of(side, first)], skeleton.points[Mark.of(side, last)]
        points = (start + (end - start) * np.linspace(0.1, 0.9, 30)[:, None]).astype(np.intp)
        height, width = skeleton.shape
        seen = (points >= 0).all(1) & (points[:, 0] < width) & (points[:, 1] < height)
        return float(np.mean(skin_like[points[seen, 1], points[seen, 0]])) if seen.sum() > 5 else 0.5

    def limbs(side: PersonSide) -> BareLimbs:
        return BareLimbs(
            upper_arm=share(side, "SHOULDER", "ELBOW"),
            forearm=share(side, "ELBOW", "WRIST"),
            thigh=share(side, "HIP", "KNEE"),
            shin=share(side, "KNEE", "ANKLE"),
        )

    return Sided.of(PersonSide, limbs)


def _wall(mask: Floats, skeleton: Skeleton) -> Mask:
    """Background near the person, where its colours matter."""
    reach = 2 * int(0.5 * skeleton.unit) + 1
    near = cv2.dilate((mask > 0.5).astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    wall: Mask = near & (mask < 0.03)
    return wall


def _separation(one: Mixture | None, ones: Floats, other: Mixture | None, others: Floats) -> float:
    """Mean gain in nats of explaining samples by their own model instead of the other's; the larger of both ways.

    The larger, because a print may contain the other's plain colour without being the same fabric.
    """
    if one is None or other is None:
        return COST_CAP
    ones, others = _thinned(ones, 800), _thinned(others, 800)

    def gain(own: Mixture, foreign: Mixture, samples: Floats) -> float:
        capped = np.minimum(foreign.cost(samples), COST_CAP) - np.minimum(own.cost(samples), COST_CAP)
        return float(capped.mean())

    return max(gain(one, other, ones), gain(other, one, others))


def _fit(samples: Floats, components: int) -> Mixture | None:
    return fit_mixture(samples, components) if len(samples) > _MIN_SAMPLES else None


def _cost(mixture: Mixture | None, features: Floats) -> Floats:
    if mixture is None:
        return np.full(features.shape[:2], COST_CAP, np.float32)
    return np.minimum(mixture.cost(features), np.float32(COST_CAP))


def _thinned(samples: Floats, most: int) -> Floats:
    """At most ``most`` of the samples, evenly and reproducibly chosen."""
    if len(samples) <= most:
        return samples
    chosen = np.linspace(0, len(samples) - 1, most).astype(np.intp)
    return samples[chosen]
