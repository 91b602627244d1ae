#!/usr/bin/env bash
# Builds TensorFlow.js's native backend against the library of the tensorflow-cpu wheel, on Linux, without the download
# that its own install script makes, and runs the engine tests of @ood/flows on it. For development machines.
#
#     tooling/tfjs-native/run.sh [--setup-only]
#
# Needs Python 3 with pip, a C++ compiler, and Node 20 or 22 (TensorFlow.js 4.22 calls an interface that Node 23 removed).
set -euo pipefail
cd "$(dirname "$0")"
flows="$(cd ../../packages/flows && pwd)"

npm install --ignore-scripts --no-package-lock --no-audit --no-fund
# One copy of TensorFlow.js for both, as in a user's installation.
rm -rf node_modules/@tensorflow/tfjs
ln -s "$flows/node_modules/@tensorflow/tfjs" node_modules/@tensorflow/tfjs
package="$PWD/node_modules/@tensorflow/tfjs-node-gpu"

if [ ! -e "$package/lib/napi-v8/tfjs_binding.node" ]; then
  python3 -m venv .venv
  .venv/bin/pip install --quiet --no-deps --target .venv/wheel tensorflow-cpu
  wheel="$PWD/.venv/wheel/tensorflow"
  mkdir -p "$package/deps/lib"
  ln -sfn "$wheel/include" "$package/deps/include"
  cp "$wheel/libtensorflow_cc.so.2" "$package/deps/lib/libtensorflow.so.2"
  cp "$wheel/libtensorflow_framework.so.2" "$package/deps/lib/"
  # The library looks for itself under the name it was linked with.
  ln -sfn libtensorflow.so.2 "$package/deps/lib/libtensorflow_cc.so.2"
  ln -sfn libtensorflow.so.2 "$package/deps/lib/libtensorflow.so"
  ln -sfn libtensorflow_framework.so.2 "$package/deps/lib/libtensorflow_framework.so"
  (cd "$package" && npx --yes node-gyp rebuild --napi_build_version=8 --module_name=tfjs_binding --module_path=./lib/napi-v8)
  mkdir -p "$package/lib/napi-v8"
  cp "$package"/build/lib/napi-v8/* "$package/lib/napi-v8/" 2>/dev/null || cp "$package"/build/Release/tfjs_binding.node "$package/lib/napi-v8/"
fi

export TF_CPP_MIN_LOG_LEVEL=2
node -e '
  const tf = require("@tensorflow/tfjs-node-gpu");
  const gpu = tf.backend().isUsingGpuDevice;
  console.log(`TensorFlow ${tf.version["tensorflow"] ?? tf.backend().binding.TF_Version}, Node ${process.version}, GPU: ${gpu}`);
'
[ "${1:-}" = --setup-only ] && exit

# The tests find the package where a user's installation would put it; the link goes when they are done.
link="$flows/node_modules/@tensorflow/tfjs-node-gpu"
trap 'rm -f "$link"' EXIT
ln -sfn "$package" "$link"
cd "$flows"
npx --yes pnpm@10 exec vitest run test/training/engines.test.ts
