// ── cells.js: the code cells of a page, once they run ────────────────────────────────────────────────────────────────

document.head.append(Object.assign(document.createElement("style"), { textContent: STYLE })); // of the editor

const SLOWER = 6; // how much longer a cell takes here than where the book was built, in the middle
const WORTH_SAYING = 4; // seconds
const MOST_LETTERS = 200_000; // of what a cell prints
const NOT_HERE = "This cell needs PyTorch, which does not run inside a web page. What stands below it came out when the book was built.";
const SCROLLS = { tabIndex: 0 }; // by keyboard too
const DEEP = /call stack|recursion|memory access|unreachable/i;

/** @returns {any} an element */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const whole = (text) => text.replace(/\n$/, "");
const seconds = (s) => (s < 0.1 ? "less than 0.1 s" : s < 10 ? `${s.toFixed(1)} s` : `${Math.round(s)} s`);

/** The reader's own text of each cell, in her browser; for this visit where it keeps nothing. */
class Kept {
  constructor(page) { this.page = page; this.visit = {}; }
  key(id) { return `dlbook.code/${this.page}#${id}`; }
  get(id) {
    try { return localStorage.getItem(this.key(id)) ?? this.visit[id]; } catch { return this.visit[id]; }
  }
  set(id, text) {
    this.visit[id] = text;
    try { text === undefined ? localStorage.removeItem(this.key(id)) : localStorage.setItem(this.key(id), text); } catch {} // refused
  }
}

/** Where a cell's results go: what the book shows steps aside for what the reader's run shows. */
class Results {
  constructor(cell) { this.cell = cell; }

  begin() {
    this.own ??= make("div", { className: "cell_output dl-own", ariaLive: "polite" });
    this.own.replaceChildren();
    this.cell.place.append(this.own);
    this.book.forEach((output) => (output.hidden = true));
    this.stream = null;
  }

  get book() { return [...this.cell.place.querySelectorAll(":scope > .cell_output:not(.dl-own)")]; }

  back() {
    this.own?.remove();
    this.book.forEach((output) => (output.hidden = false));
  }

  block(kind, ...children) {
    this.stream = null;
    this.own.append(make("div", { className: `output ${kind}` }, ...children));
  }

  print(text) {
    if (!this.stream) {
      const pre = make("pre", SCROLLS);
      this.block("stream", pre);
      [this.stream, this.printed] = [pre, ""];
    }
    const lines = `${this.printed}${text}`.slice(-MOST_LETTERS).split("\n");
    this.printed = lines.map((line) => line.slice(line.lastIndexOf("\r", line.length - 2) + 1)).join("\n"); // "\r" begins a line anew
    this.stream.textContent = this.printed.replaceAll("\r", "");
  }

  show(bundle) {
    if (bundle.figure) return this.block("text_plain", make("p", {}, "This figure stands on the page, ", make("a", { href: `#${bundle.figure}` }, "alive"), "."));
    if (!bundle["text/html"]) return this.block("text_plain", make("pre", { ...SCROLLS, textContent: bundle["text/markdown"] ?? bundle["text/plain"] }));
    const place = make("div", { innerHTML: bundle["text/html"] });
    this.block("text_html", place);
    for (const still of place.querySelectorAll("script")) still.replaceWith(make("script", { textContent: still.textContent })); // or it would not run
  }

  fail({ text }) { this.block("traceback", make("pre", { ...SCROLLS, textContent: text })); }
  note(...children) { this.block("dl-note", make("p", {}, ...children)); }
}

class Cell {
  constructor(about, number, input, cells) {
    Object.assign(this, about, { number, input, cells });
    this.place = input?.closest(".cell");
    this.original = this.text = input ? whole(input.querySelector("pre").textContent) : about.source;
    this.results = input && new Results(this);
    const kept = input && cells.kept.get(this.id);
    if (kept !== undefined && kept !== null && kept !== this.original) this.text = kept;
    if (input) this.addBar();
  }

  get changed() { return this.text !== this.original; }

  addBar() {
    this.status = make("span", { className: "dl-run-status", role: "status" });
    const button = (textContent, onclick) => make("button", { type: "button", className: "dl-quiet", textContent, onclick, hidden: true });
    this.reset = button("Reset", () => this.restore());
    this.stop = button("Stop", () => this.cells.stop());
    this.group = this.input.querySelector(".dl-run");
    this.group.append(this.reset, this.stop, this.status);
    this.mark();
  }

