"""Scores of membership from token probabilities: higher is more of a member."""

import math
import zlib

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike
from scipy.special import log_ndtr, logsumexp, ndtr

from dosimeter.stats.checks import Floats, array, counts, numbers, squarable

SUMS = 0.01
"""How far from 1 the probabilities of a vocabulary may add up."""
SAME = 1e-12
"""Standard deviation, of the size of scores, up to which they differ by rounding alone."""


@frozen(kw_only=True)
class TokenScores:
    """Scores of one text.

    Attributes:
        loss: Mean negative log-likelihood of a token, in nats; its negative is the score of the loss
            attack.
        perplexity: exp(loss); infinite where that is beyond what a number holds.
        min_k: Mean log-probability of the least likely share of tokens (Min-K%).
        min_k_pp: The same of standardised log-probabilities (Min-K%++).
        tokens: Tokens scored.
        flat: Tokens left out of min_k_pp, as the whole vocabulary was equally likely.
        undefined: Why scores are NaN; empty if they are not.
    """

    loss: float
    perplexity: float
    min_k: float
    min_k_pp: float
    tokens: int
    flat: int = 0
    undefined: str = ""

    def __str__(self) -> str:
        if self.undefined:
            return f"undefined ({self.undefined})"
        return (
            f"loss {self.loss:.4g}, Min-K% {self.min_k:.4g}, Min-K%++ {self.min_k_pp:.4g}"
            f" (tokens={self.tokens})"
        )


def token_scores(log_probs: ArrayLike, tokens: ArrayLike, k: float = 0.2) -> TokenScores:
    """Scores from the distributions over the vocabulary that a model gives at each token.

    Args:
        log_probs: Natural logarithms of the probabilities, shape (T, V): one row a token that is
            predicted, so the first token of a text has none. Minus infinity is a probability of 0.
        tokens: The token that came, 0 to V - 1, one a row.
        k: Share of tokens that are the least likely, above 0 to 1; at least one is taken.

    Returns:
        Scores; undefined for no tokens. Loss is in nats a token (`TokenScores`).

    Raises:
        ValueError: For rows that do not add up to 1 (the most likely few of a vocabulary are no
            distribution), tokens outside the vocabulary, unlike lengths, or a share outside (0, 1].

    References:
        W. Shi et al. (2024), ICLR, Min-K%; J. Zhang et al. (2025), ICLR, Min-K%++.

    Examples:
        The second token had one chance in ten, and is all of the less likely half:

        >>> found = token_scores(np.log([[.5, .25, .25], [.8, .1, .1]]), [0, 1], k=.5)
        >>> f"loss {found.loss:.3f}, min-k {found.min_k:.3f}, min-k++ {found.min_k_pp:.3f}"
        'loss 1.498, min-k -2.303, min-k++ -2.000'
    """
    _check_share(k)
    table, at = array(log_probs, "log_probs"), numbers(tokens, "tokens")
    if not len(at) and not table.size:
        nan = math.nan
        return TokenScores(loss=nan, perplexity=nan, min_k=nan, min_k_pp=nan, tokens=0,
                           undefined="no-observations")  # fmt: skip
    _check_table(table, at)
    p = np.exp(table)
    finite = np.where(p > 0, table, 0.0)
    mean = (p * finite).sum(axis=1)
    sd = np.sqrt((p * (finite - mean[:, None]) ** 2).sum(axis=1))
    said = table[np.arange(len(at)), at.astype(np.int64)]
    varied = sd > 1e-9
    standard = (said[varied] - mean[varied]) / sd[varied]
    loss = 0.0 - float(said.mean())
    return TokenScores(
        loss=loss, perplexity=math.exp(loss) if loss < 709 else math.inf, min_k=min_k(said, k),
        min_k_pp=_least(standard, k), tokens=len(at), flat=int((~varied).sum()),
    )  # fmt: skip


def min_k(log_probs: ArrayLike, k: float = 0.2) -> float:
    """Mean of the lowest share *k* of log-probabilities, max(1, int(T k)) of them.

    Args:
        log_probs: Natural logarithm of the probability of each token; minus infinity may be.
        k: Share, above 0 to 1.

    Returns:
        The mean, in nats, at most 0; nearer to 0 for a text that holds few surprises.

    Raises:
        ValueError: For a share outside (0, 1], no tokens, or NaN.

    References:
        W. Shi et al. (2024), ICLR.

    Examples:
        The less likely half, -5 and -3, has a mean of -4: surprises that a text one knows would
        lack:

        >>> min_k([-1, -5, -2, -3], k=.5)
        -4.0
    """
    _check_share(k)
    y = array(log_probs, "log_probs")
    if np.isnan(y).any():
        msg = f"log_probs[{int(np.isnan(y).argmax())}] is not a number: leave such tokens out"
        raise ValueError(msg)
    if y.ndim != 1 or not len(y):
        msg = f"log_probs must be one number for each of at least 1 token, got shape {y.shape}"
        raise ValueError(msg)
    return _least(y, k)


def zlib_score(loss: float, text: str) -> float:
    """Loss for each byte that the text takes when compressed, negated: what is not mere repetition.

    Args:
        loss: Mean negative log-likelihood of a token.
        text: The text.

    Returns:
        The score, in nats a byte, at most 0; nearer to 0 for a text that the model knows.

    References:
        N. Carlini et al. (2021), USENIX Security, 2633.

    Examples:
        Two nats a token, over the 23 bytes of what the text is when compressed:

        >>> round(zlib_score(2.0, "to be or not to be"), 3)
        -0.087
    """
    return -loss / len(zlib.compress(text.encode("utf-8", "surrogatepass")))


