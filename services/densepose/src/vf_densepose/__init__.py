"""Dense pose: the 24 body parts of a person, painted as DensePose's ``dp_segm`` picture."""
