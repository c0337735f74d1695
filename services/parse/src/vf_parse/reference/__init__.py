"""CIHP_PGN, the part grouping network, written anew for TensorFlow 2 (Gong et al., ECCV 2018, arXiv:1808.00157).

``layers``
    The table of layers, and the names and shapes of the checkpoint's 626 variables that follow from it.
``checkpoint``
    Reads and checks the authors' TensorFlow 1 checkpoint by name.
``options``
    What an operator may choose.
``sampling``
    The two ways of resizing: TensorFlow 1's and that of the script after ``tf_upgrade_v2``.
``convolutions``
    Convolutions whose batch norm is folded in, and a convolution over a pyramid that is never enlarged.
``network``
    One pass: picture to logits.
``recipe``
    Several scales and the mirrored picture to labels and edges.
"""