def reference_score(loss: float, reference_loss: float) -> float:
    """Loss under a reference model less loss under the target: what the reference does not find easy.

    Args:
        loss: Under the target, with a tokeniser shared by both.
        reference_loss: Under a model that did not see the text.

    Returns:
        The difference, in nats a token; above 0 where the target does better.

    References:
        N. Carlini et al. (2021), USENIX Security, 2633.

    Examples:
        The target finds the text 1.25 nats a token easier than a model that never saw it:

        >>> reference_score(1.5, 2.75)
        1.25
    """
    return reference_loss - loss


def confidence_logit(log_probs: ArrayLike, token: int) -> float:
    """log(p / (1 - p)) of one outcome, from the logarithms of all, so that neither end is lost.

    Args:
        log_probs: Natural logarithms of the probabilities of all outcomes, up to a constant.
        token: Which came.

    Returns:
        Log odds, in nats; 0 at a probability of one half.

    Raises:
        ValueError: For an outcome that is not among them, or NaN.

    References:
        N. Carlini et al. (2022), IEEE S&P, 1897, section IV-C.

    Examples:
        Odds of e^800 to 1, which as a probability would be 1 and tell nothing:

        >>> confidence_logit([0.0, -800.0], 0)
        800.0
    """
    y = array(log_probs, "log_probs")
    counts(token=token)
    if y.ndim != 1 or not token < len(y):
        msg = f"outcome {token} is not among {len(y)} (log_probs of shape {y.shape})"
        raise ValueError(msg)
    squarable(y[y != -np.inf], "log_probs")
    return float(y[token] - logsumexp(np.delete(y, token)))


@frozen(kw_only=True)
class Lira:
    """Likelihood ratio of one text between models that had it and models that had not.

    Attributes:
        log_ratio: Online: log density of the score among "in" less that among "out" models.
        offline: Share of "out" models' normal distribution below the score.
        offline_z: The same as a standard normal score, which does not end at 1: rank by this.
        log_tail: Logarithm of 1 - offline.
        undefined: Why log_ratio is NaN; empty if it is not.
    """

    log_ratio: float
    offline: float
    offline_z: float
    log_tail: float
    undefined: str = ""

    def __str__(self) -> str:
        online = f"undefined ({self.undefined})" if self.undefined else f"{self.log_ratio:.4g}"
        return f"log likelihood ratio {online}, offline z {self.offline_z:.4g}"


def lira(target: float, with_text: ArrayLike, without: ArrayLike) -> Lira:
    """Compare a model's confidence in a text with that of shadow models.

    Args:
        target: Logit of the confidence of the model that is asked about (`confidence_logit`).
        with_text: Of shadow models that were trained on the text; may be empty for the offline attack.
        without: Of those that were not.

    Returns:
        Scores with normal distributions fitted to each side (standard deviation with ddof 0);
        undefined where a side has fewer than two models, or all of the same score. The ratio is in
        nats, the offline score in units of standard deviations (`Lira`).

    Raises:
        ValueError: For NaN or infinities.

    References:
        N. Carlini et al. (2022), IEEE S&P, 1897.

    Examples:
        The score is e^36 times as likely among models that had the text:

        >>> found = lira(3.1, [2.8, 3.3, 3., 2.6, 3.4], [1., 1.4, .7, 1.2, .9])
        >>> round(found.log_ratio, 1), found.offline
        (36.1, 1.0)
    """
    (score,) = numbers([target], "target")
    inside, outside = squarable(with_text, "with_text"), squarable(without, "without")
    of_in, of_out = _standard(float(score), inside), _standard(float(score), outside)
    z, sd_out = of_out
    few = min(len(inside), len(outside)) < 2
    ratio = math.nan
    if not math.isnan(of_in[0] + z):
        ratio = (z - of_in[0]) * (z + of_in[0]) / 2 + math.log(sd_out) - math.log(of_in[1])
    why = "" if not math.isnan(ratio) else "fewer-than-two-models" if few else "no-variation"
    return Lira(log_ratio=ratio, offline=float(ndtr(z)), offline_z=z, log_tail=float(log_ndtr(-z)),
                undefined=why)  # fmt: skip


def _standard(score: float, shadow: Floats) -> tuple[float, float]:
    """Give the standard score among shadow models, and their standard deviation."""
    if len(shadow) < 2:
        return math.nan, math.nan
    sd = float(shadow.std())
    if not sd > SAME * float(np.abs(shadow).max()):
        return math.nan, math.nan
    return (score - float(shadow.mean())) / sd, sd


def _least(y: Floats, k: float) -> float:
    lowest = max(1, int(len(y) * k))
    return float(np.sort(y)[:lowest].mean()) if len(y) else math.nan


def _check_share(k: float) -> None:
    if not 0 < k <= 1:
        msg = f"k must be above 0 and at most 1, got {k}"
        raise ValueError(msg)


def _check_table(table: Floats, at: Floats) -> None:
    if table.ndim != 2 or len(table) != len(at):
        msg = f"log_probs of shape {table.shape} for {len(at)} tokens: give one row to each token"
        raise ValueError(msg)
    if ((at < 0) | (at >= table.shape[1]) | (at % 1 != 0)).any():
        msg = f"tokens must be whole numbers from 0 to {table.shape[1] - 1}"
        raise ValueError(msg)
    total = np.exp(logsumexp(table, axis=1))
    wrong = ~(np.abs(total - 1) <= SUMS)
    if wrong.any():
        i = int(wrong.argmax())
        msg = (
            f"probabilities of row {i} add up to {total[i]:.4g}: a score needs the whole vocabulary"
        )
        raise ValueError(msg)
