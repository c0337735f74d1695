"""What all services of VF-Market fitting share.

``contracts``
    The words of the system: labels, palettes, BODY_25, OpenPose JSON, artifact names.
``problems``
    Every error a caller can cause, as RFC 9457 problems with stable codes.
``engines``
    The interface between a service and the model behind it, and the check for its device.
``pictures``
    Intake of untrusted pictures, normalisation to 768x1024, PNG in and out.
``poses``
    The first person of a pose.json that a service is sent.
``serving``
    The scaffold of a model service: queue, batches, deadlines, health, metrics.
``weights``
    The manifest of weight files and the fetcher that fills ``VF_WEIGHTS``.
``fetch_weights``, ``ready``
    Programs of the containers: the one that fetches weights, the health check.
"""
