"""BlazePose without mediapipe: people, their landmarks and masks, on ai-edge-litert.

    finder = PersonFinder(weights_dir)
    for person in finder.find(picture):  # most prominent first
        person.landmarks, person.mask

Paper: Bazarevsky et al., *BlazePose: On-device Real-time Body Pose tracking* (2020). The numbers that surround the
networks are those of their public model cards and graph settings.
"""

from vf_blazepose.finder import PersonFinder
from vf_blazepose.person import Mark, Person
from vf_blazepose.weights import weights_info

__all__ = ["Mark", "Person", "PersonFinder", "weights_info"]
