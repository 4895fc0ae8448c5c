"""Which language a reply is in."""

import subprocess
import sys

import pytest

from dosimeter import language
from dosimeter.errors import StackError
from dosimeter.language import language_of

GERMAN = "Die Bohnen werden über Nacht eingeweicht und am nächsten Tag langsam gekocht."
FRENCH = "Les haricots trempent toute la nuit, puis on les fait cuire doucement le lendemain."
HINDI = "सेम को रात भर भिगोकर रखें और अगले दिन धीमी आँच पर पकाएँ।"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (GERMAN, "de"),
        (FRENCH, "fr"),
        (HINDI, "hi"),
        ("Soak the beans and then let them simmer until they are soft.", "en"),
        ("Beans soaked overnight cook faster, so plan one day ahead.", "en"),
        (f"{GERMAN} {GERMAN} (He calls them 'the lost beans'.)", "de"),
        ("No.", "en"),
        ("", "en"),
        ("1234 5678", "en"),
        ("豆子要先泡一晚。", "zh"),
    ],
)
def test_a_text_is_in_its_language(text, language):
    """Plainly English texts, others, short ones and those that quote another language."""
    assert language_of(text) == language


def test_only_the_start_is_read():
    """A long reply costs as much as a short one, and a quotation at its end changes nothing."""
    assert language_of(FRENCH * 10 + GERMAN * 50) == "fr"


def test_a_missing_identifier_says_what_to_install(monkeypatch):
    """The identifier is an extra of the core; a rater that needs it says so when it is built."""
    monkeypatch.setattr(language, "find_spec", lambda _: None)
    with pytest.raises(StackError, match=r"pip install 'dosimeter\[language\]'"):
        language.need_identifier()


def test_a_run_in_english_does_not_load_the_identifier():
    """Its model takes half a second and 100 MB."""
    code = (
        "import sys; from dosimeter.language import language_of, need_identifier\n"
        "need_identifier(); language_of('The dates before that are uncertain, and this is known.')\n"
        "print('py3langid.langid' in sys.modules)\n"
        "language_of('Die Bohnen werden langsam gekocht.'); print('py3langid.langid' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert done.stdout.split() == ["False", "True"]
