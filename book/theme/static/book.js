// What a page does beyond being read: theme, search, copying code, previews of terms, the section being read.
// Everything here is a comfort; the page is complete without it.

"use strict";

const root = document.documentElement;

/**
 * @param {string} tag
 * @param {Record<string, string>} [attributes]
 * @param {...(Node|string)} children
 * @returns {HTMLElement}
 */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Light or dark: the reader's choice is kept; choosing what the system has gives the choice back to it. */
function themeSwitch() {
  const button = document.getElementById("switch-theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const show = (/** @type {boolean} */ dark) => {
    root.dataset.theme = dark ? "dark" : "light";
    button.setAttribute("aria-pressed", String(dark));
  };
  const keep = (/** @type {string|null} */ theme) => {
    try {
      theme ? localStorage.setItem("theme", theme) : localStorage.removeItem("theme");
    } catch {} // storage is refused: the choice lasts as long as the page
  };
  show(root.dataset.theme === "dark");
  button.addEventListener("click", () => {
    const dark = root.dataset.theme !== "dark";
    show(dark);
    keep(dark === system.matches ? null : root.dataset.theme);
  });
  system.addEventListener("change", () => {
    keep(null);
    show(system.matches);
  });
}

// ------------------------------------------------------------------------------------------------------- search

/** @type {Map<string, Promise<void>>} */
const loading = new Map();

/**
 * Load a plain script, once: this also works from a disk. One that was lost on its way may be asked for again.
 * @param {string} name
 */
function load(name) {
  if (!loading.has(name)) {
    loading.set(name, new Promise((done, failed) => {
      const script = make("script", { src: root.dataset.content_root + name });
      script.addEventListener("load", () => done());
      script.addEventListener("error", () => (loading.delete(name), failed(new Error(`${name} could not be loaded`))));
      document.head.append(script);
    }));
  }
  return loading.get(name);
}

/** Load Sphinx's search, its word stems and its index. */
async function loadIndex() {
  Object.assign(window, { SPHINX_HIGHLIGHT_ENABLED: false, _ready: () => {} }); // we call it, it does not start itself
  await load("_static/language_data.js");
  await load("_static/searchtools.js");
  await load("searchindex.js");
  for (const words of [Search._index.terms, Search._index.titleterms]) Object.setPrototypeOf(words, WORDS);
}

/** Sphinx looks words up in plain objects, which have a `constructor` of their own; these have the one method it calls. */
const WORDS = Object.create(null, { hasOwnProperty: { value(/** @type {string} */ word) { return Object.hasOwn(this, word); } } });

/**
 * Show what is found for a query: a list of links, best first.
 * @param {string} query
 * @param {HTMLElement} place
 */
async function search(query, place) {
  query = query.trim();
  place.dataset.query = query;
  if (!query) return place.replaceChildren();
  const lost = await loadIndex().then(() => "", () => "The book’s index could not be loaded. Type on, and it is tried again.");
  if (place.dataset.query !== query) return; // the reader has typed on
  if (lost) return place.replaceChildren(make("p", { role: "status" }, lost));
  const found = Search._performSearch(...Search._parseQuery(query)).reverse(); // Search is Sphinx's, of searchtools.js
  const links = found.slice(0, 30).map((/** @type {string[]} */ [page, title, anchor]) => {
    const term = /^#term-(.+)/.exec(anchor)?.[1].replaceAll("-", " ");
    const [place, section = term] = title.split(" > ");
    const link = make("a", { href: `${root.dataset.content_root}${page}.html${anchor}` }, section ?? place);
    if (section) link.append(make("small", {}, place));
    return make("li", {}, link);
  });
  const count = found.length === 1 ? "1 place" : `${found.length || "No"} places`;
  place.replaceChildren(make("p", { role: "status" }, `${count} found`), make("ol", {}, ...links));
}

function searchDialog() {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("search"));
  const field = dialog.querySelector("input");
  const results = /** @type {HTMLElement} */ (dialog.querySelector("[data-search-results]"));
  const open = () => {
    if (!dialog.open) dialog.showModal();
    field.select();
    loadIndex().catch(() => {}); // who searches is told
  };
  document.getElementById("open-search").addEventListener("click", open);
  document.getElementById("close-search").addEventListener("click", () => dialog.close());
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  field.addEventListener("input", () => search(field.value, results));
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const first = results.querySelector("a");
    if (first) first.click();
  });
  dialog.addEventListener("keydown", (event) => moveAmong([field, ...results.querySelectorAll("a")], event));
  dialog.addEventListener("click", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target === dialog || target.closest("[data-search-results] a")) dialog.close();
  });
}

/**
 * Arrow keys walk through a list.
 * @param {HTMLElement[]} items
 * @param {KeyboardEvent} event
 */
function moveAmong(items, event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  if (!step || at < 0) return;
  event.preventDefault();
  items[Math.max(0, Math.min(items.length - 1, at + step))].focus();
}

function searchPage() {
  const form = document.getElementById("search-form");
  if (!form) return;
  const field = form.querySelector("input");
  const results = document.getElementById("search-page-results");
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  search(field.value, results);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    history.replaceState(null, "", `?q=${encodeURIComponent(field.value)}`);
    search(field.value, results);
  });
}

