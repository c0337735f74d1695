"""OpenPose's BODY_25 network and decoding, written anew (Cao et al., TPAMI 2019, arXiv:1812.08008).

``caffemodel``
    Reads the authors' weight file.
``network``
    The network in PyTorch.
``sizing``
    From a picture to the network's input, and the scales back.
``maps``
    Upsampled maps and their peaks.
``assembly``
    Peaks and part affinity fields to people.

Everything after the network exists twice upstream: the CUDA build and the CPU build are different programs there.
``Variant`` says which one is meant; CUDA is the default, because published data sets were made with it.
"""
