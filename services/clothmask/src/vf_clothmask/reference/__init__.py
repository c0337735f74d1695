"""CarveKit 4.1.2 around its own networks: what HR-VITON's users make cloth masks with.

``torchvision_operators``
    Lets torchvision be imported beside a PyTorch that its compiled part does not fit.
``library``
    CarveKit's classes, imported so that it can neither download, delete nor write anything.
``checkpoints``
    The authors' weight files, and U-2-Net's ONNX file, into those classes.
``onnx_u2net``
    Names for the convolutions of ``u2net.onnx``.
``pipeline``
    From a picture to its mask: segmentation, trimap, matting, composite.
"""
