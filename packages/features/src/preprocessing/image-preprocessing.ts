/** How to scale an image before cropping it. */
export type Resize =
  /** Scales so that the shorter side has this many pixels; the longer side is `short · long / short side`, rounded as `rounding` says. */
  | { readonly kind: 'shorter-side'; readonly size: number; readonly rounding: SideRounding }
  /** Scales to exactly this size, whatever the aspect ratio ("squash", "warp"). */
  | { readonly kind: 'exact'; readonly width: number; readonly height: number }
  | { readonly kind: 'none' };

/** `truncate`: torchvision, Hugging Face. `round`: to the nearest, halves to even (Python's `round`). */
export type SideRounding = 'truncate' | 'round';

/**
 * The part cut from the center after resizing. The corner is `(side − size) / 2`, rounded half to even (torchvision)
 * or down (Hugging Face, timm's own crops). A side shorter than the crop is padded with zeros, as torchvision does.
 */
export interface CenterCrop {
  readonly width: number;
  readonly height: number;
  readonly rounding: CornerRounding;
}

export type CornerRounding = 'half-even' | 'floor';

/** Pillow's antialiased filters, by Pillow's names. */
export type ResizeFilter = 'nearest' | 'box' | 'bilinear' | 'hamming' | 'bicubic' | 'lanczos';

export type Color = 'rgb' | 'bgr' | 'gray';
export type Layout = 'NCHW' | 'NHWC';
export type PixelType = 'float32' | 'float16' | 'uint8';

/** What is cut out for a box besides itself. */
export interface BoxCrop {
  /** Context on each side, as a share of the box's width and height: 0.1 makes both 1.2 times as large. 0 or more. */
  readonly margin: number;
  /** Makes the shorter side as long as the longer one, around the center: for a `resize` and `crop` that would cut long boxes. */
  readonly square: boolean;
}

/**
 * What happens to an image between its file and the model: decode → orientation → box → color → resize → center crop →
 * `(value · scale − mean) / std` → layout → element type. Plain data: it serialises as JSON and has a hash.
 *
 * Decoding follows Pillow's `Image.open(…).convert('RGB')` (see `decodeImage`).
 */
export interface ImagePreprocessing {
  /** Version of this description. */
  readonly version: 1;
  /** `ignore` (torchvision, timm) leaves the pixels as stored; `exif` turns them upright by the EXIF orientation tag. */
  readonly orientation: 'ignore' | 'exif';
  readonly color: Color;
  readonly resize: Resize;
  readonly filter: ResizeFilter;
  readonly crop: CenterCrop | null;
  /** Factor for the 8-bit values, usually 1/255. */
  readonly scale: number;
  /** One value per channel, in the order of `color`, in units of the scaled values. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly layout: Layout;
  readonly dtype: PixelType;
  /** How samples with a box are cut out of their image; says that samples have boxes. Default: the box alone. */
  readonly boxes?: BoxCrop;
}

/** Number of channels of the prepared image. */
export function channelsOf(preprocessing: Pick<ImagePreprocessing, 'color'>): 1 | 3 {
  return preprocessing.color === 'gray' ? 1 : 3;
}
