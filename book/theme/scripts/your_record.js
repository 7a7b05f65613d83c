// ── your_record.js: the page "Your record": what the reader's own browser has kept, to look at, take away, bring, erase ───

const place = /** @type {HTMLElement} */ (document.querySelector(".dl-record"));
/** @type {{title: string, pages: any[]}[]} */
const parts = JSON.parse(place.querySelector("script").textContent);
const OURS = /^dlbook\./;
const KINDS = ["guesses", "exercises", "pages", "cards"];

const kept = () => stored(RECORD) ?? {};
const count = (number, one, many) => `${number} ${number === 1 ? one : many}`;

/** What was said to some questions: how many were answered, and how many rightly. */
function answered(questions, guesses) {
  const given = questions.map(({ id }) => guesses[id]).filter((entry) => entry && entry.guess !== null);
  return { of: questions.length, given: given.length, judged: given.filter(({ right }) => right !== null).length,
    right: given.filter(({ right }) => right).length };
}

/** One cell of the table. */
function tally(questions, guesses) {
  const { of, given, judged, right } = answered(questions, guesses);
  return !of ? "none" : !given ? `0 of ${of}` : `${given} of ${of}${judged ? `, ${right} right` : ""}`;
}

function readingOf(about) {
  if (!about) return "not yet";
  const folds = about.folds ? `, ${count(about.folds, "fold", "folds")} opened` : "";
  return `${about.read ? "read" : "begun"} ${new Date(about.last).toLocaleDateString()}${folds}`;
}

function row(page, record) {
  const guesses = record.guesses ?? {}, exercises = page.exercises.map((id) => record.exercises?.[id]);
  const passed = exercises.filter((one) => one?.passed).length;
  const cells = [tally(page.guesses, guesses), tally(page.checks, guesses),
    exercises.length ? `${passed} of ${exercises.length}` : "none", readingOf(record.pages?.[page.name])];
  const head = make("th", { scope: "row" }, make("a", { href: page.href }, `${page.number} ${page.title}`));
  return make("tr", {}, head, ...cells.map((words) => make("td", {}, words)));
}

function table(part, record) {
  const heads = ["Page", "Predictions", "Check yourself", "Exercises", "Reading"].map((words) => make("th", { scope: "col" }, words));
  return make("div", { className: "dl-scroll" }, make("table", {}, make("caption", {}, part.title),
    make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...part.pages.map((page) => row(page, record)))));
}

/** What was answered wrongly, with a link to where it stands: worth another look. */
function again(record) {
  const wrong = parts.flatMap(({ pages }) => pages).flatMap((page) => [...page.guesses, ...page.checks]
    .filter(({ id }) => record.guesses?.[id]?.right === false)
    .map(({ asks, anchor }) => make("li", {}, make("a", { href: `${page.href}#${anchor}` }, asks), ` (${page.number} ${page.title})`)));
  return wrong.length ? [make("h2", {}, "Worth another look"), make("ul", {}, ...wrong)] : [];
}

function summary(record) {
  const all = (which) => answered(parts.flatMap(({ pages }) => pages.flatMap((page) => page[which])), record.guesses ?? {});
  const guesses = all("guesses"), checks = all("checks");
  if (!guesses.given && !checks.given && !Object.keys(record.pages ?? {}).length) return "Nothing is kept yet. Read a page, and come back.";
  const passed = Object.values(record.exercises ?? {}).filter((one) => one.passed).length;
  return `Predictions: you have committed to ${guesses.given}; of the ${guesses.judged} that can be judged, ${guesses.right} came out so. `
    + `Check yourself: ${checks.given} answered, ${checks.right} rightly. Exercises solved on the pages: ${passed}.`;
}

const said = make("p", { role: "status" });
const shown = make("div");

function show() {
  const record = kept();
  shown.replaceChildren(make("p", {}, summary(record)), ...again(record), make("h2", {}, "Page by page"), ...parts.map((part) => table(part, record)));
}

/** A file with everything that the book keeps in this browser, the reader's own code too. */
function take() {
  const code = Object.fromEntries(Object.keys(localStorage).filter((key) => key.startsWith("dlbook.code/")).map((key) => [key, localStorage[key]]));
  const text = JSON.stringify({ ...kept(), version: VERSION, code, exported: new Date().toISOString() }, null, 1);
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "application/json" })), download: "record.json" });
  link.click();
  URL.revokeObjectURL(link.href);
  said.textContent = "Saved as record.json.";
}

/** Of two entries of one id the later one stays. */
const later = (mine, theirs) => ((theirs.when ?? theirs.last ?? "") > (mine?.when ?? mine?.last ?? "") ? theirs : mine ?? theirs);

/** Add what a file holds to what is kept. @param {string} text */
function bring(text) {
  const record = JSON.parse(text);
  if (record?.version !== VERSION) throw new Error(`expected a record of version ${VERSION}, got ${record?.version ?? "none"}`);
  const mine = kept();
  for (const kind of KINDS) {
    const theirs = Object.entries(record[kind] ?? {}).filter(([, entry]) => entry && typeof entry === "object");
    if (!theirs.length) continue;
    if (!note(kind, Object.fromEntries(theirs.map(([id, entry]) => [id, later(mine[kind]?.[id], entry)])))) throw new Error("this browser keeps nothing");
  }
  for (const [key, code] of Object.entries(record.code ?? {})) if (key.startsWith("dlbook.code/")) localStorage.setItem(key, String(code));
}

const chooser = make("input", { type: "file", accept: ".json,application/json", hidden: true });
chooser.onchange = async () => {
  try {
    bring(await chooser.files[0].text());
    said.textContent = "The record has been added to what was here.";
  } catch (error) {
    said.textContent = `That file is no record of this book: ${error.message}. Nothing was changed.`;
  }
  chooser.value = "";
  show();
};

/** The first press asks, the second erases. */
function erase() {
  if (eraser.textContent === "Erase everything") {
    eraser.textContent = "Really erase everything?";
    return;
  }
  for (const key of Object.keys(localStorage).filter((key) => OURS.test(key))) localStorage.removeItem(key);
  eraser.textContent = "Erase everything";
  said.textContent = "Everything that this book kept in this browser is gone.";
  show();
}

const button = (words, onclick) => make("button", { type: "button", onclick }, words);
const eraser = button("Erase everything", erase);
const works = (() => { try { localStorage.setItem("dlbook.try", "1"); localStorage.removeItem("dlbook.try"); return true; } catch { return false; } })();
if (works) {
  eraser.onblur = () => { eraser.textContent = "Erase everything"; };
  place.replaceChildren(make("div", { className: "dl-tools" }, button("Export", take), button("Import", () => chooser.click()), eraser), chooser, said, shown);
  show();
} else {
  place.replaceChildren(make("p", {}, "This browser keeps nothing for this page, so there is no record: guesses and answers last as long as a visit."));
}