  mark() {
    if (this.reset) this.reset.hidden = !this.changed;
    this.place?.classList.toggle("dl-changed", this.changed);
  }

  type(text) {
    this.text = text;
    this.cells.kept.set(this.id, this.changed ? text : undefined);
    this.mark();
  }

  restore() {
    this.type(this.original);
    if (this.editor) this.editor.text = this.original;
    this.results.back();
    this.say("As the book has it.");
    (this.editor ?? this.group.querySelector("button")).focus();
  }

  /** Turn the code into an editor; into a plain field where the editor cannot be loaded. */
  async edit() {
    if (this.editor) return;
    const pre = this.input.querySelector(".highlight"), place = make("div", { className: "dl-editor" });
    const how = { changed: (text) => this.type(text), run: () => this.cells.run(this), label: "Python; Shift and Enter run it, Escape and Tab leave it" };
    try {
      if (!globalThis.dlEditor) await this.cells.loadEditor();
      this.editor ??= globalThis.dlEditor(place, this.text, how);
    } catch {
      this.editor ??= plainField(place, this.text, how);
    }
    pre.hidden = true;
    pre.after(place);
  }

  say(text) { this.status.textContent = text; }
}

/** The simplest editor that there is. */
function plainField(place, text, { changed, run, label }) {
  const field = make("textarea", { value: text, spellcheck: false, ariaLabel: label, rows: text.split("\n").length + 1 });
  field.addEventListener("input", () => changed(field.value));
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.shiftKey || event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    run();
  });
  place.append(field);
  return { focus: () => field.focus(), get text() { return field.value; }, set text(next) { field.value = next; } };
}

class Cells {
  constructor({ page, cells, inputs, editor }) {
    this.kept = new Kept(page);
    this.loadEditor = editor;
    const places = inputs.values();
    this.all = cells.map((about, i) => new Cell(about, i + 1, about.source ? null : places.next().value, this));
    this.ran = new Map(); // cell → the text of it that has run
    this.python = globalThis.dlPython;
  }

  async press(id, what) {
    const cell = this.all.find((one) => one.id === id);
    await cell.edit();
    if (what === "run") return this.run(cell);
    cell.editor.focus();
  }

  /** Run a cell, and before it what it needs of those above. */
  async run(cell) {
    if (this.running) return cell.say("Something else is running.");
    if (!cell.changed && cell.needs.includes("torch")) return this.elsewhere(cell);
    if (!(await this.mayLoad(cell))) return;
    this.running = cell;
    cell.stop.hidden = false;
    try {
      await this.attempt(cell);
    } catch (error) {
      this.ran.clear();
      this.python.stop();
      cell.say(ended(error.message));
    } finally {
      this.running = null;
      cell.stop.hidden = true;
    }
  }

  async attempt(cell) {
    const progress = (come, all, words) => cell.say(come < all ? `${words}: ${come.toFixed(1)} of ${all.toFixed(1)} MB` : `${words} …`);
    if (!this.python.alive) this.ran.clear();
    await this.python.start({ progress });
    const before = await this.before(cell);
    const all = SLOWER * before.reduce((sum, one) => sum + one.seconds, 0), long = all > WORTH_SAYING ? `, about ${seconds(all)} in all` : "";
    for (const [i, one] of before.entries()) {
      cell.say(`Running what it needs of the cells above: ${i + 1} of ${before.length}${long} …`);
      if (!(await this.execute(one, one.changed, progress))) {
        return cell.status.replaceChildren("A cell above it has stopped with an error: ", make("a", { href: `#run-${one.id}` }, "see there"), ".");
      }
    }
    if ((await this.python.needs(cell.text)).includes("torch")) return this.elsewhere(cell);
    const expected = cell.seconds * SLOWER;
    cell.say(expected > WORTH_SAYING && !cell.changed ? `Running; it takes about ${seconds(expected)} here …` : "Running …");
    const began = performance.now();
    if (await this.execute(cell, true, progress)) {
      cell.say(`Ran in ${seconds((performance.now() - began) / 1000)}.`);
      this.noteCheck(cell);
    } else cell.say("Stopped with an error.");
  }

