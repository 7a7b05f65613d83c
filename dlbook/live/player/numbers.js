// ── numbers.js: numbers as a reader wants them ──────────────────────────────────────────────────────────────────────

/** Three significant digits or fewer, as Python's number_text writes them. @param {number} value */
function numberText(value) {
  const number = Number(value.toPrecision(3)), size = Math.abs(number);
  let text = String(number);
  if (size !== 0 && (size < 1e-4 || size >= 1e5)) {
    const [mantissa, exponent] = number.toExponential().split("e");
    const raised = String(Number(exponent)).replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
    text = `${{ 1: "", "-1": "-" }[mantissa] ?? `${mantissa}·`}10${raised}`;
  }
  return text.replace("-", "−");
}

/** The value at a position, or between two of a slider, as Python's Slider.asked finds it; what the reader made is its own.
 * @param {Control} control @param {number | Own} position @returns {any} */
function valueAt(control, position) {
  if (typeof position !== "number") return position;
  if (Number.isInteger(position)) return control.values[position];
  const before = Math.floor(position), part = position - before;
  const [low, high] = control.values.slice(before, before + 2).map(Number);
  return Number((control.between.log ? low * (high / low) ** part : low + (high - low) * part).toPrecision(3));
}

/** What stands beside a control. @param {Control} control @param {number} position */
function textAt(control, position) {
  if (Number.isInteger(position)) return control.texts[position];
  return `${numberText(valueAt(control, position))}${control.between.unit && ` ${control.between.unit}`}`;
}

/** The position whose value is the least far off. @param {Control} control @param {(value: any) => number} far */
function nearest(control, far) {
  const off = places(control).map((position) => far(valueAt(control, position)));
  return places(control)[off.indexOf(Math.min(...off))];
}

/** All positions that a control can take now: tenths of a step between those that are stored, once it is free. @param {Control} control */
function places(control) {
  const fine = control.free ? 10 : 1;
  return Array.from({ length: fine * (control.values.length - 1) + 1 }, (_, i) => i / fine);
}
