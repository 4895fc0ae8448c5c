"""Methods by the names that estimates carry: what each does, and where it is published."""

from attrs import frozen

PAIRED = "paired-"
"""How the name of a method begins that is used on differences within families."""
OF_WHAT = ("-share", "-unbounded")
"""What its name ends in where numbers are written by that: of shares, and of means without ends."""
LABELLED = "-labelled"
"""How the name of a method ends that is used on the replies alone that people have marked."""
OF_LABELS = "of the replies alone that people have marked"
OF_PAIRS = "differences within families, each its own control"
KORN = "E. L. Korn, B. I. Graubard (1998), Survey Methodology 24:193"
CLOPPER = "C. J. Clopper, E. S. Pearson (1934), Biometrika 26:404"
KISH = "L. Kish (1965), Survey Sampling"
DEAN = "N. Dean, M. Pagano (2015), J. Surv. Stat. Methodol. 3:484"
DAVISON = "A. C. Davison, D. V. Hinkley (1997), Bootstrap Methods, 3.8"
OWN = f"own construction after {KORN}, and {DEAN}; its evidence is simulated coverage"
EXACT = "share of clustered marks: the exact interval of the sample that the clusters are worth"
AT_EVERY_LOOK = "limits that hold at every look"
BETTING = "I. Waudby-Smith, A. Ramdas (2024), J. R. Stat. Soc. B 86:1"
PEOPLE = "people's marks of a random sample, with the rater's of all"
LEANING = ", or the logit's limit where farther"
UNSEEN = f"{LEANING}, or the score limit of errors that no heavy label has shown"
ANGELOPOULOS = "A. N. Angelopoulos, J. C. Duchi, T. Zrnic (2023), arXiv:2311.01453"
ZRNIC = "T. Zrnic, E. J. Candes (2024), arXiv:2403.03208"
BARKER = "L. Barker (2002), Am. Stat. 56:85"
SCORE = "mean of marks between two ends: a score interval of the sample that the clusters are worth"
ALIKE = "differences within families that are all alike: what as many families may not have shown"
GUARDED = f"{SCORE}, and no shorter than what the marks at the ends leave open"


@frozen
class Method:
    """How a number's interval is made.

    Attributes:
        name: As `Estimate.method` has it.
        does: In plain words.
        source: Where it is published, or that it is not.
    """

    name: str
    does: str
    source: str


