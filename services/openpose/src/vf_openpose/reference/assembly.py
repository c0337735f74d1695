"""Peaks and part affinity fields to people (OpenPose's body-part connector).

Every pair of peaks that a limb could join is scored along the line between them. The CUDA build then takes the best
connections of all limbs at once and merges people; the CPU build walks the skeleton limb by limb.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vf_openpose.reference.maps import PARTS, Floats
from vf_openpose.reference.variant import Variant

PAIRS = (
    (1, 8, 0), (1, 2, 14), (1, 5, 22), (2, 3, 16), (3, 4, 18), (5, 6, 24), (6, 7, 26), (8, 9, 6), (9, 10, 2),
    (10, 11, 4), (8, 12, 8), (12, 13, 10), (13, 14, 12), (1, 0, 30), (0, 15, 32), (15, 17, 36), (0, 16, 34),
    (16, 18, 38), (2, 17, 20), (5, 18, 28), (14, 19, 40), (19, 20, 42), (14, 21, 44), (11, 22, 46), (22, 23, 48),
    (11, 24, 50),
)  # fmt: skip
"""Part A, part B, channel of the field's x component among the fields; y is the next one."""
SHOULDER_TO_EAR = (18, 19)
"""Pairs that the CPU build only uses to add ears."""
TRUNK_PAIR = 0
FIRST_FOOT = 19
FIELDS_FROM = PARTS + 1


@dataclass(frozen=True)
class Thresholds:
    """What counts as a peak, a connection, a person."""

    peak: float = 0.05
    sample: float = 0.05
    share: float = 0.95
    parts: int = 3
    score_per_part: float = 0.4
    feet_are_parts: bool = False


DEFAULT = Thresholds()
MAXIMIZE_POSITIVES = Thresholds(peak=0.02, sample=0.01, share=0.75, parts=2, score_per_part=0.05, feet_are_parts=True)


@dataclass
class Found:
    """A person while being assembled.

    Attributes:
        peaks: part to number of its peak (0-based).
        count: parts, as the build that is reproduced counts them.
        score: sum of peak and connection scores.
    """

    peaks: dict[int, int] = field(default_factory=dict)
    count: int = 0
    score: float = 0.0


@dataclass(frozen=True)
class Connection:
    """A limb between two peaks."""

    score: float
    pair: int
    a: int
    b: int


def assemble(maps: Floats, peaks: list[Floats], thresholds: Thresholds, variant: Variant) -> list[Found]:
    """Join peaks to people.

    Args:
        maps: (78, H, W) float32 upsampled network output.
        peaks: for each part (n, 3): x, y, score.
        thresholds: which connections and people count.
        variant: whose rules.

    Returns:
        The people kept, in order of creation.
    """
    connections = [_connections(maps, peaks, number, thresholds) for number in range(len(PAIRS))]
    people = _best_first(connections, peaks) if variant is Variant.CUDA else _limb_by_limb(connections, peaks)
    kept = [person for person in people if _counts(person, thresholds, thresholds.feet_are_parts)]
    if not kept and not thresholds.feet_are_parts:
        kept = [person for person in people if _counts(person, thresholds, True)]
    return kept


def keypoints(people: list[Found], peaks: list[Floats], to_picture: np.float32) -> Floats:
    """(people, 25, 3) float32: x, y in picture pixels, score; absent parts are zero."""
    out = np.zeros((len(people), PARTS, 3), np.float32)
    for row, person in zip(out, people, strict=True):
        for part, number in person.peaks.items():
            row[part] = peaks[part][number]
    out[..., :2] *= to_picture
    return out


def _connections(maps: Floats, peaks: list[Floats], number: int, thresholds: Thresholds) -> list[Connection]:
    part_a, part_b, channel = PAIRS[number]
    fields = maps[FIELDS_FROM + channel], maps[FIELDS_FROM + channel + 1]
    scores = _pair_scores(fields, peaks[part_a], peaks[part_b], thresholds)
    return [Connection(float(scores[a, b]), number, a, b) for a, b in np.argwhere(scores > 1e-6).tolist()]


def _pair_scores(fields: tuple[Floats, Floats], a: Floats, b: Floats, thresholds: Thresholds) -> Floats:
    """(peaks of A, peaks of B) float32: mean field along the line; 0 where there is no connection."""
    if not len(a) or not len(b):
        return np.zeros((len(a), len(b)), np.float32)
    height, width = fields[0].shape
    d = b[None, :, :2] - a[:, None, :2]
    longer = np.abs(d).max(2)
    samples = np.clip((np.sqrt(5 * longer) + np.float32(0.5)).astype(int), 5, 25)
    length = np.sqrt((d * d).sum(2))
    unit = d / np.maximum(length, np.float32(1e-6))[..., None]
    steps = np.arange(25, dtype=np.float32)
    used = steps < samples[..., None]
    along = steps[:, None] * d[:, :, None, :] / samples[..., None, None].astype(np.float32)
    at = (a[:, None, None, :2] + along + np.float32(0.5)).astype(int)
    x, y = np.clip(at[..., 0], 0, width - 1), np.clip(at[..., 1], 0, height - 1)
    score = unit[..., None, 0] * fields[0][y, x] + unit[..., None, 1] * fields[1][y, x]
    good = used & (score > np.float32(thresholds.sample))
    count = good.sum(2)
    mean = np.where(good, score, 0).sum(2, dtype=np.float32) / np.maximum(count, 1).astype(np.float32)
    # Very close parts have a degenerate field; upstream lets them through with a token score.
    close = np.where(length < np.sqrt(width * height) / 150, np.float32(thresholds.sample + 1e-6), 0)
    passed = count.astype(np.float32) / samples.astype(np.float32) > np.float32(thresholds.share)
    result = np.where(passed, mean, close)
    return np.where(length > 1e-6, result, 0).astype(np.float32)


