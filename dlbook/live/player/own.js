// ── own.js: what the reader makes herself, a digit or a sentence, where frames are computed on the spot ─────────────

/** Stored ones to choose from, and behind them a place for the reader's own, which opens with `free`.
 * @param {(index: number) => Node | string} look what an option shows @param {Node[]} place where she makes it
 * @param {() => unknown} made what she has made, null while there is nothing */
function chooseOrMake(control, onMove, look, place, made) {
  const group = `dl-${++serial}`;
  const radio = (onchange) => make("input", { type: "radio", name: group, onchange });
  const inputs = control.values.map((_, index) => radio(() => onMove(index)));
  const labels = inputs.map((input, index) => make("label", {}, input, make("span", {}, look(index))));
  const mine = radio(() => made() !== null && onMove(made()));
  const own = make("label", { hidden: true }, mine, make("span", {}, "your own"));
  const workshop = make("div", { className: "dl-workshop", hidden: true }, ...place);
  const options = make("div", { className: "dl-options" }, ...labels, own);
  const legend = make("legend", {}, control.label);
  return {
    element: make("fieldset", { className: `dl-control dl-choice dl-${control.kind}` }, legend, options, workshop),
    set: (position) => { (inputs[position] ?? mine).checked = true; },
    free: () => { own.hidden = workshop.hidden = false; },
  };
}

BUILD.digit = (name, control, onMove) => {
  const pad = new Pad((levels) => onMove(levels));
  const clear = make("button", { type: "button", className: "dl-quiet", onclick: () => pad.clear() }, "Clear");
  const look = (index) => thumbnail(control.images[index], control.texts[index]);
  return chooseOrMake(control, onMove, look, [pad.element, pad.told, clear], () => pad.levels());
};

/** A stored digit as a small picture, ink dark on light paper in both themes. */
function thumbnail(levels, words) {
  const canvas = make("canvas", { width: 8, height: 8, className: "dl-thumbnail" });
  ink(canvas, levels, 1);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", words);
  return canvas;
}

BUILD.sentence = (name, control, onMove) => {
  const input = make("input", { type: "text", autocomplete: "off", spellcheck: false, value: kept().sentence ?? "" });
  input.setAttribute("aria-label", "Your own sentence");
  const told = make("p", { className: "dl-told" });
  told.setAttribute("role", "status");
  const made = () => faultOf(input.value, control) ? null : input.value.trim().split(/\s+/).join(" ");
  input.oninput = () => {
    told.textContent = faultOf(input.value, control);
    if (made() === null) return;
    keep("sentence", made());
    onMove(made());
  };
  const add = (word) => () => {
    input.value = `${input.value.trim()} ${word}`.trim();
    input.dispatchEvent(new Event("input"));
  };
  const words = control.vocabulary.map((word) => make("button", { type: "button", onclick: add(word) }, word));
  const list = make("details", {}, make("summary", {}, `The ${words.length} words that are known here`),
    make("div", { className: "dl-words" }, ...words));
  const look = (index) => control.texts[index];
  return chooseOrMake(control, onMove, look, [input, told, list], made);
};

/** What keeps a sentence from being read, in words; empty when nothing does. @param {string} text @param {Control} control */
function faultOf(text, control) {
  const { vocabulary, words } = control;
  const found = text.trim().split(/\s+/).filter(Boolean);
  const foreign = found.find((word) => !vocabulary.includes(word));
  if (foreign) return `“${foreign}” is not one of the ${vocabulary.length} words that are known here.`;
  if (words && found.length !== words) return `${found.length} of ${words} words.`;
  return found.length ? "" : "Type words, or choose them below.";
}