// ------------------------------------------------------------------------------------------------------ the text

/** A button on each piece of Python copies it. */
function copyButtons() {
  for (const code of document.querySelectorAll(".cell_input .highlight, .highlight-python .highlight")) {
    const button = make("button", { type: "button", class: "copy", "aria-label": "Copy this code" }, "Copy");
    const text = code.querySelector("pre").textContent.replace(/\n$/, "");
    button.addEventListener("click", async () => {
      button.textContent = (await copied(text)) ? "Copied" : "Press Ctrl C";
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
    code.append(button);
  }
}

/**
 * @param {string} text
 * @returns {Promise<boolean>}
 */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // a page served without encryption may not write to the clipboard
  }
}

/** What scrolls sideways must be reachable with the keyboard. */
function reachableScrollers() {
  const check = (/** @type {Element} */ element) => {
    if (element.scrollWidth > element.clientWidth + 1) element.setAttribute("tabindex", "0");
    else element.removeAttribute("tabindex");
  };
  const watch = new ResizeObserver((entries) => entries.forEach(({ target }) => check(target)));
  const scrollers = document.querySelectorAll(
    ":is(pre, div.math, .pst-scrollable-table-container, .dl-scroll, .text_html:has(table)):not(live-figure *)",
  );
  scrollers.forEach((element) => watch.observe(element));
  document.fonts.addEventListener("loadingdone", () => scrollers.forEach(check)); // mathematics grows with its font
}

/** Terms and citations show what they mean, on hover and on focus; Escape dismisses, the preview itself can be hovered. */
function previews() {
  const box = make("div", { id: "preview", class: "preview", role: "tooltip", hidden: "" });
  document.body.append(box);
  /** @type {HTMLElement|undefined} */
  let shown;
  let timer = 0;
  const hide = () => {
    clearTimeout(timer);
    box.hidden = true;
    shown?.removeAttribute("aria-describedby");
    shown = undefined;
  };
  const show = (/** @type {HTMLElement} */ link) => {
    hide();
    shown = link;
    box.textContent = link.dataset.preview;
    box.hidden = false;
    link.setAttribute("aria-describedby", "preview");
    const line = link.getClientRects()[0];
    const left = Math.min(line.left, root.clientWidth - box.offsetWidth - 16);
    const above = line.bottom + box.offsetHeight + 12 > innerHeight && line.top > box.offsetHeight + 12;
    box.style.left = `${Math.max(16, left) + scrollX}px`;
    box.style.top = `${(above ? line.top - box.offsetHeight - 6 : line.bottom + 6) + scrollY}px`;
  };
  const soon = (/** @type {() => void} */ act, /** @type {number} */ wait) => {
    clearTimeout(timer);
    timer = setTimeout(act, wait);
  };
  for (const link of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("a[data-preview]"))) {
    link.addEventListener("mouseenter", () => soon(() => show(link), 180));
    link.addEventListener("mouseleave", () => soon(hide, 250));
    link.addEventListener("focus", () => link.matches(":focus-visible") && show(link));
    link.addEventListener("blur", hide);
  }
  box.addEventListener("mouseenter", () => clearTimeout(timer));
  box.addEventListener("mouseleave", () => soon(hide, 250));
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
}

// ------------------------------------------------------------------------------------------------- the sections

/** The list of sections marks the one being read, and gives way to what stands in the margin. */
function sectionsBeside() {
  const list = document.querySelector(".sections-beside");
  if (!list) return;
  const links = [...list.querySelectorAll("a")].filter((link) => link.offsetParent);
  const sections = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  const inMargin = [...document.querySelectorAll("article :is(.margin, .dl-aside, .sidenote, live-figure, .dl-wide, .dl-report)")];
  const update = () => {
    const current = sections.findLastIndex((section) => section && section.getBoundingClientRect().top < innerHeight / 3);
    links.forEach((link, i) => (i === current ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")));
    const own = list.getBoundingClientRect();
    const crossed = inMargin.some((element) => {
      const other = element.getBoundingClientRect();
      return other.right > own.left && other.top < own.bottom + 16 && other.bottom > own.top - 16;
    });
    list.classList.toggle("makes-room", crossed);
  };
  let asked = false;
  const ask = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => ((asked = false), update()));
  };
  addEventListener("scroll", ask, { passive: true });
  addEventListener("resize", ask);
  update();
}

/** Following a link closes the drawer; the page in view is in sight in the list of contents. */
function contents() {
  const list = document.getElementById("contents");
  list.addEventListener("click", (event) => {
    if (/** @type {HTMLElement} */ (event.target).closest("a") && list.matches(":popover-open")) list.hidePopover();
  });
  const here = /** @type {HTMLElement} */ (list.querySelector("li [aria-current='page']"));
  if (here && here.offsetTop > list.clientHeight) list.scrollTop = here.offsetTop - list.clientHeight / 2;
}

themeSwitch();
searchDialog();
searchPage();
copyButtons();
reachableScrollers();
previews();
sectionsBeside();
contents();
