"""Record in tests/references what Norse and snnTorch do with a few random graphs: ``python tests/translation/record_nir_peers.py``."""

import nir_euler
import numpy as np
from nir_random import random_graph
from nir_torch_cells import Norse, SnnTorch
from test_nir_random import STORED, spiking

stored = {}
for peer, plain, cells, count in (("norse", False, Norse, 10), ("snntorch", True, SnnTorch, 6)):
    for seed in range(count):
        graph, dt, x = random_graph(seed, plain)
        given = nir_euler.run(graph, x, dt, cells())
        stored[f"{peer}_{seed}"] = np.packbits(np.concatenate([given[name].ravel() for name in spiking(graph)]) > 0)
np.savez_compressed(STORED, **stored)
