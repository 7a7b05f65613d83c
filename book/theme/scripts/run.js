// ── run.js: "Run" and "Edit" on every code cell. All that they need is loaded at the first press, beside this script ──

const told = JSON.parse(document.getElementById("dl-cells").textContent);
const scripts = JSON.parse(document.currentScript.dataset.scripts);
const inputs = [...document.querySelectorAll("article .cell .cell_input")];
let cells;

function script(src) {
  return new Promise((done, failed) => {
    const onerror = () => failed(new Error(`${src} could not be loaded`));
    document.head.append(Object.assign(document.createElement("script"), { src, onload: done, onerror }));
  });
}

/** The cells of the page, once somebody has pressed a button. */
function all() {
  return (cells ??= Promise.all([script(scripts.python), script(scripts.cells)])
    .then(() => globalThis.dlCells({ ...told, inputs, editor: () => script(scripts.editor) }))
    .catch((error) => { cells = null; throw error; }));
}

told.cells.filter(({ source }) => !source).forEach((cell, i) => {
  const group = document.createElement("div"), torch = cell.needs.includes("torch");
  group.className = "dl-run";
  group.id = `run-${cell.id}`;
  for (const [what, label] of [["run", "Run"], ["edit", "Edit"]]) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "dl-quiet", textContent: label });
    button.dataset.what = what;
    button.setAttribute("aria-label", `${label} this code${torch ? ", which needs PyTorch" : ""}`);
    button.addEventListener("click", async () => {
      button.disabled = true; // until what it needs is there
      try { (await all()).press(cell.id, what); }
      catch (error) { group.append(Object.assign(document.createElement("span"), { textContent: error.message })); }
      finally { button.disabled = false; }
    });
    group.append(button);
  }
  inputs[i].append(group);
});
