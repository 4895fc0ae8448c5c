"""Evidence that may be looked at at will, under the names of the oracle file."""

from dosimeter.stats import sequential


def bernoulli(i):
    prior = i.get("prior_a", 1), i.get("prior_b", 1)
    found = sequential.beta_mixture(i["successes"], i["n"], prior)
    return list(found.interval(1 - i.get("alpha", 0.05)))


def bernstein(i):
    found = sequential.empirical_bernstein(i["x"], i.get("truncation", 0.5))
    running = bool(i.get("running_intersection", False))
    path = found.path(1 - i.get("alpha", 0.05), running=running)
    return [path[at - 1].tolist() for at in i["report_at"]]


def capital(i):
    found = sequential.betting_capital(
        i["x"], i["m"], 1 - i.get("alpha", 0.05), theta=i.get("theta", 0.5),
        truncation=i.get("truncation", 0.5),
    )  # fmt: skip
    return [found[at - 1] for at in i["report_at"]]


FUNCS = {
    "betting_capital_process": capital,
    "confidence_sequence_bernoulli": bernoulli,
    "confidence_sequence_empirical_bernstein": bernstein,
    "sequential_mcnemar_evalue": lambda i: (
        sequential.sequential_mcnemar(i["only_first"], i["only_second"]).e
    ),
}
