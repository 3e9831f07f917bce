from __future__ import annotations

import numpy as np

from core.stn.add.pictures import COLOURS, coloured


def test_both_channels_keep_their_colours_in_one_picture() -> None:
    channels = np.zeros((2, 2, 2), np.uint8)
    channels[0, 0, 0] = channels[1, 1, 1] = 255
    drawn = coloured(channels, enlarged=2)
    assert drawn.shape == (4, 4, 3)
    assert drawn[0, 0].tolist() == COLOURS[0].tolist()
    assert drawn[3, 3].tolist() == COLOURS[1].tolist()
    assert not drawn[0, 3].any()
