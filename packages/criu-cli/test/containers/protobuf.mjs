// The little of protobuf that questions to a container runtime interface need: messages by their field numbers.

function varint(number) {
  const bytes = [];
  for (let rest = number; ; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    if (rest < 128) return Buffer.from(bytes);
  }
}

function delimited(field, bytes) {
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes]);
}

/**
 * @param message values by field number: texts, numbers, messages, and lists of these. Entries of a map are messages
 * with the fields 1 and 2.
 */
export function encode(message) {
  const parts = Object.entries(message).flatMap(([field, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => {
      if (typeof one === 'number') return Buffer.concat([varint(field * 8), varint(one)]);
      return delimited(Number(field), typeof one === 'string' ? Buffer.from(one) : encode(one));
    }),
  );
  return Buffer.concat(parts);
}

/** The texts and messages of an encoded message, by field number; of several with the same one the last. */
export function decode(bytes) {
  const found = {};
  let at = 0;
  const next = () => {
    let value = 0;
    for (let weight = 1; ; weight *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * weight;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = next();
    const length = next();
    if (tag % 8 !== 2) continue;
    found[Math.floor(tag / 8)] = bytes.subarray(at, at + length);
    at += length;
  }
  return found;
}
