"""Hooks of stranger-attack-tree."""

from dosimeter import AttackSpec, Role, hookimpl
from stranger_attack_tree.options import TreeOptions


@hookimpl
def dosimeter_attack_generators():
    """Declare the search."""
    return [
        AttackSpec(
            id="tree",
            summary="Branches by an attacker, prunes by a steering judge",
            factory="stranger_attack_tree.search:build",
            options=TreeOptions,
            search=True,
            roles=(Role.ATTACKER, Role.STEER),
            notes=("survived",),
        )
    ]
