// The network unrolled, or the terms of one formula: Python draws and computes; clicks and keys here say what is looked at.

const number = (value) => value.toFixed(3).replace(/^-0\.000$/, "0.000").replace("-", "−");

function button(words, pressed, choose, title) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", textContent: words, title: title ?? "", ariaPressed: String(pressed) });
  made.addEventListener("click", choose);
  return made;
}

function choose(root, change) {
  const { column, level, unit, gate } = root.said;
  root.setStateValue("chosen", { column, level, unit, gate, ...change });
}

function clicked(root, event) {
  const { column, level, unit, output } = event.target.dataset ?? {};
  if (column === undefined) return;
  if (output) return choose(root, { column: Number(column), gate: "y" });
  const gate = root.said.gate === "y" ? "" : root.said.gate;
  choose(root, { column: Number(column), level: Number(level), unit: unit === undefined ? root.said.unit : Number(unit), gate });
}

function onKey(root, event) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const column = root.said.column + step;
  if (column >= 0 && column < root.said.columns) choose(root, { column });
}

function showUnits(root, { states, unit, colours }) {
  const most = Math.max(1, ...states.map(Math.abs));
  root.querySelector(".units").replaceChildren(...states.map((value, n) => {
    const made = button(`${n + 1}`, n === unit, () => choose(root, { unit: n }), `unit ${n + 1}: h = ${number(value)}`);
    const share = Math.round((55 * Math.abs(value)) / most);
    made.style.background = `color-mix(in srgb, ${value > 0 ? colours.high : colours.low} ${share}%, transparent)`;
    made.ariaLabel = `Unit ${n + 1}`;
    return made;
  }));
}

function showTerms(root, { gates, gate, terms, sum, colours }) {
  root.querySelector(".gates").replaceChildren(...gates.map((one) =>
    button(one.words, one.name === gate, () => choose(root, { gate: one.name }))));
  root.querySelector(".sum").textContent = sum;
  const most = Math.max(1e-9, ...terms.map(({ weight, value }) => Math.abs(weight * value)));
  root.querySelector(".terms").replaceChildren(...terms.map(({ name, weight, value }) => {
    const [row, label, bar] = [document.createElement("div"), document.createElement("span"), document.createElement("span")];
    const product = weight * value;
    Object.assign(row, { className: "term", role: "listitem" });
    Object.assign(label, { className: "name", textContent: name });
    bar.className = "bar";
    bar.style.width = `${(100 * Math.abs(product)) / most}%`;
    bar.style.background = product > 0 ? colours.high : colours.low;
    row.append(label, `${number(weight)} · ${value < 0 ? `(${number(value)})` : number(value)} = ${number(product)}`, bar);
    return row;
  }));
}

// The chosen column in sight, where the drawing is wider than its place.
function scroll(sheet, said) {
  const svg = sheet.querySelector("svg"), scale = svg.clientWidth / svg.viewBox.baseVal.width;
  const [left, right] = [said.left * scale, (said.left + said.wide) * scale];
  if (left < sheet.scrollLeft || right > sheet.scrollLeft + sheet.clientWidth) sheet.scrollLeft = right - sheet.clientWidth + 12;
}

function showDrawing(root, data) {
  const sheet = root.querySelector(".sheet");
  sheet.innerHTML = data.svg;
  scroll(sheet, data);
  showUnits(root, data);
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".unrolled");
  if (!root.said) {
    root.querySelector(".sheet").addEventListener("click", (event) => clicked(root, event));
    if (data.svg) {
      Object.assign(root, { tabIndex: 0, ariaLabel: "The network unrolled. Up and down arrows choose a step." });
      root.addEventListener("keydown", (event) => onKey(root, event));
    }
    root.classList.add(data.svg ? "drawing" : "listing");
  }
  Object.assign(root, { said: data, setStateValue });
  if (data.svg) showDrawing(root, data);
  else showTerms(root, data);
  root.dataset.day = data.day;
}
