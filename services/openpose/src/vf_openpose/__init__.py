"""Body pose: BODY_25 keypoints and the skeleton picture."""
