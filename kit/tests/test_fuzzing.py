"""Two thousand mutated pictures, or as many as VF_FUZZ_FILES says: each is read or refused, and the decoders live."""

import os

from fuzzing import EXPECTED, seeds, send

from vfkit.pictures import read_picture
from vfkit.pictures.decoding import Decoders, DecodingSettings

FILES = int(os.environ.get("VF_FUZZ_FILES", "2000"))


def test_mutated_pictures_are_read_or_refused() -> None:
    decoders = Decoders(DecodingSettings())
    try:
        answers = send(decoders, FILES)
        unchanged = [decoders.submit(read_picture, data).result(60).shape for data in seeds().values()]
    finally:
        decoders.close()
    assert sum(answers.values()) == FILES
    assert answers.keys() <= {"read", *EXPECTED}
    assert answers["unsupported_image"] > FILES / 10, answers
    assert answers["read"] > FILES / 10, answers
    assert len(unchanged) == len(seeds())
