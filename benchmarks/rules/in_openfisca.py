"""OpenFisca-Core (AGPL-3, installed by hand): a variable a field, a variable with a formula a rule.

It has no word for a value that nobody gave: an input left out of a situation is its default, 0 or False
(`SimulationBuilder.build_from_entities`), and an array must hold something in every row, so it is given that default.
"""

from __future__ import annotations

from functools import reduce
from itertools import combinations
from operator import and_, or_
from typing import Any

import numpy as np

from exrx.rules.nodes import And, AtLeast, Compare, Condition, Not, OneOf, atoms
from rules.conditions import Rule
from rules.patients import Patients
from rules.peer import NotInstalledError, Peer, Prepared

_COMPARE = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
_MONTH = "2026-11"


def worked(node: Condition, read: Any) -> Any:
    """A condition on arrays; `read(name)` gives a field's."""
    if isinstance(node, Compare):
        return _COMPARE[node.operator](read(node.field.name), node.limit.tick)
    if isinstance(node, OneOf):
        return read(node.field.name)
    if isinstance(node, Not):
        return ~worked(node.item, read)
    items = [worked(item, read) for item in node.items]  # type: ignore[union-attr]
    if isinstance(node, AtLeast):
        return reduce(or_, (reduce(and_, some) for some in combinations(items, node.count)))
    return reduce(and_ if isinstance(node, And) else or_, items)


def system_of(rules: list[Rule]) -> Any:
    """A tax and benefit system of one entity: its variables are the fields and the rules r0, r1, .."""
    try:
        from openfisca_core.entities import build_entity
        from openfisca_core.periods import DateUnit
        from openfisca_core.taxbenefitsystems import TaxBenefitSystem
        from openfisca_core.variables import Variable
    except ImportError as error:
        raise NotInstalledError("OpenFisca: python -m pip install openfisca-core (AGPL-3)") from error
    person = build_entity(key="person", plural="persons", label="A patient", is_person=True)
    system = TaxBenefitSystem([person])

    def add(name: str, kind: type, **more: Any) -> None:
        body = dict(value_type=kind, entity=person, definition_period=DateUnit.MONTH, label=name, **more)
        system.add_variable(type(name, (Variable,), body))

    def formula(condition: Condition) -> Any:
        return lambda person, period: worked(condition, lambda name: person(name, period))

    used = {atom.field.name: atom for rule in rules for atom in atoms(rule.condition)}
    for name, atom in used.items():
        add(name, int if isinstance(atom, Compare) else bool)
    for i, rule in enumerate(rules):
        add(f"r{i}", bool, formula=formula(rule.condition))
    return system


def _prepare(rules: list[Rule], patients: Patients) -> Prepared:
    system = system_of(rules)
    from openfisca_core.simulations import SimulationBuilder

    columns = {
        name: patients.frame[name].fill_null(0 if variable.value_type is int else False).to_numpy()
        for name, variable in system.variables.items() if name in patients.columns
    }  # fmt: skip

    def run() -> list[np.ndarray]:
        simulation = SimulationBuilder().build_default_simulation(system, patients.n)
        for name, column in columns.items():
            simulation.set_input(name, _MONTH, column)
        return [simulation.calculate(f"r{i}", _MONTH) for i in range(len(rules))]

    return Prepared(run, lambda found: np.array(found, np.int8))


PEER = Peer("OpenFisca-Core", 1_000_000, "a formula a rule on arrays; a value not given is its default", _prepare)
