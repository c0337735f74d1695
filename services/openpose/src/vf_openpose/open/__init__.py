"""BlazePose as BODY_25."""
