/** A number of bytes as people say it. */
export function inWords(size) {
  if (size >= 1024 ** 2) return `${(size / 1024 ** 2).toFixed(1)} MB`;
  return size >= 1024 ? `${(size / 1024).toFixed(1)} KB` : `${size} bytes`;
}
