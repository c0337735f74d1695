"""What whoever trains can cause, and mend."""


class TrainingError(Exception):
    """The message says what is wrong and what to do."""
