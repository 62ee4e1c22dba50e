"""What may go wrong in procedures and decisions; every error says where it stands."""


class FlowError(ValueError):
    """A procedure's diagram or its run is at fault.

    element: the BPMN id at fault ("" when unknown); line: its line in the file (0 when unknown).
    """

    def __init__(self, message: str, element: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.element = element
        self.line = line

    def __str__(self) -> str:
        """The message, with element and line where they are known."""
        place = ", ".join(
            part
            for part in (
                f"element {self.element}" if self.element else "",
                f"line {self.line}" if self.line else "",
            )
            if part
        )
        return f"{self.message} ({place})" if place else self.message


class FeelError(ValueError):
    """An expression or a decision is at fault."""


class TableError(FeelError):
    """A decision table is at fault; line and column are those of its file, from 1 (0: unknown)."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column

    def __str__(self) -> str:
        """The message, with its place in the file where that is known."""
        if not self.line:
            return self.message
        column = f", column {self.column}" if self.column else ""
        return f"line {self.line}{column}: {self.message}"
