/** What is shown beside the progress of an extraction. */
export function extractionDetail({
  imagesPerSecond,
  failures = 0,
}: {
  readonly imagesPerSecond?: number;
  readonly failures?: number;
}): readonly string[] {
  return [
    ...(imagesPerSecond === undefined ? [] : [`${Math.round(imagesPerSecond)} images/s`]),
    ...(failures === 0 ? [] : [`${failures} unusable`]),
  ];
}
