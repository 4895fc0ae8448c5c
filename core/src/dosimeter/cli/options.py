"""Arguments and options that several commands have."""

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from dosimeter.cli import complete

F = TypeVar("F", bound=Callable[..., object])
LEAST = 1e-6
"""The smallest difference that a plan is asked about: it would take billions of requests."""


class Place(click.Path):
    """A path; ``~`` is a home also where no shell has seen it, as in a variable or in quotes."""

    def convert(
        self,
        value: Any,  # noqa: ANN401  click's own
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401
        """Put the home in."""
        home = os.path.expanduser(value)  # noqa: PTH111  pathlib raises for a user unknown
        return super().convert(home, param, ctx)


PLACE = Place(path_type=Path)


def runs_dir_option(f: F) -> F:
    """Add ``--runs-dir``."""
    return click.option(
        "--runs-dir", type=PLACE, envvar="DOSIMETER_RUNS_DIR", default="runs",
        show_default=True, help="Folder that holds the runs.",
    )(f)  # fmt: skip


def stack_options(f: F) -> F:
    """Add the stack argument, ``--set`` and ``--limit``."""
    f = click.option(
        "--limit",
        type=click.IntRange(1),
        help="Most families a category; fewer than all: not reportable.",
    )(f)
    f = click.option(
        "--set", "settings", multiple=True, metavar="PATH=VALUE", help="Override a setting."
    )(f)
    return click.argument("stack_file", type=PLACE, shell_complete=complete.stacks)(f)


def outputs_option(f: F) -> F:
    """Add ``-o``."""
    return click.option(
        "-o", "outputs", multiple=True, type=PLACE,
        help="Write a report; format by suffix.",
    )(f)  # fmt: skip


class Finite(click.FloatRange):
    """A number in a range; NaN, which no range holds, is none."""

    def convert(
        self,
        value: Any,  # noqa: ANN401  click's own
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> float:
        """Read the number."""
        found: float = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(f"{value!r} is no finite number", param, ctx)
        return found


class Days(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic in newer ones
    """Days, with or without a ``d`` after the number."""

    name = "days"

    def convert(
        self,
        value: Any,  # noqa: ANN401  click's own
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> float:
        """Read the number."""
        try:
            days = float(str(value).removesuffix("d"))
        except ValueError:
            days = -1.0
        if not 0 <= days < float("inf"):
            self.fail(f"{value!r} is no number of days; write 30, or 30d", param, ctx)
        return days


class Difference(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic in newer ones
    """A difference above 0, alone or of one measure."""

    name = "difference"

    def convert(
        self,
        value: Any,  # noqa: ANN401  click's own
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401
        """Read the measure and the number."""
        from dosimeter.model.planning import Detect

        measure, _, amount = str(value).rpartition("=")
        try:
            difference = float(amount)
        except ValueError:
            difference = 0.0
        if not 0 < difference < float("inf"):
            self.fail(
                f"{value!r} is no difference above 0; write 0.02, or under-refusal=0.02", param, ctx
            )
        if difference < LEAST:
            self.fail(f"{value!r} is too small to plan for; give at least {LEAST:g}", param, ctx)
        return Detect(difference=difference, measure=measure)
