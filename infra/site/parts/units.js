// Lengths and sizes as people read them.

/** `1:02:03` @param {number} seconds */
export function clock(seconds) {
  const all = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, String(all % 60).padStart(2, "0")];
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** @param {number} count */
export function bytes(count) {
  const [unit, size] = count >= 1e9 ? ["gigabyte", 1e9] : count >= 1e6 ? ["megabyte", 1e6] : ["kilobyte", 1e3];
  const how = { style: /** @type {const} */ ("unit"), unit, maximumFractionDigits: count < 1e10 && size > 1e3 ? 1 : 0 };
  return new Intl.NumberFormat(document.documentElement.lang, how).format(count / size);
}

/** @param {number} seconds */
export function time(seconds) {
  const [unit, size] = seconds >= 5400 ? ["hour", 3600] : seconds >= 90 ? ["minute", 60] : ["second", 1];
  const how = { style: /** @type {const} */ ("unit"), unit, unitDisplay: /** @type {const} */ ("long") };
  return new Intl.NumberFormat(document.documentElement.lang, { ...how, maximumFractionDigits: 0 }).format(Math.ceil(seconds / size));
}
