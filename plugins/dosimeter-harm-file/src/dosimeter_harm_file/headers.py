"""What people call the columns of such files, in four languages."""

from collections.abc import Mapping

from dosimeter_harm_file.cells import splits, texts_in
from dosimeter_harm_file.intents import column_of
from dosimeter_harm_file.meant import of_harmful, of_twins
from dosimeter_harm_file.table import Table
from dosimeter_harm_file.words import folded, form, plain, shown, whole_number

USUAL: Mapping[str, tuple[str, ...]] = {
    "prompt": ("prompt", "request", "question", "text", "input", "query", "message", "content",
               "user_prompt", "user_input", "user_message", "instruction", "behavior", "behaviour",
               "prompts", "requests", "questions", "anfragen", "fragen",
               "anfrage", "frage", "eingabe", "nachricht", "aufforderung",
               "demande", "requête", "texte", "pregunta", "solicitud", "consulta", "petición", "texto"),
    "messages": ("messages", "history", "conversation", "verlauf", "historique", "historial"),
    "system": ("system", "system_prompt", "system_message"),
    "intent": ("intent", "label", "expected", "expected_behavior",
               "expected_behaviour", "should_refuse", "erwartung", "harmful", "is_harmful",
               "unsafe", "is_unsafe",
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


def guessed(table: Table) -> dict[str, str]:
    """Give the column of each field, by what people call it and by what it holds."""
    by_form = {form(c): c for c in reversed(table.columns)}
    named = {one: [by_form[n] for n in names if n in by_form] for one, names in USUAL.items()}
    found = {one: columns[0] for one, columns in named.items() if columns and one != "intent"}
    intent = column_of(table, named["intent"], list(found.values()))
    found |= {"intent": intent} if intent else {}
    if "twin_prompt" not in found:
        free = (c for c in table.columns if c not in found.values() and of_twins(c))
        likely = next((c for c in free if texts_in(table, c)), "")
        found |= {"twin_prompt": likely} if likely else {}
    ids, texts = _of_twins(table, found)
    if ids:
        found["twin"] = ids
        found.pop("twin_prompt", None)
    elif texts:
        found["twin_prompt"] = texts
        found.pop("twin", None)
    prompt = found.get("prompt") or _prompt(table, found)
    found |= {"prompt": prompt} if prompt else {}
    return {one: found[one] for one in USUAL if one in found}


def _prompt(table: Table, found: Mapping[str, str]) -> str:
    """Give the column of texts that is named of harm, or else the only one; empty if it is not clear."""
    free = [
        c
        for c in table.columns
        if c not in found.values() and texts_in(table, c) and not splits(table, c)
    ]
    harmful = [c for c in free if of_harmful(c)]
    if harmful:
        return harmful[0]
    return free[0] if len(free) == 1 and not headless(table) and "messages" not in found else ""


def headless(table: Table) -> bool:
    """Tell whether the first row seems to be one of the others: no name of a column is that."""
    return table.rows[0].number > 1 and any(
        shown(c) != repr(plain(c))
        or folded(c) in {folded(r.cells[c]) for r in table.rows if c in r.cells}
        for c in table.columns
    )


def _of_twins(table: Table, found: Mapping[str, str]) -> tuple[str, str]:
    """Give the column that holds the ids of twins, and the one that holds their texts."""
    named = {plain(row.cells.get(found.get("id", ""), "")) for row in table.rows}
    ids = texts = ""
    for column in (found[one] for one in ("twin", "twin_prompt") if one in found):
        held = [plain(row.cells[column]) for row in table.rows if column in row.cells]
        if sum(whole_number(cell) in named for cell in held) * 2 > len(held):
            ids = ids or column
        elif texts_in(table, column):
            texts = texts or column
    return ids, texts
