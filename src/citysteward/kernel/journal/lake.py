"""The lake."""


def export_lake() -> None:
    raise NotImplementedError
