"""A variant is a row of its table: no other file asks for its name."""

from __future__ import annotations

import ast

import pytest

from core.stn.datasets.distortions import DISTORTIONS
from core.stn.datasets.perturbations import PERTURBATIONS
from core.stn.geometry.families import FAMILIES
from core.stn.geometry.kernels import KERNELS, PADDINGS
from tests.import_graph import sources, tree_of

OTHER_MEANINGS = {"none", "scale", "angle", "shift", "P"}  # names of other things too: columns, options, keys
TABLES = {
    "core.stn.geometry.families": FAMILIES,
    "core.stn.geometry.kernels": KERNELS,
    "core.stn.datasets.distortions": DISTORTIONS,
    "core.stn.datasets.perturbations": PERTURBATIONS,
}


def compared(module: str) -> set[str]:
    """The texts that a module compares something with, alone or in a collection."""
    sides = [side for node in ast.walk(tree_of(module)) if isinstance(node, ast.Compare) for side in node.comparators]
    texts = [part for side in sides for part in ast.walk(side) if isinstance(part, ast.Constant)]
    return {text.value for text in texts if isinstance(text.value, str)}


@pytest.mark.parametrize("table", TABLES)
def test_no_other_file_compares_a_name_of_the_table(table: str) -> None:
    names = set(TABLES[table]) - OTHER_MEANINGS
    places = {module: compared(module) & names for module in sources() if module.startswith(("core.stn", "pages"))}
    assert {module: texts for module, texts in places.items() if texts and module != table} == {}


def test_a_name_that_is_no_row_is_refused_in_words_that_list_the_rows() -> None:
    from pydantic import TypeAdapter, ValidationError

    from core.stn.geometry.families import FamilyName

    *most, last = FAMILIES
    with pytest.raises(ValidationError, match=f"{', '.join(map(repr, most))} or {last!r}"):
        TypeAdapter(FamilyName).validate_python("rigid")
    assert set(PADDINGS) == {"border", "zeros", "reflection"}
