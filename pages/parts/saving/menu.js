// The words under a figure. What is drawn is saved as it is seen: the SVG of a figure is its layers on the colour of the page, with
// the page's font inside, and the PNG is made from it. Other files are asked of Python, which answers once.

const SVG = "http://www.w3.org/2000/svg";
const ONLY_ON_SCREEN = ".draglayer, .hoverlayer, .zoomlayer, .selectionlayer, .modebar-container";
const FINE = 2; // pixels of a PNG for a pixel of the page

const pending = new Map(); // turns that were asked of Python and not answered yet: what each is to be saved as

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// -- the figure as it is seen --------------------------------------------------------------------------

function background(element) {
  for (let one = element; one; one = one.parentElement) {
    const colour = getComputedStyle(one).backgroundColor;
    if (colour && colour !== "transparent" && !colour.endsWith(", 0)")) return colour;
  }
  return "white";
}

// The page's text font as a rule that needs no server: a picture on its own sees no fonts of the page.
async function fontRule() {
  for (const sheet of document.styleSheets)
    for (const rule of sheet.cssRules) {
      if (!(rule instanceof CSSFontFaceRule) || rule.style.fontStyle === "italic") continue;
      if (rule.style.fontFamily.replaceAll(/["']/g, "") !== "Source Sans") continue;
      const [, address] = rule.style.src.match(/url\(["']?(.*?)["']?\)/) ?? [];
      if (!address) continue;
      const file = await (await fetch(new URL(address, sheet.href ?? document.baseURI))).blob();
      const read = new FileReader();
      await new Promise((done) => { read.onload = done; read.readAsDataURL(file); });
      return `@font-face { font-family: "Source Sans"; font-weight: 200 900; src: url(${read.result}); }`;
    }
  return "";
}

function added(parent, name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  parent.append(element);
  return element;
}

async function asSvg(place) {
  const plot = place.querySelector(".js-plotly-plot");
  const layers = plot ? [...plot.querySelectorAll(".main-svg")] : [place.querySelector("svg")];
  const { width, height } = layers[0].getBoundingClientRect();
  const size = { width: Math.round(width), height: Math.round(height) };
  const whole = document.createElementNS(SVG, "svg");
  whole.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  for (const side in size) whole.setAttribute(side, size[side]);
  added(whole, "style", {}).textContent = `${await fontRule()} text { font-family: "Source Sans", Arial, sans-serif; }`;
  added(whole, "rect", { ...size, fill: background(place) });
  for (const layer of layers) {
    const copy = layer.cloneNode(true);
    copy.querySelectorAll(ONLY_ON_SCREEN).forEach((part) => part.remove());
    copy.removeAttribute("style");
    whole.append(copy);
  }
  return { text: new XMLSerializer().serializeToString(whole), ...size };
}

async function asPng({ text, width, height }) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: FINE * width, height: FINE * height });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

// A drawing that Python made, on the colour of the page and with its font.
async function completed(text, place) {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const { width, height } = svg.viewBox.baseVal;
  const style = added(svg, "style", {});
  style.textContent = await fontRule();
  svg.prepend(style, added(svg, "rect", { width, height, fill: background(place) }));
  Object.entries({ width, height }).forEach(([side, size]) => svg.setAttribute(side, size));
  return { text: new XMLSerializer().serializeToString(svg), width, height };
}

// -- the words -----------------------------------------------------------------------------------------

async function saveDrawn(form, { name, drawn }) {
  const svg = await asSvg(document.querySelector(`.st-key-${CSS.escape(drawn)}`));
  save(form === "png" ? await asPng(svg) : new Blob([svg.text], { type: "image/svg+xml" }), `${name}.${form}`);
}

function word(form, data, setTriggerValue) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: form.toUpperCase(), title: `Save as ${form.toUpperCase()}` });
  button.addEventListener("click", () => {
    const given = form === "png" && !data.formats.png.given && data.formats.svg.given ? "svg" : form;
    if (!data.formats[given].given) return saveDrawn(form, data);
    const turn = crypto.randomUUID?.() ?? String(Math.random());
    pending.set(turn, form);
    setTriggerValue("wanted", { format: given, turn });
  });
  return button;
}


async function answered({ turn, format, content }, { name, formats, drawn }) {
  const form = pending.get(turn);
  if (!pending.delete(turn)) return; // drawn again: it was saved already
  let blob = new Blob([Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))], { type: formats[form].mime });
  if (format === "svg" && drawn) {
    const svg = await completed(await blob.text(), document.querySelector(`.st-key-${CSS.escape(drawn)}`));
    blob = form === "png" ? await asPng(svg) : new Blob([svg.text], { type: formats.svg.mime });
  }
  save(blob, `${name}.${form}`);
}

export default function ({ parentElement, data, setTriggerValue }) {
  const words = Object.entries(data.formats).map(([form]) => word(form, data, setTriggerValue));
  const nav = parentElement.querySelector("nav");
  nav.ariaLabel = "Save this figure";
  nav.replaceChildren(...words);
  if (data.answer) answered(data.answer, data);
}
