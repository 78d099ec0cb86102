"""Law: a design has the points that its name promises."""

import itertools

import numpy as np
import pytest

from omnisim import designs


def test_a_factorial_has_every_combination_once():
    rows = designs.factorial([2, 3, 2])
    assert sorted(map(tuple, rows.tolist())) == sorted(itertools.product(range(2), range(3), range(2)))
    assert designs.factorial([]).shape == (1, 0), "no factor: one point"


def test_one_at_a_time_moves_one_factor_at_a_time():
    rows = designs.one_at_a_time([3, 2, 4], [1, 0, 3])
    assert len(rows) == 1 + 2 + 1 + 3
    assert rows[0].tolist() == [1, 0, 3]
    assert ((rows[1:] != rows[0]).sum(axis=1) == 1).all()
    assert len({tuple(r) for r in rows.tolist()}) == len(rows)


@pytest.mark.parametrize("make", [designs.latin_hypercube, designs.sobol])
def test_spread_designs_fill_each_piece_of_each_range_once(make):
    places = make(16, 3, 5)
    assert places.shape == (16, 3)
    assert ((places >= 0) & (places < 1)).all()
    for column in places.T:
        assert sorted((column * 16).astype(int)) == list(range(16))
    assert (places == make(16, 3, 5)).all()
    assert (places != make(16, 3, 6)).any()


def test_sobol_is_balanced_in_pairs_too():
    """16 points: each of the 4 x 4 squares of any two neighbouring factors holds one point; a Latin hypercube need not."""
    places = designs.sobol(16, 2, 3)
    squares = {(int(a * 4), int(b * 4)) for a, b in places}
    assert len(squares) == 16


def test_sobol_wants_a_power_of_two():
    with pytest.raises(ValueError, match="such as 16; found 12"):
        designs.sobol(12, 2, 1)
    assert np.isfinite(designs.sobol(1, 2, 1)).all()