METHODS = (
    Method("korn-graubard", EXACT, f"{KORN}; {CLOPPER}; {KISH}"),
    Method("guarded-mean", GUARDED, OWN),
    Method("bounded-mean", SCORE, OWN),
    Method(
        "cr1-t",
        "mean of clustered marks: Student's t with a cluster-robust error",
        "K.-Y. Liang, S. L. Zeger (1986), Biometrika 73:13; E. Miller (2024), arXiv:2411.00640",
    ),
    Method(
        "wilson-clustered",
        "share of clustered marks: Wilson's interval of the sample that the clusters are worth",
        DEAN,
    ),
    Method(
        "two-way-cr0-t",
        "mean of marks clustered in two ways at once: Student's t with a robust error",
        "A. C. Cameron, J. B. Gelbach, D. L. Miller (2011), J. Bus. Econ. Stat. 29:238",
    ),
    Method(
        "anova",
        "correlation of marks within clusters",
        f"A. Donner (1986), Int. Stat. Rev. 54:67; {KISH}",
    ),
    Method(
        "wilson",
        "share of independent marks: the score interval",
        "E. B. Wilson (1927), JASA 22:209; R. G. Newcombe (1998), Stat. Med. 17:857, method 3",
    ),
    Method(
        "wilson-cc",
        "share of independent marks: the score interval with continuity correction",
        "R. G. Newcombe (1998), Stat. Med. 17:857, method 4",
    ),
    Method("clopper-pearson", "share of independent marks: the exact interval", CLOPPER),
    Method(
        "jeffreys",
        "share of independent marks: Jeffreys' interval",
        "L. D. Brown, T. T. Cai, A. DasGupta (2001), Stat. Sci. 16:101",
    ),
    Method(
        "strata-exact",
        "mean of shares of strata: squared distances to the exact limits of each, weighed and added",
        f"G. Zou, W. Huang, X. Zhang (2009), Comput. Stat. Data Anal. 53:1080; {KORN}; {CLOPPER}",
    ),
    Method(
        "korn-graubard-worst",
        f"the worst of several shares, by limits that hold for all of them at once (Bonferroni); {EXACT}",
        f"O. J. Dunn (1961), JASA 56:52; {KORN}; {CLOPPER}; {KISH}",
    ),
    Method(
        "stratified",
        "share over strata of known weight",
        "W. G. Cochran (1977), Sampling Techniques, 5.4",
    ),
    Method(
        "t",
        "mean of independent marks: Student's t",
        "A. Agresti (2010), Analysis of Ordinal Categorical Data, 2",
    ),
    Method(
        "brunner-munzel",
        "how often a mark of one condition is above one of the other",
        "E. Brunner, U. Munzel (2000), Biometrical J. 42:17; N. Cliff (1993), Psychol. Bull. 114:494",
    ),
    Method(
        "cluster-bca",
        "whole clusters drawn again, with limits corrected for bias and acceleration",
        f"B. Efron (1987), JASA 82:171; {DAVISON}",
    ),
    Method("cluster-percentile", "whole clusters drawn again, with limits at percentiles", DAVISON),
    Method(
        "all-resamples",
        "every way to draw a few clusters again",
        "P. Hall (1992), The Bootstrap and Edgeworth Expansion, appendix I",
    ),
    Method("ppi++", f"{PEOPLE}: the normal distribution{LEANING}", ANGELOPOULOS),
    Method("ppi++-cr1-t", f"{PEOPLE}: Student's t by family{LEANING}", ANGELOPOULOS),
    Method(
        "lang-reiczigel-clustered",
        "rate freed of a rater's errors as its card has them, with the error of the card",
        "Z. Lang, J. Reiczigel (2014), Prev. Vet. Med. 113:13",
    ),
    Method(
        "active-t",
        f"people's marks of a sample drawn with known chances, with the rater's of all: Student's t{UNSEEN}",
        f"{ZRNIC}; {BARKER}",
    ),
    Method(
        "active-difference-t",
        "difference of people's marks of both, each a sample drawn with known chances, with the rater's of"
        f" all: Student's t by family{UNSEEN}",
        f"{ZRNIC}; {BARKER}",
    ),
    Method(
        "rogan-gladen-known",
        "rate freed of a rater's errors that are known: the exact limits, mapped",
        "W. J. Rogan, B. Gladen (1978), Am. J. Epidemiol. 107:71",
    ),
    Method("betting", f"mean of family means: {AT_EVERY_LOOK}, by betting", BETTING),
    Method(
        "betting-share", f"share, as a mean of family shares: {AT_EVERY_LOOK}, by betting", BETTING
    ),
    Method(
        "beta-mixture",
        f"share of independent marks: {AT_EVERY_LOOK}, by mixing alternatives",
        "H. Robbins (1970), Ann. Math. Stat. 41:1397; S. R. Howard, A. Ramdas, J. McAuliffe, J. Sekhon"
        " (2021), Ann. Stat. 49:1055",
    ),
    Method("empirical-bernstein", f"mean of family means: {AT_EVERY_LOOK}", BETTING),
    Method(
        "tango",
        "difference of two shares on the same prompts: the score interval",
        "T. Tango (1998), Stat. Med. 17:891",
    ),
    Method(
        "newcombe-paired",
        "difference of two shares on the same prompts: squared distances to Wilson's limits added",
        "R. G. Newcombe (1998), Stat. Med. 17:2635, method 10",
    ),
    Method(
        "wald-paired",
        "difference of two shares on the same prompts: the textbook interval, which is too short",
        "R. G. Newcombe (1998), Stat. Med. 17:2635, method 1",
    ),
    Method(
        "newcombe",
        "difference of two shares of different prompts: squared distances to Wilson's limits added",
        "R. G. Newcombe (1998), Stat. Med. 17:873, method 10",
    ),
    Method(
        "paired-score-t",
        "differences within families: squared distances to score limits of what rises and of what falls"
        " added, and no shorter than Student's t",
        "own construction after R. G. Newcombe (1998), Stat. Med. 17:2635, and G. Zou, A. Donner (2008),"
        " Stat. Med. 27:1693; its evidence is simulated coverage",
    ),
    Method("paired-score-unseen", ALIKE, f"own construction after {CLOPPER}"),
    Method("paired-cr1-unseen", ALIKE, f"own construction after {CLOPPER}"),
)
"""Of the core's statistics; of each that a finding may carry there is one (a test reads the code)."""
_BY_NAME = {m.name: m for m in METHODS}


def method_of(name: str) -> Method | None:
    """Give what is known of a method; None if nothing is, as of one that a plugin brings.

    >>> method_of("paired-cr1-t").does.partition(":")[0]
    'differences within families, each its own control'
    >>> method_of("paired-score-unseen-share").does.partition(":")[0]
    'differences within families that are all alike'
    """
    if name in _BY_NAME:
        return _BY_NAME[name]
    plain = name
    if name.startswith(PAIRED):
        for end in OF_WHAT:
            plain = plain.removesuffix(end)
    if known := _BY_NAME.get(plain):
        return Method(name, known.does, known.source)
    for base, of in (
        (plain.removeprefix(PAIRED), OF_PAIRS),
        (name.removesuffix(LABELLED), OF_LABELS),
    ):
        if known := _BY_NAME.get(base):
            return Method(name, f"{of}: {known.does}", known.source)
    return None
