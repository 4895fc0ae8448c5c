"""One run of the engine over many families, cut into replicates that share none."""

import contextlib
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from attrs import asdict, evolve, field, frozen
from study.truths import model

from dosimeter.analysis.compare import Asked, Gathered
from dosimeter.analysis.estimate import findings
from dosimeter.analysis.load import Group, groups
from dosimeter.analysis.pairs import Arm
from dosimeter.analysis.sides import arm_of
from dosimeter.analysis.wording import Frame
from dosimeter.journal.reader import Reader
from dosimeter.model.comparing import Declared
from dosimeter_provider_simulated.options import SimulatedOptions

PLUGIN = Path(__file__).parent / "plugin"
WORDINGS = ("on monday", "on tuesday", "on wednesday", "on thursday", "on friday", "on saturday",
            "on sunday", "in spring", "in summer", "in autumn")  # fmt: skip
STACK = """
name = "study"
{targets}
[[categories]]
id = "study"
families = {families}
rows = {rows}
attacks = ["direct"]
[[raters]]
id = "exact"
[[raters]]
id = "noisy"
sensitivity = {sensitivity}
specificity = {specificity}
slips = {slips}
[run]
seed = {seed}
max_connections = 64
"""
TRUTHS = {
    "a": model(0.9, 2.2, grows=0.4, wordings=WORDINGS),
    "b": model(0.9, 2.2, grows=0.4, wordings=WORDINGS),
    "c": model(0.75, 1.5, grows=0.4, wordings=WORDINGS),
    "d": model(0.5, 0.8, grows=0.0, wordings=WORDINGS),
}
"""Targets; a and b are one model twice. Difficulty is that of the goal, so all targets share it."""
SENSITIVITY, SPECIFICITY, SLIPS = 0.9, 0.95, 0.1


@frozen(kw_only=True)
class Pool:
    """A finished run, read back.

    Attributes:
        arms: By target.
        groups: Of each target, rater and scale, the rows in the order of families.
        frame: That surrounds its numbers.
    """

    families: int
    rows: int
    arms: dict[str, Arm] = field(repr=False)
    groups: dict[tuple[str, str, str], Group] = field(repr=False)
    frame: Frame = field(repr=False)
    truths: dict[str, SimulatedOptions] = field(repr=False)

    def measure(self, name):
        """Give a measure of the category."""
        found = next(iter(self.arms.values())).found
        return next(m for c in found.categories for m in c.measures if m.id == name)

    def runs(self, size):
        """Say how many replicates of *size* families there are."""
        return self.families // size

    def piece(self, target, rater, scale, size, n, rows=None):
        """Give the marks of replicate *n*: *size* families, the first *rows* rows of each."""
        every = self.groups[target, rater, scale]
        take, rows = size * self.rows, rows or self.rows
        kept = np.arange(n * take, (n + 1) * take).reshape(size, self.rows)[:, :rows].ravel()
        made = every.only(kept)
        family = made.family - made.family.min()
        return evolve(made, family=family, asked=np.bincount(family, minlength=size))

    def cell(self, group):
        """Give the cell of a replicate."""
        n = int(group.asked.sum())
        arm = self.arms[group.cell[0]]
        return evolve(arm.cell(group.cell), planned=n, done=n, families=len(group.asked))

    def finding(self, measure, group, frame=None):
        """Answer *measure* for a replicate as a report does."""
        (one,) = findings(self.measure(measure), group, self.cell(group), frame or self.frame)
        return one

    def estimates(self, target, measure, size, *, rater="exact", rows=None, runs=None, frame=None):
        """Give the finding of every replicate, or of the first *runs*."""
        scale = self.measure(measure).scale
        for n in range(min(runs or self.families, self.runs(size))):
            yield self.finding(measure, self.piece(target, rater, scale, size, n, rows), frame)

    def comparisons(self, targets, measures, size, *, rater="exact", rows=None, margin=None):
        """Compare *targets* in every replicate as `dosimeter compare` does; give what it says."""
        asked = Asked(declared=tuple(Declared(measure=m, where=(("rater", rater),), margin=margin)
                                     for m in measures))  # fmt: skip
        scales = sorted({self.measure(m).scale for m in measures})
        plans = {t: _planned(self.arms[t]) for t in targets}
        keep = set(WORDINGS[: rows or self.rows])
        for n in range(self.runs(size)):
            arms = [
                Part(arm=self.arms[t], mine=plans[t], first=n * size, size=size, keep=keep,
                     held=tuple(self.piece(t, rater, s, size, n, rows) for s in scales))
                for t in targets
            ]  # fmt: skip
            held = Gathered(arms=arms, asked=asked)
            for arm in arms:
                for group in arm.groups():
                    held.take(arm, group)
            yield tuple(c for _, c in held.differences())


