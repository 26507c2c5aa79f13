// Figures and times as a reader wants them.
const NONE = "–";
const MINUS = "−";
const signed = (text) => text.replace("-", MINUS);
const fixed = (value, digits) => signed(value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
const known = (value) => value !== null && value !== undefined && Number.isFinite(value);
const percent = (value, digits = 1) => (known(value) ? fixed(value * 100, digits) + "%" : NONE);
const plus = (value, text) => (known(value) && value > 0 ? "+" + text : text);

// A level of a target: hedges are percentages, betas and leverages are numbers.
function level(value, target) {
  if (!known(value)) return NONE;
  if (target === "beta" || target === "leverage") return signed(String(+value.toFixed(2)));
  return signed(String(+(value * 100).toFixed(1))) + "%";
}

// An amount with as many decimals as it needs.
function money(value) {
  if (!known(value)) return NONE;
  const size = Math.abs(value);
  return fixed(value, size >= 1000 || size === 0 ? 0 : size >= 1 ? 2 : 4);
}

function price(value) {
  if (!known(value)) return NONE;
  const size = Math.abs(value);
  return fixed(value, size >= 10000 ? 0 : size >= 100 ? 1 : size >= 1 ? 3 : 6);
}

// A number on an axis, short: 1.2M, 65k.
function short(value) {
  if (!known(value)) return "";
  for (const [size, unit] of [[1e9, "B"], [1e6, "M"], [1e4, "k"]]) {
    if (Math.abs(value) >= size) return signed(String(+(value / (unit === "k" ? 1e3 : size)).toPrecision(4))) + unit;
  }
  return signed(String(+value.toPrecision(6)));
}

const iso = (seconds) => new Date(seconds * 1000).toISOString();
const minute = (seconds) => iso(seconds).slice(0, 16).replace("T", " ");
const day = (seconds) => iso(seconds).slice(0, 10);
const moment = (seconds) => iso(seconds).replace(":00.000Z", "Z").replace(".000Z", "Z");
