/** Typographic category of a family: the split keeps its proportions. */
export type FamilyCategory = 'serif' | 'sans' | 'slab' | 'mono' | 'display' | 'handwriting' | 'blackletter';

/** An outline in its own units: `y` grows upwards in fonts, downwards in SVG icons. */
export interface Outline {
  readonly path: string;
  readonly box: {
    readonly minX: number;
    readonly minY: number;
    readonly maxX: number;
    readonly maxY: number;
  };
  readonly yUp: boolean;
}

/** One 28×28 grey image (ink = 255) and where it comes from. */
export interface Sample {
  readonly pixels: Uint8Array;
  /** Typeface family, icon collection, or generator of the pattern. */
  readonly family: string;
  /** Weight and posture of the face (`700-italic`), or `-`. */
  readonly style: string;
  /** The character, the icon's name, or the pattern's kind. */
  readonly symbol: string;
  /** Counts the images that share family, style and symbol. */
  readonly variant: number;
}

export interface SampleSet {
  readonly name: string;
  readonly role: 'train' | 'validation' | 'test' | 'ood';
  readonly group?: 'near' | 'far';
  readonly description: string;
  readonly samples: readonly Sample[];
}