@frozen(kw_only=True)
class Part:
    """An `Arm` of some of its families.

    Attributes:
        mine: The prompts of every family, in order.
        held: Marks of these families.
    """

    arm: Arm
    mine: list
    first: int
    size: int
    keep: set
    held: tuple[Group, ...]

    def __getattr__(self, name):
        return getattr(self.arm, name)

    @property
    def planned(self):
        """The prompts of the families, by cell."""
        out = defaultdict(dict)
        for prompts in self.mine[self.first : self.first + self.size]:
            for where, key, one in prompts:
                if _wording(key[0]) in self.keep:
                    out[where][key] = one
        return out

    def groups(self):
        """Give their marks."""
        yield from self.held


def _wording(item):
    return item.split("-", 1)[1].replace("-", " ")


def _planned(arm):
    """Give by family, in order, its prompts with cell and key."""
    out = defaultdict(list)
    for where, prompts in arm.planned.items():
        for key, one in prompts.items():
            out[one.family].append((where, key, one))
    return [out[f] for f in sorted(out)]


def simulate(folder, targets, families, rows, *, seed=7):
    """Run the engine in *folder*; give its journal."""
    folder.mkdir(parents=True, exist_ok=True)
    used = [_target(name, TRUTHS[name]) for name in targets]
    text = STACK.format(targets="".join(used), families=families, rows=rows, seed=seed,
                        sensitivity=SENSITIVITY, specificity=SPECIFICITY, slips=SLIPS)  # fmt: skip
    (folder / "stack.toml").write_text(text)
    keep = {k: v for k, v in os.environ.items() if not k.startswith("DOSIMETER_")}
    done = subprocess.run(
        [sys.executable, "-m", "dosimeter", "run", "stack.toml", "--quiet"], cwd=folder,
        env=keep | {"PYTHONPATH": str(PLUGIN)}, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        msg = f"the run of the study ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        raise RuntimeError(msg)
    return folder / "runs" / "study" / "journal.sqlite"


def _target(name, options):
    """Write a target as a stack has it."""
    told = {k: v for k, v in asdict(options).items() if isinstance(v, float)}
    lines = "\n".join(f"{k} = {v!r}" for k, v in told.items())
    shifts = ", ".join(f'{{text = "{s.text}"}}' for s in options.shifts)
    replica = "replica = 2\n" if name == "b" else ""
    return f'[targets.{name}]\nmodel = "simulated/graded"\n{replica}{lines}\nshifts = [{shifts}]\n'


@contextlib.contextmanager
def opened(journal):
    """Read a run of the study back."""
    with contextlib.closing(Reader(journal)) as reader:
        arms = {arm.target: evolve(arm, label=arm.target) for arm in arm_of(reader, "study")}
        found = next(iter(arms.values())).found
        held = {(g.cell[0], g.rater, g.scale.name): g
                for g in groups(reader, found, frozenset())}  # fmt: skip
        held = {at: g.only(np.argsort(g.family, kind="stable")) for at, g in held.items()}
        one = next(iter(held.values()))
        families = len(one.asked)
        frame = Frame(scope=found.config.scope, level=0.95, caveats=(), population="study")
        yield Pool(families=families, rows=len(one.family) // families, arms=arms, groups=held,
                   frame=frame, truths={t: TRUTHS[t] for t in arms})  # fmt: skip