def _best_first(connections: list[list[Connection]], peaks: list[Floats]) -> list[Found]:
    """All connections of all limbs, best first, each peak in at most one person; people merge (CUDA build)."""

    def total(c: Connection) -> float:
        part_a, part_b, _ = PAIRS[c.pair]
        return float(
            np.float32(c.score) + np.float32(0.1) * peaks[part_a][c.a, 2] + np.float32(0.1) * peaks[part_b][c.b, 2]
        )

    queue = [(total(c), c) for limb in connections for c in limb]
    queue.sort(key=lambda entry: (entry[0], entry[1].score, entry[1].pair, entry[1].a, entry[1].b), reverse=True)
    people: list[Found] = []
    owner: dict[tuple[int, int], Found] = {}
    for _, c in queue:
        part_a, part_b, _ = PAIRS[c.pair]
        ends = ((part_a, c.a), (part_b, c.b))
        first, second = owner.get(ends[0]), owner.get(ends[1])
        if first is None and second is None:
            person = Found(dict(ends), 2, c.score + sum(float(peaks[part][n, 2]) for part, n in ends))
            people.append(person)
            owner.update(dict.fromkeys(ends, person))
        elif first is None or second is None:
            joined, (part, number) = (second, ends[0]) if first is None else (first, ends[1])
            if joined is not None and part not in joined.peaks:
                joined.peaks[part] = number
                joined.count += 1
                joined.score += c.score + float(peaks[part][number, 2])
                owner[part, number] = joined
        elif first is second:
            first.score += c.score
        elif not first.peaks.keys() & second.peaks.keys():
            _merge(people, owner, first, second, c.score)
    return people


def _merge(
    people: list[Found], owner: dict[tuple[int, int], Found], one: Found, other: Found, connection: float
) -> None:
    """Move the later person into the earlier."""
    order = {id(person): place for place, person in enumerate(people)}
    earlier, later = sorted((one, other), key=lambda person: order[id(person)])
    earlier.peaks.update(later.peaks)
    earlier.count += later.count
    earlier.score += later.score + connection
    owner.update(dict.fromkeys(later.peaks.items(), earlier))
    people.pop(order[id(later)])


def _limb_by_limb(connections: list[list[Connection]], peaks: list[Floats]) -> list[Found]:
    """Limb after limb in table order, per limb the best connections first; nobody is merged (CPU build)."""
    people: list[Found] = []
    for number, (part_a, part_b, _) in enumerate(PAIRS):
        count_a, count_b = len(peaks[part_a]), len(peaks[part_b])
        if not count_a or not count_b:
            lonely = part_b if count_b else part_a
            _add_single_peaks(people, lonely, peaks)
            continue
        for c in _one_to_one(connections[number], min(count_a, count_b)):
            _attach(people, c, peaks)
    return people


def _add_single_peaks(people: list[Found], part: int, peaks: list[Floats]) -> None:
    held = {person.peaks.get(part) for person in people}
    for number, peak in enumerate(peaks[part]):
        if number not in held:
            people.append(Found({part: number}, 1, float(peak[2])))


def _one_to_one(connections: list[Connection], limit: int) -> list[Connection]:
    taken: list[Connection] = []
    used_a: set[int] = set()
    used_b: set[int] = set()
    for c in sorted(connections, key=lambda c: (c.score, c.a, c.b), reverse=True):
        if len(taken) == limit:
            break
        if c.a not in used_a and c.b not in used_b:
            taken.append(c)
            used_a.add(c.a)
            used_b.add(c.b)
    return taken


def _attach(people: list[Found], c: Connection, peaks: list[Floats]) -> None:
    part_a, part_b, _ = PAIRS[c.pair]
    score_a, score_b = float(peaks[part_a][c.a, 2]), float(peaks[part_b][c.b, 2])
    if c.pair in SHOULDER_TO_EAR:
        for person in people:
            if person.peaks.get(part_a) == c.a and part_b not in person.peaks:
                person.peaks[part_b] = c.b
            elif person.peaks.get(part_b) == c.b and part_a not in person.peaks:
                person.peaks[part_a] = c.a
        return
    if c.pair != TRUNK_PAIR:
        for person in people:
            if person.peaks.get(part_a) == c.a:
                person.peaks[part_b] = c.b
                person.count += 1
                person.score += score_b + c.score
                return
    people.append(Found({part_a: c.a, part_b: c.b}, 2, score_a + score_b + c.score))


def _counts(person: Found, thresholds: Thresholds, feet_are_parts: bool) -> bool:
    feet = 0 if feet_are_parts else sum(part >= FIRST_FOOT for part in person.peaks)
    parts = person.count - feet
    if feet and parts <= 4:
        return False
    return parts >= thresholds.parts and person.score / parts >= thresholds.score_per_part


def body_scores(people: list[Found]) -> NDArray[np.float32]:
    """(people,) float32: score over parts and limbs, as upstream reports it."""
    return np.array([person.score / (PARTS + len(PAIRS)) for person in people], np.float32)
