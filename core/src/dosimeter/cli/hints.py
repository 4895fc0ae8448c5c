"""What a flag that other tools have is called here."""

from difflib import get_close_matches

import click

HERE = {
    "--limit": "max-samples limit-samples num-samples samples num-examples max-examples n first"
    " sample-limit subset",
    "--max-connections": "concurrency max-concurrency num-concurrent workers num-workers parallel"
    " j jobs threads max-workers batch-size",
    "--max-retries": "retries retry num-retries",
    "--cache-days": "cache use-cache cache-requests cache-expiry",
    "--no-cache": "disable-cache",
    "--seed": "random-seed rng-seed",
    "--runs-dir": "log-dir logs-dir results-dir output-dir out-dir run-dir",
    "-o": "output out output-path report file export format",
    "--quiet": "q silent no-progress no-display",
    "--set targets.NAME.model=PROVIDER/MODEL": "model models target model-name provider",
    "--set targets.NAME.temperature=NUMBER": "temperature temp",
    "--set targets.NAME.max_tokens=NUMBER": "max-tokens max-new-tokens max-gen-toks",
    "--set targets.NAME.system=TEXT": "system system-prompt system-message",
    "--set targets.NAME.base_url=URL": "base-url api-base model-base-url",
    "--set run.repeats=NUMBER": "repeats epochs generations num-generations repeat trials",
    "--set run.timeout=SECONDS": "timeout time-limit",
    "--set run.budget.tokens=NUMBER": "budget max-budget token-limit cost-limit",
    "--rater": "scorer judge detector metric grader raters",
    "--yes": "force assume-yes no-confirm",
}
NEAR = 0.7
"""How alike two flags must be for one to be offered for the other."""
FIRST = ("--debug", "--log-format", "--log-level", "--version")
"""These stand before the command."""
RESUME = ("resume", "continue")
LOUD = ("v", "vv", "verbose", "verbosity")
LOUDER = "--log-level info"


def hint(fault: click.NoSuchOption) -> str:
    """Say what to write instead; empty if nothing is near."""
    command = fault.ctx.command if fault.ctx else None
    ours = [o for p in command.params for o in (*p.opts, *p.secondary_opts)] if command else []
    name = fault.option_name.lstrip("-").replace("_", "-").lower()
    given = LOUDER if name in LOUD else f"--{name}"
    if given.split()[0] in FIRST and fault.ctx and fault.ctx.parent:
        under = fault.ctx.command_path.partition(" ")[2]
        first = "" if given != LOUDER else f"here it is {LOUDER}; "
        return f"{first}it stands before the command: dosimeter {given} {under} ..."
    if given == LOUDER:
        return f"here it is {LOUDER}"
    if name in RESUME and command and command.name == "run":
        return "leave it out: the same command goes on with a run that was stopped"
    known = {word: here for here, words in HERE.items() for word in words.split()}
    for word in (name, *get_close_matches(name, known, 1, 0.85)):
        here = known.get(word, "")
        if here and here.split()[0] in ours:
            return f"here it is {here}"
    near = get_close_matches(given, [o for o in ours if o.startswith("--")], 1, NEAR)
    return f"did you mean {near[0]}?" if near else ""
