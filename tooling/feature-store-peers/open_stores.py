"""Opens what write-stores.ts wrote in pyarrow, pandas, polars, numpy and safetensors, and checks every value and shape.

    node --conditions=@ood/source --import tsx tooling/feature-store-peers/write-stores.ts /tmp/stores
    pip install pyarrow pandas polars numpy safetensors
    python tooling/feature-store-peers/open_stores.py /tmp/stores

A library that is not installed is reported as not tried. Exits with 1 if anything differs.
"""

import importlib
import json
import pathlib
import sys

import numpy as np

folder = pathlib.Path(sys.argv[1])
expected = json.loads((folder / "expected.json").read_text())
rows, dim, classes = expected["rows"], expected["dim"], expected["classes"]
features = np.array(expected["features"], np.float32).reshape(rows, dim)
logits = np.array(expected["logits"], np.float32).reshape(rows, classes)
labels = [None if label < 0 else label for label in expected["labels"]]
dtypes = {"float32.arrow": np.float32, "float16.arrow": np.float16, "without-logits.arrow": np.float32}


def check(what, got, wanted):
    assert np.array_equal(np.asarray(got), np.asarray(wanted)), f"{what} differs"


def pyarrow_opens(path, dtype):
    import pyarrow as pa

    with pa.memory_map(str(path)) as source:
        reader = pa.ipc.open_file(source)
        batch_rows = [reader.get_batch(i).num_rows for i in range(reader.num_record_batches)]
        assert batch_rows == expected["batches"], batch_rows
        table = reader.read_all()
        table.validate(full=True)
    check("id", table["id"].to_pylist(), expected["ids"])
    check("index", table["index"].to_pylist(), expected["index"])
    assert table["label"].to_pylist() == labels, "label differs"
    for name, wanted in (("features", features), ("logits", logits)):
        if name == "logits" and "without" in path.name:
            assert "logits" not in table.column_names
            continue
        column = table[name].combine_chunks()
        matrix = column.flatten().to_numpy(zero_copy_only=True).reshape(rows, -1)
        assert matrix.dtype == dtype, matrix.dtype
        check(name, matrix, wanted.astype(dtype))
    provenance = json.loads(table.schema.metadata[b"ood.provenance"])
    assert provenance["shard"] == {"count": 2, "index": 0} and provenance["preprocessing"]["crop"]["width"] == 224
    return f"{table.num_rows} rows in {len(batch_rows)} batches, features {table.schema.field('features').type}, zero copy"


def pandas_opens(path, dtype):
    import pandas as pd

    frame = pd.read_feather(path)
    assert frame.shape == (rows, 4 if "without" in path.name else 5), frame.shape
    check("id", frame["id"], expected["ids"])
    assert [None if pd.isna(v) else int(v) for v in frame["label"]] == labels
    matrix = np.stack(frame["features"])
    assert matrix.shape == (rows, dim) and matrix.dtype == dtype, (matrix.shape, matrix.dtype)
    check("features", matrix, features.astype(dtype))
    return f"frame {frame.shape}, features {matrix.shape} {matrix.dtype}"


def polars_opens(path, dtype):
    import polars as pl

    frame = pl.read_ipc(path, memory_map=False)
    assert frame.shape == (rows, 4 if "without" in path.name else 5), frame.shape
    check("id", frame["id"].to_list(), expected["ids"])
    assert frame["label"].to_list() == labels
    matrix = frame["features"].to_numpy()
    assert matrix.shape == (rows, dim) and matrix.dtype == dtype, (matrix.shape, matrix.dtype)
    check("features", matrix, features.astype(dtype))
    lazy = pl.scan_ipc(path).filter(pl.col("label") == 3).select("id").collect()
    assert lazy.height == sum(label == 3 for label in labels)
    return f"frame {frame.shape}, features {frame.schema['features']}; lazily filtered too"


def numpy_opens(path, _):
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    assert array.shape == (rows, dim) and array.dtype == np.float32
    check("features", array, features)
    return f"{array.shape} {array.dtype}, memory-mapped"


def safetensors_opens(path, _):
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        assert file.metadata() == {"layer": "pool"}
        check("features", file.get_tensor("features"), features)
        check("labels", file.get_tensor("labels"), expected["labels"])
        return f"tensors {sorted(file.keys())}, features {file.get_tensor('features').shape}"


openers = {
    "pyarrow": (pyarrow_opens, dtypes),
    "pandas": (pandas_opens, dtypes),
    "polars": (polars_opens, dtypes),
    "numpy": (numpy_opens, {"features.npy": np.float32}),
    "safetensors": (safetensors_opens, {"features.safetensors": np.float32}),
}

failed = False
for library, (opens, files) in openers.items():
    try:
        version = importlib.import_module(library).__version__
    except ImportError:
        print(f"{library}: not installed, not tried")
        continue
    for name, dtype in files.items():
        try:
            print(f"{library} {version}: {name}: ok: {opens(folder / name, dtype)}")
        except Exception as error:
            failed = True
            print(f"{library} {version}: {name}: FAILED: {type(error).__name__}: {error}")
sys.exit(failed)
