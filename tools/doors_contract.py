"""An import-linter contract: a context is entered by its doors only (docs/architecture.md)."""

from importlinter import Contract, ContractCheck, fields, output

Breach = dict[str, object]


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


class DoorsContract(Contract):
    """Modules outside a room may import only the room's door modules.

    rooms: the packages that have doors. doors: names of the modules (or packages) directly
    below a room that outsiders may import. free_entry: packages that wire everything together
    and may import anything.
    """

    type_name = "doors"

    rooms = fields.ListField(subfield=fields.StringField())
    doors = fields.SetField(subfield=fields.StringField())
    free_entry = fields.ListField(subfield=fields.StringField(), required=False, default=[])

    def check(self, graph, verbose):  # type: ignore[no-untyped-def]
        breaches: list[Breach] = []
        for importer in sorted(graph.modules):
            if any(_within(importer, free) for free in self.free_entry):
                continue
            for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                room = self._room_of(imported)
                if room is None or _within(importer, room) or self._is_door(imported, room):
                    continue
                details = graph.get_import_details(importer=importer, imported=imported)
                breaches.extend(
                    {"importer": importer, "imported": imported, **detail} for detail in details
                )
        return ContractCheck(kept=not breaches, metadata={"breaches": breaches})

    def render_broken_contract(self, check):  # type: ignore[no-untyped-def]
        for breach in check.metadata["breaches"]:
            output.print_error(
                f"{breach['importer']} enters {breach['imported']} "
                f"(line {breach['line_number']}): {breach['line_contents']}"
            )

    def _room_of(self, module: str) -> str | None:
        rooms = [room for room in self.rooms if _within(module, room)]
        return max(rooms, key=len, default=None)

    def _is_door(self, module: str, room: str) -> bool:
        if module == room:
            return False
        door = module.removeprefix(room + ".").split(".")[0]
        return door in self.doors
