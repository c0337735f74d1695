"""HR-VITON's two networks, written anew in PyTorch (Lee et al., ECCV 2022, arXiv:2206.14180).

``layers``
    Grids, flows and the blur that both networks' surroundings need.
``condition``
    The condition generator ("tocg"): clothing flow and segmentation together.
``generator``
    The image generator: SPADE blocks on the person, the warped cloth and the seven-group parse.
``patterns``
    The table that makes SPADE's gamma and beta cheap without changing them.
``noise``
    Where the image generator's noise comes from.
``checkpoints``
    The authors' files to these modules, strictly.
``try_on``
    The test-time path from pictures to picture.
"""
