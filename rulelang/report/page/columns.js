// Columns of a million numbers: unpacked once, and shown as so many least and greatest values as there are pixels.

// Return the bytes of base64 as numbers of a type.
function numbers(text, Type) {
  if (Uint8Array.fromBase64) return new Type(Uint8Array.fromBase64(text).buffer);
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at++) bytes[at] = raw.charCodeAt(at);
  return new Type(bytes.buffer);
}

const BLOCK = 1024;
const MISSING = 65535;

// Return a packed column as single-precision numbers, NaN where missing.
function unpacked(packed, count) {
  const values = new Float32Array(count);
  if ("at" in packed) {
    const at = numbers(packed.at, Uint32Array);
    const value = numbers(packed.value, Float64Array);
    for (let run = 0; run < at.length; run++) values.fill(value[run], at[run], run + 1 < at.length ? at[run + 1] : count);
    return values;
  }
  const low = numbers(packed.low, Float64Array);
  const step = numbers(packed.step, Float64Array);
  const code = numbers(packed.code, Uint16Array);
  for (let block = 0; block < low.length; block++) {
    const from = low[block];
    const by = step[block];
    const end = Math.min(count, (block + 1) * BLOCK);
    for (let at = block * BLOCK; at < end; at++) values[at] = code[at] === MISSING ? NaN : from + by * code[at];
  }
  return values;
}

// Return the times of bars, of stretches without a gap.
function unpackedTimes(packed, count, bars) {
  const at = numbers(packed.at, Uint32Array);
  const value = numbers(packed.value, Float64Array);
  const times = new Float64Array(count);
  for (let run = 0; run < at.length; run++) {
    const end = run + 1 < at.length ? at[run + 1] : count;
    for (let bar = at[run], time = value[run]; bar < end; bar++, time += bars) times[bar] = time;
  }
  return times;
}

// Return the first place in sorted numbers whose value is above a value.
function placeAbove(sorted, value, low = 0) {
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

// A column with a pyramid above it: each level has the least and the greatest value of two places of the one below,
// and which of them came first.
class Column {
  constructor(values) {
    this.values = values;
    this.levels = [];
  }

  level(depth) {
    while (this.levels.length < depth) {
      const below = this.levels[this.levels.length - 1];
      this.levels.push(below ? merged(below) : paired(this.values));
    }
    return this.levels[depth - 1];
  }

  // Put the values of the places that a view shows into an array for drawing, null where missing.
  shown(view) {
    const { first, end, depth } = view;
    const found = new Array(depth ? 2 * (end - first) : end - first);
    if (!depth) {
      for (let at = first; at < end; at++) {
        const value = this.values[at];
        found[at - first] = value === value ? value : null;
      }
      return found;
    }
    const { low, high, falls } = this.level(depth);
    for (let at = first, to = 0; at < end; at++, to += 2) {
      const some = low[at] <= high[at];
      found[to] = !some ? null : falls[at] ? high[at] : low[at];
      found[to + 1] = !some ? null : falls[at] ? low[at] : high[at];
    }
    return found;
  }
}

function paired(values) {
  const count = Math.ceil(values.length / 2);
  const level = { low: new Float32Array(count), high: new Float32Array(count), falls: new Uint8Array(count) };
  for (let at = 0; at < count; at++) {
    const one = values[2 * at];
    const other = 2 * at + 1 < values.length ? values[2 * at + 1] : NaN;
    const a = one === one ? one : other;
    const b = other === other ? other : one;
    level.low[at] = a === a ? Math.min(a, b) : Infinity;
    level.high[at] = a === a ? Math.max(a, b) : -Infinity;
    level.falls[at] = a > b ? 1 : 0;
  }
  return level;
}

function merged(below) {
  const count = Math.ceil(below.low.length / 2);
  const level = { low: new Float32Array(count), high: new Float32Array(count), falls: new Uint8Array(count) };
  for (let at = 0; at < count; at++) {
    const a = 2 * at;
    const b = a + 1 < below.low.length ? a + 1 : a;
    const lowLater = below.low[b] < below.low[a];
    const highLater = below.high[b] > below.high[a];
    level.low[at] = lowLater ? below.low[b] : below.low[a];
    level.high[at] = highLater ? below.high[b] : below.high[a];
    level.falls[at] = lowLater === highLater ? below.falls[lowLater ? b : a] : lowLater ? 1 : 0;
  }
  return level;
}

// Return which places of columns show a stretch of time on so many pixels: bars where they fit, else a level.
function viewOf(times, from, to, pixels) {
  const first = Math.max(0, placeAbove(times, from) - 2);
  const end = Math.min(times.length, placeAbove(times, to) + 1);
  const depth = Math.max(0, Math.floor(Math.log2((end - first) / pixels)));
  if (depth < 1) return { first, end, depth: 0, from, to };
  const size = 2 ** depth;
  return { first: Math.floor(first / size), end: Math.ceil(end / size), depth, from, to };
}

// Return the times that belong to what `Column.shown` gives.
function shownTimes(times, { first, end, depth }) {
  if (!depth) return Array.from(times.subarray(first, end));
  const size = 2 ** depth;
  const found = new Array(2 * (end - first));
  for (let at = first, to = 0; at < end; at++, to += 2) {
    found[to] = times[at * size];
    found[to + 1] = times[Math.min(times.length - 1, at * size + size / 2)];
  }
  return found;
}

// Return how far a column is below its highest so far, as a fraction.
function drawdown(values) {
  const found = new Float32Array(values.length);
  let highest = -Infinity;
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (value > highest) highest = value;
    found[at] = highest > 0 ? value / highest - 1 : NaN;
  }
  return found;
}

// Return the sum up to each bar, missing ones counted as nothing; one place more than bars.
function sums(values) {
  const found = new Float64Array(values.length + 1);
  for (let at = 0; at < values.length; at++) found[at + 1] = found[at] + (values[at] === values[at] ? values[at] : 0);
  return found;
}
