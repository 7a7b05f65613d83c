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
