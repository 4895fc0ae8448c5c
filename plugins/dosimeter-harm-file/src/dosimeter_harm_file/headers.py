"""What people call the columns of such files, in four languages."""

import re
from collections.abc import Mapping

from dosimeter_harm_file.table import Table
from dosimeter_harm_file.words import folded, plain, whole_number

USUAL: Mapping[str, tuple[str, ...]] = {
    "prompt": ("prompt", "request", "question", "text", "input", "query", "message", "content",
               "user_prompt", "user_input", "instruction", "behavior", "behaviour",
               "prompts", "requests", "questions", "anfragen", "fragen",
               "anfrage", "frage", "eingabe", "nachricht", "aufforderung",
               "demande", "requête", "texte", "pregunta", "solicitud", "consulta", "petición", "texto"),
    "messages": ("messages", "history", "conversation", "verlauf", "historique", "historial"),
    "system": ("system", "system_prompt", "system_message"),
    "intent": ("intent", "label", "expected", "harmful", "is_harmful", "unsafe", "is_unsafe",
               "violates", "violation", "verdict", "allowed", "absicht", "einstufung", "bewertung",
               "schädlich", "erlaubt", "zulässig", "intention", "étiquette", "nuisible", "autorisé",
               "intención", "etiqueta", "dañino", "permitido"),
    "family": ("family", "goal_id", "group", "cluster", "group_id", "family_id",
               "familie", "gruppe", "famille", "groupe", "familia", "grupo"),
    "twin": ("twin", "twin_id", "pair", "pair_id", "benign_id", "zwilling", "paar",
             "jumeau", "paire", "gemelo", "par"),
    "twin_prompt": ("twin_prompt", "benign_prompt", "benign_text", "benign_variant", "benign_version",
                    "harmless_variant", "harmless_version", "safe_variant", "safe_prompt", "counterpart",
                    "harmlose_variante", "harmlose_frage", "harmlose_anfrage", "harmlose_version",
                    "variante_inoffensive", "version_inoffensive", "variante_anodine",
                    "variante_inofensiva", "versión_inofensiva"),
    "goal": ("goal", "aim", "objective", "ziel", "but", "objectif", "objetivo"),
    "language": ("language", "lang", "locale", "sprache", "langue", "idioma", "lengua"),
    "id": ("id", "uid", "key", "item_id", "prompt_id", "row_id", "no", "no.", "number", "nr", "nr.",
           "nummer", "lfd._nr.", "kennung", "n°", "nº", "numéro", "num", "número"),
}  # fmt: skip
"""The first that a file has is taken."""
OF_WHAT_MAY_BE = ("allowed", "erlaubt", "zulässig", "autorisé", "permitido")
"""Columns in which yes means benign."""


def form(name: str) -> str:
    """Give a column's name as the table above has it."""
    return re.sub(r"[\s_-]+", "_", folded(name))


def guessed(table: Table) -> dict[str, str]:
    """Give the column of each field, by what people call it and, of twins, by what it holds."""
    by_form = {form(c): c for c in reversed(table.columns)}
    found = {
        one: by_form[name]
        for one, names in USUAL.items()
        if (name := next((n for n in names if n in by_form), ""))
    }
    ids, texts = _of_twins(table, found)
    if ids:
        found["twin"] = ids
        found.pop("twin_prompt", None)
    elif texts:
        found["twin_prompt"] = texts
        found.pop("twin", None)
    return found


def _of_twins(table: Table, found: Mapping[str, str]) -> tuple[str, str]:
    """Give the column that holds the ids of twins, and the one that holds their texts."""
    named = {plain(row.cells.get(found.get("id", ""), "")) for row in table.rows}
    ids = texts = ""
    for column in (found[one] for one in ("twin", "twin_prompt") if one in found):
        held = [plain(row.cells[column]) for row in table.rows if column in row.cells]
        if sum(whole_number(cell) in named for cell in held) * 2 > len(held):
            ids = ids or column
        elif sum(" " in cell for cell in held) * 2 > len(held):
            texts = texts or column
    return ids, texts
