// Plays what it was given: a photo with its grid and what the network makes of it, or lines over time.
// A picture of both is there from the first moment; nothing is asked of the server.

const HOLD_MS = 3000; // at the end, before it begins again
const HIGH = 220, LEFT = 44, RIGHT = 160, TOP = 12, BOTTOM = 26; // of the drawing of lines, pixels
const LABEL = 17, SWATCH = 14; // between two labels, and the piece of its line before each
const SPACE = 0.15; // around a photo, in widths of it
const NS = "http://www.w3.org/2000/svg";
const players = new WeakMap(); // by the element of the component

const svg = (name, attributes = {}, text = "") => {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
};

// -- a photo and its grid, what is seen of it beside ----------------------------------------------------------------------------

function film(scene, place) {
  const high = 1 / scene.ratio, box = `${-SPACE} ${-SPACE} ${1 + 2 * SPACE} ${high + 2 * SPACE}`;
  const pair = document.createElement("div"), clip = `inside-${Math.random().toString(36).slice(2)}`;
  pair.className = "moving-pair";
  const given = svg("svg", { viewBox: box, role: "img", "aria-label": scene.alt });
  const seen = svg("svg", { viewBox: box, "aria-hidden": "true" });
  const frame = { x: 0, y: 0, width: 1, height: high };
  const within = svg("clipPath", { id: clip }), cut = svg("clipPath", { id: `${clip}-seen` });
  within.append(svg("rect", frame));
  cut.append(svg("rect", frame));
  const photo = svg("image", { ...frame, href: scene.given, preserveAspectRatio: "none" });
  const beside = svg("path", { class: "beside" }), inside = svg("path", { class: "within", "clip-path": `url(#${clip})` });
  given.append(within, photo, beside, inside);
  const answers = svg("image", { x: 0, width: 1, height: high * scene.captions.length, href: scene.strip, preserveAspectRatio: "none" });
  const shown = svg("g", { "clip-path": `url(#${clip}-seen)` });
  shown.append(answers);
  seen.append(cut, shown);
  pair.append(given, seen);
  place.prepend(pair);
  return (stage) => {
    const points = (line) => line.map((value, n) => (n % 2 ? value * high : value).toFixed(4));
    const path = scene.grids[stage].map((line) => `M${points(line).join(" ")}`).join("");
    beside.setAttribute("d", path);
    inside.setAttribute("d", path);
    answers.setAttribute("y", -high * stage);
  };
}

// -- lines over time ------------------------------------------------------------------------------------------------------------

