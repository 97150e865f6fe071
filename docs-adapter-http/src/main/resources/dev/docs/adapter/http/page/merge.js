/** Changes of JSON objects as JSON Merge Patch (RFC 7396) has them. */

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSame(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What somebody has typed: JSON if it is some, and else text. */
export function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What makes `to` of `from`: changed members, and null for those that are gone. */
export function mergePatch(from, to) {
  const patch = {};
  for (const key of Object.keys(from)) {
    if (!Object.hasOwn(to, key)) {
      patch[key] = null;
    }
  }
  for (const [key, value] of Object.entries(to)) {
    if (Object.hasOwn(from, key) && isSame(from[key], value)) {
      continue;
    }
    patch[key] = isObject(from[key]) && isObject(value) ? mergePatch(from[key], value) : value;
  }
  return patch;
}

/** The keys in which two objects differ, sorted. */
export function differing(a, b) {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].filter(key => !isSame(a[key], b[key])).sort();
}
