"""A body drawn around BlazePose's landmarks."""
