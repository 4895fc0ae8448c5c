"""Every framing keeps its promises, with all its templates in all its languages."""

from dosimeter.testing import conformance, specimen
from dosimeter_attack_framing import hooks, options as o

EVERY = {
    "role-play": o.RolePlayOptions(templates=o.SCENES, languages=o.SPOKEN),
    "translation": o.TranslationOptions(templates=o.ASKED, languages=("de", "es", "fr")),
    "foreign-frame": o.ForeignFrameOptions(templates=o.FRAMES, languages=o.WRAPPED),
    "multi-turn": o.LeadInOptions(templates=o.LEAD_INS, languages=o.SPOKEN),
    "paraphrase": o.ParaphraseOptions(typos=True),
}


@conformance(hooks, *(specimen(hooks, name, options=given) for name, given in EVERY.items()))
def test_conformance(check):
    """Each promise a test of its own."""
    check()
