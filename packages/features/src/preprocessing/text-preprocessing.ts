/** The end of a text at which something is cut off or added. */
export type TextSide = 'left' | 'right';

/** Which input of the model takes what is made of a text; `null` for what the model does not take. */
export interface TextInputs {
  /** Token ids. */
  readonly ids: string;
  /** 1 for a token, 0 for padding. */
  readonly mask: string | null;
  /** Which of two texts a token is of. */
  readonly types: string | null;
  /** Positions of the tokens, from 0. */
  readonly positions: string | null;
}

/**
 * What happens to a text between its string and the model: tokenization, special tokens, truncation, and padding to the longest text
 * of a batch. Plain data: it serialises as JSON and has a hash.
 */
export interface TextPreprocessing {
  readonly kind: 'text';
  /** Version of this description. */
  readonly version: 1;
  /** The whole of a `tokenizer.json` of Hugging Face, as text. */
  readonly tokenizer: string;
  /** Most tokens of a text, special ones included; what is more is cut off. */
  readonly maxLength: number;
  readonly truncation: TextSide;
  readonly padding: { readonly side: TextSide; readonly id: number };
  readonly inputs: TextInputs;
}
