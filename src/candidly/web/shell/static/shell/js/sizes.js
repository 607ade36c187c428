/** A number of bytes in the units in which limits are said, of a thousand each; as the filter file_size says it. */
export function inWords(size) {
  if (size >= 999_950) return `${(size / 1_000_000).toFixed(1)} MB`;
  if (size >= 1000) return `${(size / 1000).toFixed(1)} KB`;
  return `${size} byte${size === 1 ? "" : "s"}`;
}
