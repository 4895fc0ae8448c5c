"""Python functions of your own as targets of dosimeter: bots and guardrails."""
