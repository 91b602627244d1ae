"""Writes small tokenizers of Hugging Face's three algorithms, and what its own library makes of texts.

python tooling/golden/texts.py    (with the package tokenizers; made with 0.23.2)
"""
import json
import pathlib

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

here = pathlib.Path(__file__).parents[2] / "packages/features/test/golden/text"
corpus = [
    "what is my balance", "show me the balance of my savings account", "please transfer money to my brother",
    "I'd like to pay a bill today", "when is my bill due?", "book a flight to Paris on May 3rd, 2024", "how's the weather in Zürich?",
    "cancel my reservation", "the café's menu isn't available", "set an alarm for 7:30 a.m.", "play some jazz, will you?",
    "déjà vu; naïve façade", "日本語のテキスト", "emails: user@example.com!", "what's 12*34+56?",
] * 4

texts = [
    "what is my balance", "What IS my  balance???", "", " ", "  leading and trailing  ", "pay\tbill\nnow", "Zürich café naïve", "日本語 テキスト",
    "emoji 🙂 and 👩‍👩‍👧", "user@example.com 12*34", "supercalifragilisticexpialidocious", "don't can't I'd", "[CLS] token in text </s>",
    "ﬁne ﬂour ① ㍿", "e\u0301galite\u0301", "a" * 130, "x" * 60 + " end", "…—–“quotes”", "7:30 a.m., please!!", "\u200bzero\u00a0width",
]
pairs = [["what is my balance", "show me the balance"], ["", "bill"], ["pay a bill " * 8, "transfer money to my brother " * 3]]


def wordpiece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(corpus, trainers.WordPieceTrainer(vocab_size=220, special_tokens=special))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tokenizer


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=360, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    return tokenizer


def unigram():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(__import__("tokenizers").Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<pad>", "</s>", "<unk>"]
    tokenizer.train_from_iterator(corpus, trainers.UnigramTrainer(vocab_size=160, special_tokens=special, unk_token="<unk>"))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    return tokenizer


def quick_tour():
    """As in the library's quick tour: the pre-tokenizer Whitespace, and punctuation by itself."""
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation(), pre_tokenizers.Digits(individual_digits=True)])
    special = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=200, special_tokens=special))
    return tokenizer


def golden(tokenizer, limit):
    tokenizer.no_truncation()
    if limit:
        tokenizer.enable_truncation(limit)
    said = [tokenizer.encode(text) for text in texts] + [tokenizer.encode(*pair) for pair in pairs]
    return [{"ids": one.ids, "types": one.type_ids} for one in said]


for name, make, pad in [("wordpiece", wordpiece, "[PAD]"), ("byte-level", byte_level, "<pad>"), ("unigram", unigram, "<pad>"), ("quick-tour", quick_tour, "[PAD]")]:
    tokenizer = make()
    folder = here / name
    folder.mkdir(exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False), encoding="utf8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 512, "pad_token": pad, "padding_side": "right"}) + "\n")
    said = {"texts": texts, "pairs": pairs, "whole": golden(tokenizer, None), "truncated": golden(tokenizer, 12)}
    (folder / "golden.json").write_text(json.dumps(said, ensure_ascii=True), encoding="utf8")
    print(name, tokenizer.get_vocab_size())
