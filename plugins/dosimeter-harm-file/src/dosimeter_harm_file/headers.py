"""What people call the columns of such files, in four languages."""

import re
from collections.abc import Mapping
from unicodedata import combining, normalize

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
HARMLESS = re.compile(
    "benign|harmless|innocuous|innocent|legitimate|safe|acceptable|"
    "harmlos(e[nr]?)?|gutartig(e[nr]?)?|unbedenklich(e[nr]?)?|unschadlich(e[nr]?)?|legitim(e[nr]?)?|"
    "zulassig(e[nr]?)?|erlaubt(e[nr]?)?|"
    "benin|benigne|inoffensi(f|ve)|anodine?|innocente?|licite|autorisee?|"
    "benign[oa]|inofensiv[oa]|inocu[oa]|inocente|legitim[oa]|licit[oa]|permitid[oa]"
)
COUNTERPART = re.compile(
    "counterpart|twin|gegenstuck|pendant|entsprechung|zwilling|contrepartie|equivalent|jumeau|jumelle|"
    "contraparte|equivalente|gemel[oa]|homolog[oa]"
)
OF_REQUESTS = re.compile(
    "variant|variante|version|prompt|request|question|text|texte|texto|query|wording|phrasing|"
    "formulation|fassung|anfragen?|fragen?|formulierung|demande|requete|formulacion|pregunta|"
    "solicitud|solicitude|consulta|peticion|peticione|redaccion|of|the|de|la|le|el|du|der|die|da"
)
"""With the two above, without accents and a last s: words that a column of benign twins is named of."""
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
    return found


def of_twins(name: str) -> bool:
    """Tell whether a column is named of benign twins: ``Variante bénigne``, ``Pendant inoffensif``."""
    letters = "".join(c for c in normalize("NFD", form(name)) if not combining(c))
    words = [w.removesuffix("s") for w in re.findall(r"\w+", letters.replace("_", " "))]
    said = [w for w in words if HARMLESS.fullmatch(w) or COUNTERPART.fullmatch(w)]
    return bool(said) and all(w in said or OF_REQUESTS.fullmatch(w) for w in words)


def texts_in(table: Table, column: str) -> bool:
    """Tell whether most cells of a column have several words."""
    held = [row.cells[column].strip() for row in table.rows if column in row.cells]
    return sum(" " in cell for cell in held) * 2 > len(held)


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
