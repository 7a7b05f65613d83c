// ── reading.js: notes in the reader's own browser what she reads, and marks it on the map of the book ────────────────

const here = document.currentScript.dataset.page;

/** A page of the book is open: note when, whether its end is reached, how many of its folds are opened. */
function noteReading() {
  const now = new Date().toISOString(), before = noted("pages", here);
  const about = { first: before?.first ?? now, last: now, read: before?.read ?? null, folds: before?.folds ?? 0 };
  const keep = () => note("pages", { [here]: about });
  keep();
  const opened = new Set();
  document.querySelector("article").addEventListener("toggle", (event) => {
    const fold = /** @type {HTMLDetailsElement} */ (event.target);
    if (!fold.open || opened.has(fold) || fold.closest(".dl-guess")) return;
    opened.add(fold);
    about.folds = Math.max(about.folds, opened.size);
    keep();
  }, true);
  const end = document.querySelector("article .dl-key, article section:last-of-type > h2");
  if (!end || about.read) return;
  const watch = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    watch.disconnect();
    about.read = new Date().toISOString();
    keep();
  });
  watch.observe(end);
}

if (here) noteReading();
for (const link of document.querySelectorAll(".book-map a")) {
  const about = noted("pages", pageName(decodeURIComponent(link.getAttribute("href"))));
  if (!about) continue;
  const mark = Object.assign(document.createElement("small"), { className: "dl-done", textContent: about.read ? "read" : "begun" });
  link.after(mark);
}
