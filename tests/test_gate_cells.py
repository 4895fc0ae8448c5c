"""Gates over many numbers: how many there are is known from the design, as alpha is split over them."""

from project import findings, simulated

ASKED = (
    ("under-refusal", {}),
    ("under-refusal", {"attack": "direct"}),
    ("under-refusal", {"attack": "any"}),
    ("under-refusal", {"target": "known"}),
    ("over-refusal", {"rater": "refusal"}),
    ("refusal", {"target": "known"}),
    ("capability-cost", {}),
    ("keyword-sensitivity", {}),
)  # fmt: skip
"""Measures with what their gates are about."""


def gates():
    """Write a gate for each."""
    for measure, where in ASKED:
        pairs = ", ".join(f'{k} = "{v}"' for k, v in where.items())
        yield f'[[gates]]\nmeasure = "{measure}"\nat_most = 0.99\nwhere = {{ {pairs} }}\n'


def test_every_number_has_limits_for_as_many_as_each_gate_looks_at(project):
    """Cells, levels, attacks together, contrasts, parts: counted by the design, found in the report."""
    project.write(
        simulated() + simulated("base = -1.0", "other"), run="accept_judge_measured = true",
        attacks='["direct", "role-play"]', more="".join(gates()),
    )  # fmt: skip
    stack = project.path / "stack.toml"
    stack.write_text(stack.read_text().replace('"quickstart"', '["factorial", "controls"]'))
    done = project.run(check=None)
    assert done.returncode in {0, 1, 4}, done.stdout + done.stderr
    report = project.report()
    words = findings(report, "keyword-sensitivity")
    told = report["gates"]

    assert [g["numbers"] for g in told] == [4, 2, 2, 2, 4, 18, 2, 4]
    for gate in told:
        where, of = dict(gate["gate"]["where"]), len(ASKED) * gate["numbers"]
        where.pop("attack", None)
        there = [f for f in findings(report, gate["gate"]["measure"], **where) if f.get("of_gates")]
        for one in there:
            assert one["of_gates"]["of"] == len(ASKED)
            assert of in [wide["of"] for wide in one["of_gates"]["fails"]], (gate, one)
    shown = [c for c in report["panel"] if c["threat"] == "right-reason"]

    assert {f["simultaneous"]["of"] for f in words if "value" in f} == {len(shown)} == {16}
