"""What this package promises, by the kit, of a function that is asked."""

from dosimeter.testing import conformance, specimen
from dosimeter_provider_python import hooks
from dosimeter_provider_python.options import PythonOptions

FUNCTION = specimen(
    hooks, "provider:python", model="textwrap:dedent", options=PythonOptions(takes="prompt")
)


@conformance(hooks, FUNCTION)
def test_a_promise_is_kept(check):
    """Of the package, and of a function of the standard library that gives its text back."""
    check()
