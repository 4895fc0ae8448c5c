"""Differences within families at the size that is planned: seen as often as the plan says, in reports."""

import numpy as np
import pytest
from compared import INTERACTION, KEYWORD, KEYWORD_BOTH, answer, four

from dosimeter.model.answering import Estimate
from dosimeter.stats.planning_contrasts import contrast_sd, mde_contrast
from dosimeter.stats.planning_paired import families_for_paired_mean

WEIGHTS = {"keyword": (1, -1), "both": (0.5, -0.5, 0.5, -0.5), "interaction": (1, -1, -1, 1)}
MEASURES = {"keyword": KEYWORD, "both": KEYWORD_BOTH, "interaction": INTERACTION}


def cells_of(rng, name, families, discordant, d):
    """Draw what is assumed: two cells that differ in so many families, or four that know of no other."""
    if name == "keyword":
        p = [(discordant - d) / 2, 1 - discordant, (discordant + d) / 2]
        differs = rng.choice([-1, 0, 1], size=families, p=p)
        same = rng.random(families) < 0.5
        b1, b0 = np.where(differs, differs > 0, same), np.where(differs, differs < 0, same)
        return four(*(rng.random(families) < 0.5 for _ in range(2)), b1, b0)
    by = d / 4 if name == "interaction" else d / 2
    signs = (1, -1, -1, 1) if name == "interaction" else (1, -1, 1, -1)
    return four(*(rng.random(families) < 0.5 + by * sign for sign in signs))


def seen(name, families, discordant, d, runs):
    """Say how often a report's interval is all on one side of 0."""
    rng = np.random.default_rng([len(name), families])
    made = (
        answer(MEASURES[name], cells_of(rng, name, families, discordant, d)) for _ in range(runs)
    )
    return np.mean([one.lower > 0 or one.upper < 0 for one in made if isinstance(one, Estimate)])


FEW, MANY = (300, 0.09), pytest.param((1500, 0.04), marks=pytest.mark.slow)
"""Runs, and how far what is seen in so many may lie from .80."""


@pytest.mark.parametrize("size", [FEW, MANY])
@pytest.mark.parametrize(
    ("name", "discordant", "d"),
    [("keyword", 0.2, 0.1), ("keyword", 0.5, 0.2), ("both", 0.5, 0.15), ("interaction", 0.5, 0.3)],
)
def test_families_planned_for_show_the_difference_four_times_in_five(name, discordant, d, size):
    """By the very number that is reported."""
    families = families_for_paired_mean(d, contrast_sd(WEIGHTS[name], discordant, d))

    assert seen(name, families, discordant, d, size[0]) == pytest.approx(0.8, abs=size[1])


@pytest.mark.parametrize("size", [FEW, MANY])
@pytest.mark.parametrize(
    ("name", "discordant", "families"),
    [("keyword", 0.2, 80), ("keyword", 0.5, 150), ("both", 0.5, 60), ("interaction", 0.5, 120)],
)
def test_the_smallest_difference_is_shown_four_times_in_five(name, discordant, families, size):
    """Likewise of what a plan says that its families show."""
    d = mde_contrast(families, WEIGHTS[name], discordant)

    assert seen(name, families, discordant, d, size[0]) == pytest.approx(0.8, abs=size[1])


def test_cells_taken_for_families_miss_the_difference():
    """The naive rival fails: an interaction planned as if it were one difference of two cells."""
    families = families_for_paired_mean(0.3, contrast_sd(WEIGHTS["keyword"], 0.5, 0.3))

    assert seen("interaction", families, 0.5, 0.3, runs=300) < 0.5
