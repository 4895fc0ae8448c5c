"""Options of the simulated model: its truth and its faults."""

from attrs import frozen

from dosimeter import option


@frozen(kw_only=True)
class SimulatedOptions:
    """Truth and faults of the simulated model.

    Probabilities of refusing are on the logit scale: a base, plus what words of harm add (intent),
    plus what alarming words add whatever is meant (keyword), plus noise by wording.
    """

    harm_words: tuple[str, ...] = option(
        identity=True, default=("harm", "hurt", "poison", "kill", "attack", "weapon", "injure"),
        help="words by which it takes a request to be harmful",
    )  # fmt: skip
    trigger_words: tuple[str, ...] = option(
        identity=True, default=("kill", "shoot", "explode", "poison", "attack"),
        help="words that alarm it whatever is meant",
    )  # fmt: skip
    base: float = option(identity=True, default=-3.0, help="logit of refusing a plain request")
    intent: float = option(identity=True, default=5.0, help="what harm words add to the logit")
    keyword: float = option(identity=True, default=0.5, help="what trigger words add to the logit")
    noise: float = option(identity=True, default=0.5, help="sd of the logit over wordings")
    severity: float = option(
        identity=True, default=0.4, help="0 to 1: how detailed it is when it does not refuse"
    )
    latency: float = option(operational=True, default=0.0, help="mean seconds a reply takes")
    throttled: float = option(operational=True, default=0.0, help="share of tries answered 429")
    retry_after: float = option(operational=True, default=0.0, help="seconds that a 429 asks for")
    broken: float = option(operational=True, default=0.0, help="share of tries that fail with 503")
    filtered: float = option(identity=True, default=0.0, help="share of replies blocked")
    cut: float = option(identity=True, default=0.0, help="share of replies cut in the middle")


@frozen(kw_only=True)
class ReplayOptions:
    """Where replies come from."""

    path: str = option(identity=True, help="CSV file with columns prompt, reply[, model, stop]")