const spoken = (value, unit) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)} ${unit}`;

// Labels in the order of their lines, none over another and all of them on the drawing.
function apart(heights) {
  const order = [...heights.keys()].sort((one, other) => heights[one] - heights[other]), placed = [];
  let above = -Infinity, below = HIGH - BOTTOM + LABEL;
  for (const n of order) above = placed[n] = Math.max(heights[n], above + LABEL);
  for (const n of order.reverse()) below = placed[n] = Math.min(placed[n], below - LABEL);
  return placed;
}

function lines(scene, place) {
  const wide = Math.max(300, place.clientWidth || 0), right = wide - RIGHT;
  const drawn = svg("svg", { viewBox: `0 0 ${wide} ${HIGH}`, role: "img", "aria-label": scene.alt });
  const low = scene.ticks[0], high = scene.ticks.at(-1), last = scene.captions.length - 1;
  const x = (n) => LEFT + (right - LEFT) * (last ? n / last : 1);
  const y = (value) => TOP + (HIGH - TOP - BOTTOM) * (high - Math.min(high, Math.max(low, value))) / (high - low);
  for (const tick of scene.ticks) {
    drawn.append(svg("line", { class: tick ? "rule" : "level", x1: LEFT, x2: right, y1: y(tick), y2: y(tick) }));
    const words = `${tick < 0 ? "−" : ""}${Math.abs(tick)} ${scene.unit}`;
    drawn.append(svg("text", { class: "muted", x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, words));
  }
  drawn.append(svg("text", { class: "muted", x: LEFT, y: HIGH - 6 }, scene.captions[0]));
  drawn.append(svg("text", { class: "muted", x: right, y: HIGH - 6, "text-anchor": "end" }, scene.captions[last]));
  const rows = scene.lines.map((line) => {
    const look = { class: "line", stroke: line.colour, "stroke-dasharray": line.dash };
    const row = { ...line, path: svg("path", look), swatch: svg("path", look), label: svg("text", { x: right + SWATCH + 12 }) };
    drawn.append(row.path, row.swatch, row.label);
    return row;
  });
  const level = svg("text", { x: right + SWATCH + 12 }, scene.level);
  drawn.append(level);
  place.prepend(drawn);
  return (until) => {
    const heights = apart([...rows.map((row) => y(row.values[until])), y(0)]);
    for (const [n, row] of rows.entries()) {
      const points = row.values.slice(0, until + 1).map((value, at) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`);
      row.path.setAttribute("d", `M${points.join("L")}`);
      row.swatch.setAttribute("d", `M${right + 6} ${heights[n]}h${SWATCH}`);
      row.label.textContent = `${row.name} ${spoken(row.values[until], scene.unit)}`;
      row.label.setAttribute("y", heights[n] + 4);
    }
    level.setAttribute("y", heights.at(-1) + 4);
  };
}

// -- the player -----------------------------------------------------------------------------------------------------------------

const ICONS = { Pause: "M5 3h3v10H5zM10 3h3v10h-3z", Play: "M5 2.5v11l9-5.5z" };

function player(root, scene) {
  const last = scene.captions.length - 1, drawing = { film, lines }[scene.kind];
  const bar = document.createElement("div"), button = document.createElement("button");
  const slider = document.createElement("input"), caption = document.createElement("span");
  bar.className = "moving-bar";
  button.type = "button";
  Object.assign(slider, { type: "range", min: 0, max: last, step: 1 });
  slider.setAttribute("aria-label", scene.kind === "film" ? "Stage of the training" : "Day of the test");
  bar.append(button, slider, caption);
  root.replaceChildren(bar);
  let draw = drawing(scene, root), timer = 0, at = last, width = root.clientWidth;
  const show = (stage) => {
    at = stage;
    slider.value = stage;
    slider.setAttribute("aria-valuetext", scene.captions[stage]);
    caption.textContent = scene.captions[stage];
    draw(stage);
  };
  const say = (words) => {
    const icon = svg("svg", { viewBox: "0 0 18 16", "aria-hidden": "true" });
    icon.append(svg("path", { d: ICONS[words] }));
    button.replaceChildren(icon);
    button.setAttribute("aria-label", words);
    button.title = words;
  };
  const stop = () => { clearTimeout(timer); timer = 0; say("Play"); };
  const step = () => {
    show(at < last ? at + 1 : 0);
    timer = setTimeout(step, at < last ? 1000 * scene.seconds : HOLD_MS);
  };
  const play = () => { say("Pause"); timer = setTimeout(step, 1000 * scene.seconds); };
  button.addEventListener("click", () => {
    if (timer) return stop();
    if (at === last) show(0);
    play();
  });
  slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
  const fitted = new ResizeObserver(() => {
    if (!root.clientWidth || root.clientWidth === width) return;
    width = root.clientWidth;
    root.firstElementChild.remove();
    draw = drawing(scene, root);
    draw(at);
  });
  fitted.observe(root);
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  show(still ? last : 0);
  if (still) stop(); else play();
  return () => { stop(); fitted.disconnect(); };
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".moving"), state = JSON.stringify(data);
  const before = players.get(root);
  if (before?.state !== state) {
    before?.stop();
    players.set(root, { state, stop: player(root, data) });
  }
  return () => { players.get(root)?.stop(); players.delete(root); };
}
