"""Human parse: which of the 20 CIHP labels every pixel of a photo is.

``types``
    What an engine is asked and what it answers.
``open_engine``
    The open engine, and the description of how it works.
``app``
    The service behind ``POST /v1/parse``.
"""
