// ── draw.js: one panel, drawn by Vega in the colours of the page ────────────────────────────────────────────────────

/** Whether the page around an element is dark: the book's choice, else the notebook's, else the system's. */
function isDark() {
  const root = document.documentElement, body = document.body;
  const said = root.dataset.theme || body.dataset.theme || root.getAttribute("theme");
  if (said === "dark" || said === "light") return said === "dark";
  if (body.dataset.jpThemeLight) return body.dataset.jpThemeLight === "false";
  if (body.dataset.vscodeThemeKind) return /dark/.test(body.dataset.vscodeThemeKind);
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** The palette's light colours → what they are on this page now: the page's own variables, else the palette's. */
function colours() {
  const page = getComputedStyle(document.documentElement), dark = isDark();
  return Object.fromEntries(Object.entries(PALETTE).map(([name, [light, night]]) =>
    [light, page.getPropertyValue(`--dl-${name}`).trim() || (dark ? night : light)]));
}

/** Give an element the palette's variables where the page has none of its own (a notebook). */
function lendColours(element) {
  const page = getComputedStyle(document.documentElement), dark = isDark();
  for (const [name, [light, night]] of Object.entries(PALETTE)) {
    if (!page.getPropertyValue(`--dl-${name}`)) element.style.setProperty(`--dl-${name}`, dark ? night : light);
  }
}

/** A chart's specification in the page's colours and font. */
function themed(spec, element) {
  const now = colours();
  const text = JSON.stringify(spec).replace(/#[0-9a-f]{6}/gi, (hex) => now[hex.toLowerCase()] ?? hex);
  return JSON.parse(text.replaceAll("dl-font", getComputedStyle(element).fontFamily.replaceAll('"', "'")));
}

/** A field as a canvas, one pixel a cell, coloured by a Vega scale. @param {Table} table */
function paint({ field, shape: [height, width] }, scale) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d"), image = context.createImageData(width, height);
  const known = new Map();
  const colour = (value) => {
    if (!known.has(value)) known.set(value, scale(value).match(/[\d.]+/g).map(Number));
    return known.get(value);
  };
  field.forEach((value, i) => {
    const row = height - 1 - Math.floor(i / width), at = 4 * (row * width + (i % width));
    image.data.set(colour(value), at);
    image.data[at + 3] = 255;
  });
  context.putImageData(image, 0, 0);
  return canvas;
}

const OPTIONS = {
  mode: "vega", renderer: "canvas", actions: false, tooltip: false, defaultStyle: false, hover: false, logLevel: 1,
};

/** One chart of a figure in its box. */
class Panel {
  /** @param {HTMLElement} box holds the poster, then the chart @param {any} spec compiled Vega */
  constructor(box, spec) {
    this.box = box;
    this.spec = spec;
    this.named = spec.data.map((data) => data.name);
    this.chart = document.createElement("div");
    this.chart.className = "dl-chart";
    /** @type {Frame} */
    this.frame = null;
    /** @type {Record<string, Value>} */
    this.values = {};
  }

  /** Draw anew, with the colours of the page as they are now. */
  async show() {
    this.view?.finalize();
    this.box.append(this.chart);
    const autosize = { type: "fit", contains: "padding" };
    const spec = { ...themed(this.spec, this.box), ...this.size(), autosize };
    this.view = (await globalThis.dlVegaEmbed(this.chart, spec, OPTIONS)).view;
    this.fitted = false;
    if (this.frame) await this.draw(this.frame, this.values);
  }

  size() {
    return this.drawn = { width: this.box.clientWidth, height: this.box.clientHeight };
  }

  /** Give the box the height at which the plot itself, without axes and titles, has its proportions. */
  async fit() {
    this.fitted = true;
    await this.view.resize().runAsync(); // with the axes that the data have given it
    const { width, height } = this.drawn;
    const across = Math.round(width - this.view.width()), down = Math.round(height - this.view.height());
    this.box.style.paddingBottom = `calc((100% - ${across}px) * ${this.spec.usermeta.ratio} + ${down}px)`;
    await this.resize();
    this.box.classList.add("dl-live");
  }

  async resize() {
    const before = this.drawn, { width, height } = this.size();
    if (this.view && width && (width !== before.width || height !== before.height)) {
      await this.view.width(width).height(height).runAsync();
    }
  }

  /** @param {Frame} frame @param {Record<string, Value>} values of the controls, which are signals of the chart */
  async draw(frame, values) {
    this.frame = frame;
    this.values = values;
    for (const [name, value] of Object.entries(values)) this.view.signal(name, value);
    for (const [name, table] of Object.entries(frame.tables)) {
      if (this.named.includes(name)) this.view.data(name, this.rows(name, table));
    }
    await this.view.runAsync();
    if (!this.fitted) await this.fit();
  }

  /** @param {string} name @param {Table} table */
  rows(name, table) {
    if (table.field) {
      const [x, x2, y, y2] = table.extent;
      const image = this.spec.usermeta.images[name];
      return [{ x, x2, y, y2, image: image && paint(table, this.view.scale(image.scale)) }];
    }
    const columns = Object.entries(table.columns);
    return Array.from(columns[0][1], (_, i) => Object.fromEntries(columns.map(([key, values]) => [key, values[i]])));
  }

  /** Where the plot lies in its box, axes and titles left out. */
  plot() {
    const [left, top] = this.view.origin(), pad = this.view.padding();
    return { left: left + pad.left, top: top + pad.top, width: this.view.width(), height: this.view.height() };
  }

  /** Where a value lies in the plot, in pixels; the middle of its band where there are bands. @param {"x"|"y"} channel */
  scaled(channel, value) {
    const scale = this.view.scale(channel);
    return scale(value) + (scale.bandwidth ? scale.bandwidth() / 2 : 0);
  }
}
