"""Makes audio.json and the recordings in audio/. Needs numpy, scipy, librosa (0.11), soundfile, transformers (5).

Resampling is scipy's, Whisper's features are those of transformers' feature extractor, AST's those of its functions (numpy, no torch), mel
filters librosa's and transformers'; YAMNet's and VGGish's are the formulas of TensorFlow Models, research/audioset/vggish/mel_features.py.
"""


import numpy as np
import scipy
import scipy.signal

import golden_io

AUDIO = golden_io.ROOT / "packages/features/test/golden/audio"


def signal(length, rate):
    """Two tones, a sweep and noise, in float32. The same formula is in test/audio-signal.ts."""
    t = np.arange(length) / rate
    state, noise = 1, np.empty(length)
    for i in range(length):
        state = (1664525 * state + 1013904223) % 2**32
        noise[i] = state / 2**31 - 1
    tones = 0.4 * np.sin(2 * np.pi * 440 * t) + 0.2 * np.sin(2 * np.pi * (200 + 900 * t) * t)
    return (tones + 0.1 * noise).astype(np.float32)


def resampled():
    out = []
    for source, target in [(44100, 16000), (8000, 16000), (48000, 16000), (22050, 16000), (16000, 44100), (11025, 16000)]:
        x = signal(900, source).astype(np.float64)
        y = scipy.signal.resample_poly(x, target, source)
        out.append({"from": source, "to": target, "length": len(y), "values": y[:240].astype(np.float32)})
    return out


def whisper(mels):
    from transformers import WhisperFeatureExtractor

    extractor = WhisperFeatureExtractor(feature_size=mels)
    features = extractor(signal(5 * 16000, 16000), sampling_rate=16000, return_tensors="np").input_features[0]
    return spectrogram(f"whisper {mels}", features, 80000)


def ast():
    """As ASTFeatureExtractor without torchaudio: its own class wants torch to copy the result into tensors."""
    from transformers.audio_utils import mel_filter_bank, spectrogram as transform, window_function

    filters = mel_filter_bank(257, 128, 20, 8000, 16000, norm=None, mel_scale="kaldi", triangularize_in_mel_space=True)
    fbank = transform(
        signal(3 * 16000, 16000), window_function(400, "hann", periodic=False), frame_length=400, hop_length=160, fft_length=512,
        power=2.0, center=False, preemphasis=0.97, mel_filters=filters, log_mel="log", mel_floor=1.192092955078125e-07,
        remove_dc_offset=True,
    ).T
    fbank = np.pad(fbank, ((0, 1024 - len(fbank)), (0, 0)))
    return spectrogram("ast", ((fbank - -4.2677393) / (4.5689974 * 2)).T, 48000)


def audioset(name, offset):
    def to_mel(hz):
        return 1127.0 * np.log(1.0 + np.asarray(hz) / 700.0)

    data = signal(15600, 16000).astype(np.float64)
    frames = np.lib.stride_tricks.sliding_window_view(data, 400)[::160]
    window = 0.5 - 0.5 * np.cos(2 * np.pi / 400 * np.arange(400))
    magnitude = np.abs(np.fft.rfft(frames * window, 512))
    bins = to_mel(np.linspace(0.0, 8000.0, 257))
    edges = np.linspace(to_mel(125.0), to_mel(7500.0), 64 + 2)
    weights = np.empty((257, 64))
    for i in range(64):
        lower, center, upper = edges[i : i + 3]
        weights[:, i] = np.maximum(0.0, np.minimum((bins - lower) / (center - lower), (upper - bins) / (upper - center)))
    weights[0, :] = 0.0
    return spectrogram(name, np.log(magnitude @ weights + offset).T, 15600)


def spectrogram(name, features, samples):
    """Some frames of [mels, frames], and the mean of all."""
    count = features.shape[1]
    chosen = sorted({0, 1, 2, min(50, count - 1), count // 3, count - 2, count - 1})
    return {
        "name": name,
        "samples": samples,
        "shape": list(features.shape),
        "mean": float(np.mean(features.astype(np.float64))),
        "frames": [{"frame": t, "values": features[:, t].astype(np.float32)} for t in chosen],
    }


def filters():
    import librosa
    from transformers.audio_utils import mel_filter_bank

    out = []
    for rate, size, mels, low, high, htk, norm in [(22050, 2048, 40, 0, 11025, False, "slaney"), (16000, 512, 64, 125, 7500, True, None), (16000, 400, 80, 0, 8000, False, "slaney")]:
        weights = librosa.filters.mel(sr=rate, n_fft=size, n_mels=mels, fmin=low, fmax=high, htk=htk, norm=norm, dtype=np.float64)
        options = {"scale": "htk" if htk else "slaney", "triangles": "hz", "norm": norm}
        out.append(entry(f"librosa {librosa.__version__}", rate, size, low, high, options, weights))
    weights = mel_filter_bank(257, 128, 20, 8000, 16000, norm=None, mel_scale="kaldi", triangularize_in_mel_space=True).T
    out.append(entry("transformers", 16000, 512, 20, 8000, {"scale": "kaldi", "triangles": "mel", "norm": None}, weights))
    return out


def entry(made_by, rate, size, low, high, options, weights):
    mels = len(weights)
    return {
        "by": made_by, "sampleRate": rate, "fftSize": size, "mels": mels, "minHz": low, "maxHz": high, **options,
        "filters": [{"filter": i, "first": int(np.argmax(weights[i] > 0)), "weights": weights[i][weights[i] > 0]} for i in (0, mels // 2, mels - 1)],
    }


def recordings():
    import soundfile

    x = np.stack([signal(1600, 8000), -0.5 * signal(1600, 8000)], axis=1)
    out = []
    for name, data, subtype in [("mono16.flac", x[:, 0], "PCM_16"), ("stereo24.flac", x, "PCM_24"), ("stereo16.wav", x, "PCM_16"), ("mono24.wav", x[:, 0], "PCM_24"), ("float.wav", x, "FLOAT"), ("double.wav", x[:, 0], "DOUBLE"), ("unsigned8.wav", x[:, 0], "PCM_U8"), ("integer32.wav", x[:, 0], "PCM_32")]:
        soundfile.write(AUDIO / name, data, 8000, subtype=subtype)
        read, rate = soundfile.read(AUDIO / name, dtype="float64", always_2d=True)
        mono = read.mean(axis=1)
        out.append({"file": name, "sampleRate": rate, "channels": read.shape[1], "frames": len(read), "values": mono[:40].astype(np.float32), "mean": float(mono.mean())})
    return out


if __name__ == "__main__":
    import librosa
    import soundfile
    import transformers

    AUDIO.mkdir(exist_ok=True)
    golden_io.write(
        "audio.json",
        {
            "about": "see README.md",
            "library": f"numpy {np.__version__}, scipy {scipy.__version__}, librosa {librosa.__version__}, transformers {transformers.__version__}, soundfile {soundfile.__version__} (libsndfile {soundfile.__libsndfile_version__})",
            "resampled": resampled(),
            "spectrograms": [whisper(80), whisper(128), ast(), audioset("yamnet", 0.001), audioset("vggish", 0.01)],
            "filters": filters(),
            "recordings": recordings(),
        },
    )
