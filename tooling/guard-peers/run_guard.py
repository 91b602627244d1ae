"""Runs an exported guard in Python's onnxruntime on given inputs, to compare with what Node says.

    pip install onnxruntime numpy
    python tooling/guard-peers/run_guard.py guard.onnx inputs.npy [expected.json]

`inputs.npy` is the prepared image tensor. Prints one JSON document: versions, the guard's metadata and its outputs; with
`expected.json` (`{"logits": [...], "score": [...], "p_value": [...], "is_ood": [...]}`) also the largest differences, and
exits with 1 where a decision differs or a number is further off than 1e-3 of the largest.
"""

import json
import os
import sys

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import numpy as np
import onnxruntime as ort


def main() -> int:
    model, inputs, *rest = sys.argv[1:]
    ort.set_default_logger_severity(3)
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    values = session.run(names, {session.get_inputs()[0].name: np.load(inputs)})
    said = dict(zip(names, values))
    metadata = session.get_modelmeta().custom_metadata_map
    report = {
        "onnxruntime": ort.__version__,
        "rows": int(len(said["score"])),
        "outputs": {name: [str(value.dtype), list(value.shape)] for name, value in said.items()},
        "alpha": metadata["ood.alpha"],
        "guarantee": metadata["ood.guarantee"],
        "preprocessing": json.loads(metadata["ood.preprocessing"]),
        "called_ood": int(said["is_ood"].sum()),
    }
    bad = 0
    if rest:
        with open(rest[0], encoding="utf8") as file:
            expected = json.load(file)
        report["largest_differences"] = {}
        for name, value in said.items():
            wanted = np.asarray(expected[name], dtype=np.float64).reshape(value.shape)
            difference = float(np.abs(value.astype(np.float64) - wanted).max())
            report["largest_differences"][name] = difference
            limit = 0 if name == "is_ood" else 1e-3 * max(1.0, float(np.abs(wanted).max()))
            bad += difference > limit
    print(json.dumps(report, indent=2))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
