"""Gates over many numbers: how many there are is known from the design, as alpha is split over them."""

import pytest
from project import simulated

ASKED = (
    ("under-refusal", ""),
    ("under-refusal", 'where = {attack = "direct"}'),
    ("under-refusal", 'where = {attack = "any"}'),
    ("under-refusal", 'where = {target = "a"}'),
    ("over-refusal", ""),
    ("refusal", 'where = {level = "full"}'),
    ("actionability-cost", ""),
    ("phrasing-gap", ""),
)


@pytest.fixture
def report(project):
    """One run of two targets under three attacks, with gates on numbers of many kinds."""
    gates = "\n".join(f'[[gates]]\nmeasure = "{m}"\nat_most = 0.95\n{where}' for m, where in ASKED)
    project.write(simulated(), attacks='["direct", "role-play", "translation"]', run="accept_judge_measured = true",
                  more=gates)  # fmt: skip
    return project


def test_every_gate_finds_limits_for_as_many_numbers_as_it_looks_at(report):
    print((report.path / "stack.toml").read_text())
