"""DensePose R-CNN (Guler, Neverova, Kokkinos, CVPR 2018, arXiv:1802.00434) in plain PyTorch, written anew.

The model is ``densepose_rcnn_R_50_FPN_s1x`` of Detectron2's DensePose project; its weight file loads unchanged.

``checkpoint``
    Reads the authors' weight file, which is a pickle, without running anything in it.
``picture``
    From a picture to the network's input.
``backbone``
    ResNet-50 with a feature pyramid.
``proposals``
    The region proposal network.
``box_head``
    Proposals to detected people.
``densepose_head``
    People to charts: coarse and fine segmentation, U and V.
``network``
    The four together, and filling them with weights.
``surface``
    Charts to label maps and surface coordinates in the picture.

``boxes`` and ``roi_align`` are what several of them stand on. Boxes are x1, y1, x2, y2 in pixels; "resized frame" is
the resized picture before padding.
"""