  /** An exercise whose answer was judged goes into the reader's record. */
  noteCheck(cell) {
    const box = cell.results?.own?.querySelector(".dl-check-passed, .dl-check-not-right"), passed = box?.matches(".dl-check-passed");
    if (!box) return;
    const id = `${pageName(this.kept.page)}#${cell.id}`, before = noted("exercises", id);
    const when = new Date().toISOString(), tries = (before?.tries ?? 0) + 1;
    note("exercises", { [id]: { passed: passed || Boolean(before?.passed), tries, when } });
  }

  /** The cells that are run first, as they stand now (dlbook/sphinx/python.py says which), each once. */
  async before(cell) {
    const above = this.all.slice(0, this.all.indexOf(cell)), { cells } = await this.origins(cell);
    const needed = (one, i) => cells.includes(i) || (cell.kind !== "exercise" && (one.changed || one.kind === "runs"));
    return above.filter((one, i) => needed(one, i) && this.ran.get(one) !== one.text);
  }

  /** Where a cell has its names from, {imports, cells}; asked anew where a text was changed. */
  async origins(cell) {
    const above = this.all.slice(0, this.all.indexOf(cell));
    if (![cell, ...above].some((one) => one.changed)) return cell.from;
    return this.python.call("dlbook.browser.needs", "origins", { source: cell.text, before: above.map((one) => one.text) });
  }

  async execute(cell, shown, progress) {
    const results = cell.results;
    if (shown && results) results.begin();
    const to = shown && results ? { show: (bundle) => results.show(bundle), print: (text) => results.print(text) } : {};
    const { imports } = await this.origins(cell);
    if (imports) await this.python.run(imports, { name: "imports", progress });
    const torch = !cell.changed && cell.needs.includes("torch"); // passed over, but for what it imports
    const text = torch ? await this.python.call("dlbook.browser.needs", "imports_without_torch", { source: cell.text }) : cell.text;
    const { ok, error } = await this.python.run(text, { ...to, name: `cell ${cell.number}`, progress });
    if (ok) this.ran.set(cell, cell.text);
    else if (results) {
      if (!shown) results.begin();
      results.fail(error);
      const lost = /name '(\w+)' is not defined/.exec(error.message)?.[1];
      if (lost && this.madeElsewhere(lost)) results.note(`${lost} is made in a cell that needs PyTorch, so it is not here.`);
    }
    return ok;
  }

  madeElsewhere(name) {
    return this.all.some((one) => one.needs.includes("torch") && new RegExp(`\\b${name}\\b`).test(one.text));
  }

  /** A cell that needs PyTorch says where it runs. */
  elsewhere(cell) {
    const colab = document.querySelector('.page-buttons a[href*="colab"]'), notebook = document.querySelector(".page-buttons a[download]");
    const ways = [colab && ["open the page in Colab", colab.href], notebook && ["download its notebook", notebook.href]].filter(Boolean);
    cell.status.replaceChildren(NOT_HERE, ways.length ? " To run it, " : "");
    ways.forEach(([words, href], i) => cell.status.append(i ? " or " : "", make("a", { href }, words)));
    if (ways.length) cell.status.append(".");
  }

  /** On a line that is paid for by the megabyte the first load is asked for. */
  mayLoad(cell) {
    const line = /** @type {any} */ (navigator).connection;
    if (this.python.alive || this.allowed || !(line?.saveData || line?.type === "cellular")) return true;
    return new Promise((answer) => {
      const reply = (allowed) => () => { this.allowed = allowed; cell.say(""); answer(allowed); };
      cell.status.replaceChildren("Python is 8 MB, loaded once. ",
        make("button", { type: "button", className: "dl-quiet", textContent: "Load it", onclick: reply(true) }),
        make("button", { type: "button", className: "dl-quiet", textContent: "Not now", onclick: reply(false) }));
    });
  }

  stop() { this.python.stop(); }
}

/** What to say when Python has come to an end before the cell has. */
function ended(message) {
  if (message === "Stopped.") return "Stopped. What the cells had made is gone; the next Run makes it again.";
  if (DEEP.test(message)) {
    return "Python has ended: something was nested or chained too deeply for a web page, such as many thousand operations in a row that are let go at once. It starts afresh at the next Run.";
  }
  return `Python has ended: ${message}. It starts afresh at the next Run.`;
}

globalThis.dlCells = (told) => new Cells(told);
