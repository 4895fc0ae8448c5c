"""What words say of an intent, in four languages: of what is not clear nothing is said."""

import re
from unicodedata import combining, normalize

from dosimeter import Intent
from dosimeter_harm_file.twins import OTHER
from dosimeter_harm_file.words import folded

HARMLESS = re.compile(
    "benign|harmless|innocuous|innocent|legitimate|safe|acceptable|allowed|permitted|"
    "harmlos(e[nr]?)?|gutartig(e[nr]?)?|unbedenklich(e[nr]?)?|"
    "unschadlich(e[nr]?)?|legitim(e[nr]?)?|"
    "zulassig(e[nr]?)?|erlaubt(e[nr]?)?|"
    "benin|benigne|inoffensi(f|ve)|anodine?|innocente?|licite|autorisee?|"
    "benign[oa]|inofensiv[oa]|inocu[oa]|inocente|legitim[oa]|licit[oa]|permitid[oa]"
)
HARMFUL = re.compile(
    "harm|harmful|unsafe|toxic|malicious|dangerous|danger|violating|violation|violate|disallowed|"
    "forbidden|prohibited|illegitimate|unacceptable|"
    "schaden|schadlich(e[nr]?)?|gefahrlich(e[nr]?)?|boswillig(e[nr]?)?|bosartig(e[nr]?)?|"
    "bedenklich(e[nr]?)?|unzulassig(e[nr]?)?|verboten(e[nr]?)?|toxisch(e[nr]?)?|verstoss|"
    "nuisible|dangereu(x|se)|interdite?|malveillante?|illicite|toxique|nocive?|nocif|"
    "dano|danin[oa]|peligros[oa]|peligro|prohibid[oa]|malicios[oa]|ilicit[oa]|toxic[oa]|nociv[oa]"
)
"""These two, and those below, without accents and a last s."""
COUNTERPART = re.compile(
    "counterpart|twin|gegenstuck|pendant|entsprechung|zwilling|contrepartie|equivalent|jumeau|jumelle|"
    "contraparte|equivalente|gemel[oa]|homolog[oa]"
)
OF_REQUESTS = re.compile(
    "variant|variante|version|prompt|request|question|text|texte|texto|query|wording|phrasing|"
    "formulation|fassung|anfragen?|fragen?|formulierung|demande|requete|formulacion|pregunta|"
    "solicitud|solicitude|consulta|peticion|peticione|redaccion|of|the|de|la|le|el|du|der|die|da"
)
"""With words for harm or its lack: what a column of such requests is named of."""
ANSWERED = re.compile(
    "answer|comply|compliance|respond|allow|accept|help|assist|fulfil|fulfill|permit|"
    "antworten|beantworten|helfen|erlauben|zulassen|"
    "repondre|aider|accepter|autoriser|responder|contestar|ayudar|permitir|aceptar"
)
REFUSED = re.compile(
    "refuse|refusal|reject|deny|decline|block|ablehnen|verweigern|zuruckweisen|blockieren|"
    "refuser|rejeter|bloquer|rechazar|denegar|bloquear"
)
"""What a target is to do: of what it did such words would say nothing."""
NEGATED = re.compile(
    "(?:(?:not|non|nicht|no|sin|sans|ohne|without|pas|kein|keine|keinen) |do not |ne pas |non|un)(.+)"
)
DUTY = re.compile(
    "(?:should|must|shall|to be|soll|sollte|muss|zu|doit|devrait|debe|deberia|expected|erwartet) (.+)"
)
ASSERTED = re.compile("(?:is|be|ist|est|es|contains?|has) (.+)")
EXPECTATION = re.compile(
    ".*(expect|erwart|should|must|desired|wanted|soll|attendu|esperad|deseado).*"
)
YES = ("yes", "true", "1", "y", "ja", "wahr", "oui", "vrai", "si", "verdadero")
NO = ("no", "false", "0", "n", "nein", "falsch", "non", "faux", "falso")


def letters(text: str) -> str:
    """Give a word or a name in small letters without accents, one space between its parts."""
    bare = "".join(c for c in normalize("NFD", folded(text)) if not combining(c))
    return re.sub(r"[\W_]+", " ", bare.replace("ß", "ss")).strip()


def is_one_of(words: re.Pattern[str], word: str) -> bool:
    """Tell whether a word, or what it is without a last s, is one of *words*."""
    return bool(words.fullmatch(word) or words.fullmatch(word.removesuffix("s")))


def of_harm(word: str) -> Intent | None:
    """Give the intent of a word that says how a request is: ``harmless``, ``nicht schädlich``."""
    return _read(letters(word), HARMFUL, HARMLESS)


def of_duty(word: str) -> Intent | None:
    """Give the intent of a word that says what is to be done: ``refuse``, ``should answer``."""
    said = letters(word)
    duty = DUTY.fullmatch(said)
    return _read(duty[1] if duty else said, REFUSED, ANSWERED)


def of_name(name: str) -> Intent | None:
    """Give the intent that yes means below a name: ``is_harmful``, ``Should refuse``, ``Erlaubt``."""
    said = letters(name)
    asserted, duty = ASSERTED.fullmatch(said), DUTY.fullmatch(said)
    found = of_harm(asserted[1] if asserted else said)
    if duty and not found:
        found = _read(duty[1], REFUSED, ANSWERED) or of_name(duty[1])
    return found


def _read(said: str, harmful: re.Pattern[str], benign: re.Pattern[str]) -> Intent | None:
    if is_one_of(harmful, said):
        return Intent.HARMFUL
    if is_one_of(benign, said):
        return Intent.BENIGN
    negated = NEGATED.fullmatch(said)
    within = _read(negated[1], harmful, benign) if negated else None
    return OTHER[within] if within else None


def of_twins(name: str) -> bool:
    """Tell whether a column is named of benign twins: ``Variante bénigne``, ``Pendant inoffensif``."""
    return _named_of(name, HARMLESS, COUNTERPART)


def of_harmful(name: str) -> bool:
    """Tell whether a column is named of harmful requests: ``harmful_prompt``, ``Schädliche Anfrage``."""
    return _named_of(name, HARMFUL)


def _named_of(name: str, *words: re.Pattern[str]) -> bool:
    parts = letters(name).split()
    said = [p for p in parts if any(is_one_of(one, p) for one in words)]
    return bool(said) and all(p in said or is_one_of(OF_REQUESTS, p) for p in parts)
