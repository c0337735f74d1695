"""What engines share."""

import pytest

from vfkit.engines import require_device
from vfkit.problems import Code, Problem


def test_a_missing_gpu_is_told_and_only_looked_for_when_it_is_wanted():
    with pytest.raises(Problem, match="VF_DEVICE") as told:
        require_device("cuda", lambda: False)
    assert told.value.code is Code.STAGE_UNAVAILABLE
    require_device("cuda", lambda: True)
    require_device("cpu", lambda: pytest.fail("a CPU engine asks for no GPU"))
