"""The Python peer of `bench/knn.ts`: brute-force KNN of scikit-learn. Needs numpy, scikit-learn and threadpoolctl.

    knn-sklearn.py BANK QUERIES DIM K THREADS

BANK and QUERIES are float32 rows as raw bytes, divided by their norms here. For every line on stdin it searches once and prints wall
and processor seconds; the first search, unmeasured, prints the sum of the k-th distances instead, to be compared.
"""

import sys
import time

import numpy as np
from sklearn import __version__
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

bank_path, queries_path, dim, k, threads = sys.argv[1:]
read = lambda path: np.fromfile(path, dtype=np.float32).reshape(-1, int(dim))  # noqa: E731
unit = lambda x: x / np.linalg.norm(x, axis=1, keepdims=True)  # noqa: E731
bank, queries = unit(read(bank_path)), read(queries_path)
with threadpool_limits(int(threads)):
    search = NearestNeighbors(n_neighbors=int(k), algorithm="brute", n_jobs=int(threads)).fit(bank)
    run = lambda: search.kneighbors(unit(queries))[0][:, -1]  # noqa: E731
    print(__version__, float(run().astype(np.float64).sum()), flush=True)
    for _ in sys.stdin:
        wall, processor = time.perf_counter(), time.process_time()
        run()
        print(time.perf_counter() - wall, time.process_time() - processor, flush=True)
