// How many parts a text message is sent in, which is what it costs (3GPP TS 23.038, 23.040).

// GSM 03.38, the alphabet of text messages: one septet each, and, behind an escape, two.
const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("\f^{}\\[~]|€");

// How much fits into a single part, and into each of several: there a header takes its place.
const SEPTETS = [160, 153];
const UNITS = [70, 67];

// {segments, encoding: "GSM-7" or "UCS-2", left: plain letters that still fit into the last part}
export function segments(text) {
  const letters = [...text];
  if (letters.every((letter) => BASIC.has(letter) || EXTENDED.has(letter))) {
    return packed(letters.map((letter) => (EXTENDED.has(letter) ? 2 : 1)), "GSM-7", SEPTETS);
  }
  return packed(letters.map((letter) => letter.length), "UCS-2", UNITS);
}

/** What the composer says of a text that goes by SMS alone; over `room`, as phones count, it leaves shortened. */
export function summary(text, room) {
  const excess = text.trim().length - room;
  if (excess > 0) {
    const over = excess === 1 ? "1 character" : `${excess} characters`;
    return `${over} too many for a text message: it is shortened, and carries a link to the whole.`;
  }
  const counted = segments(text);
  const number = counted.segments === 1 ? "1 text message" : `${counted.segments} text messages`;
  const dear = counted.encoding === "UCS-2" ? ", with characters that take more room" : "";
  return `${number}, ${counted.left} characters left${dear}.`;
}

// No letter is torn in two: one of two units that does not fit goes into the next part whole.
function packed(sizes, encoding, [single, each]) {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= single) return { segments: total ? 1 : 0, encoding, left: single - total };
  let segments = 1;
  let left = each;
  for (const size of sizes) {
    if (size > left) {
      segments += 1;
      left = each;
    }
    left -= size;
  }
  return { segments, encoding, left };
}
