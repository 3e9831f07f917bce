// The stage: input with the sampling grid, output beside it, and the dials or handles that move theta.
// Python answers every move with one message: the output as Python's sampler made it, the grid's lines, the dials' readings.
// The next move is sent only after an answer (or 250 ms), so that a slow connection never queues up old positions.

const MARGIN = 0.15; // share of the picture's longest side that is left free around it
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// -- what Python said: four bytes of length, a header as JSON, then the files it points into ----------

function unpack(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const body = 4 + length;
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, body)));
  const file = ({ start, end, type }) => new Blob([bytes.slice(body + start, body + end)], { type });
  return { ...header, source: header.source && file(header.source), output: file(header.output) };
}

const written = (dial, value) => {
  const size = Math.abs(value).toFixed(dial.digits);
  return (value < 0 && Number(size) ? "−" : "") + size + dial.unit;
};

// -- moves, on their way to Python ---------------------------------------------------------------------

function speaker(root, setStateValue) {
  const state = { moved: {}, turn: 0, sent: 0, waiting: null, answered: true };
  state.send = (settled) => {
    clearTimeout(state.waiting);
    Object.assign(state, { waiting: null, sent: performance.now(), answered: false, turn: state.turn + 1 });
    state.setStateValue("moved", { ...state.moved, settled, turn: state.turn, have: root.digest ?? "" });
  };
  state.soon = () => {
    if (state.waiting !== null) return;
    const idle = state.answered || performance.now() - state.sent > 250;
    state.waiting = setTimeout(() => state.send(false), idle ? 0 : 250);
  };
  state.hear = (turn) => {
    state.answered = true;
    if (turn >= state.turn && state.waiting === null) state.moved = {};
    state.turn = Math.max(state.turn, turn);
    if (state.waiting !== null) state.send(false);
  };
  return state;
}

// -- drawing -------------------------------------------------------------------------------------------

// Lines grow with the type, which the projector mode enlarges.
const larger = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

// Width and height of what a canvas shows, in pixels of the picture: the picture and its margin, never higher than wide.
function extent({ width, height }) {
  const margin = 2 * MARGIN * Math.max(width, height);
  return [Math.max(width, height) + margin, height + margin];
}

function sheet(canvas, scene) {
  const [across, down] = extent(scene);
  const width = Math.round(canvas.clientWidth * devicePixelRatio) || 512;
  const height = Math.round((width * down) / across);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, width, height);
  const scale = width / across;
  const [w, h] = [scene.width * scale, scene.height * scale];
  pen.imageSmoothingEnabled = scale < 2 * devicePixelRatio;
  return { pen, w, h, left: (width - w) / 2, top: (height - h) / 2, middle: [width / 2, height / 2], scale };
}

function trace({ pen, middle, w, h }, lines) {
  pen.beginPath();
  for (const line of lines)
    line.forEach(([x, y], n) => pen[n ? "lineTo" : "moveTo"](middle[0] + (x * w) / 2, middle[1] + (y * h) / 2));
  pen.lineWidth = lineWidth();
  pen.stroke();
}

const lineWidth = () => 1.25 * larger() * devicePixelRatio;

// The picture, and half a line around it: what lies on its edge does not look outside.
const inside = ({ left, top, w, h }) => {
  const edge = lineWidth() / 2;
  return [left - edge, top - edge, w + 2 * edge, h + 2 * edge];
};

function within(frame, draw) {
  frame.pen.save();
  frame.pen.beginPath();
  frame.pen.rect(...inside(frame));
  frame.pen.clip();
  draw();
  frame.pen.restore();
}

function drawSource(canvas, image, scene) {
  const frame = sheet(canvas, scene);
  const { pen } = frame;
  if (scene.lines) {
    pen.strokeStyle = scene.colours.outside;
    trace(frame, scene.lines);
  }
  pen.clearRect(...inside(frame));
  pen.drawImage(image, frame.left, frame.top, frame.w, frame.h);
  if (scene.lines)
    within(frame, () => {
      pen.strokeStyle = scene.colours.inside;
      trace(frame, scene.lines);
    });
  if (scene.looks) cross(frame, scene.looks, scene.colours);
}

function cross(frame, [x, y], colours) {
  const { pen, middle, w, h } = frame;
  const at = [middle[0] + (x * w) / 2, middle[1] + (y * h) / 2];
  const arm = 7 * devicePixelRatio;
  for (const [colour, width] of [[colours.paper, 4], [colours.ink, 1.5]]) {
    Object.assign(pen, { strokeStyle: colour, lineWidth: width * larger() * devicePixelRatio });
    pen.beginPath();
    pen.moveTo(at[0] - arm, at[1]);
    pen.lineTo(at[0] + arm, at[1]);
    pen.moveTo(at[0], at[1] - arm);
    pen.lineTo(at[0], at[1] + arm);
    pen.stroke();
  }
}

function drawOutput(canvas, image, scene) {
  const frame = sheet(canvas, scene.shown);
  const { pen } = frame;
  pen.drawImage(image, frame.left, frame.top, frame.w, frame.h);
  if (scene.target) {
    pen.strokeStyle = scene.colours.inside;
    pen.globalAlpha = 0.45;
    trace(frame, scene.target);
    pen.globalAlpha = 1;
  }
  if (!scene.pixel) return;
  const [column, row] = scene.pixel;
  const size = Math.max(frame.scale, 6 * devicePixelRatio);
  const [x, y] = [frame.left + (column + 0.5) * frame.scale, frame.top + (row + 0.5) * frame.scale];
  for (const [colour, width] of [[scene.colours.paper, 4], [scene.colours.ink, 1.5]]) {
    Object.assign(pen, { strokeStyle: colour, lineWidth: width * larger() * devicePixelRatio });
    pen.strokeRect(x - size / 2, y - size / 2, size, size);
  }
}

// -- controls ------------------------------------------------------------------------------------------

function dialRow(root, dial) {
  const label = document.createElement("label");
  const row = { shown: document.createElement("output"), input: document.createElement("input"), label };
  Object.assign(row.input, { type: "range", min: dial.low, max: dial.high, step: dial.step, ariaLabel: dial.label });
  row.input.addEventListener("pointerdown", () => { root.held = dial.name; });
  row.input.addEventListener("pointerup", () => { root.held = null; });
  row.input.addEventListener("change", () => root.speaker.send(true));
  row.input.addEventListener("input", () => {
    const value = Number(row.input.value);
    (root.speaker.moved.dials ??= {})[dial.name] = value;
    row.shown.value = written(dial, value);
    root.speaker.soon();
  });
  label.append(dial.label, row.shown, row.input);
  return row;
}

function showDials(root, dials) {
  const names = dials.map((dial) => dial.name).join();
  if (root.named !== names) {
    root.named = names;
    root.rows = dials.map((dial) => dialRow(root, dial));
    root.querySelector(".dials").replaceChildren(...root.rows.map((row) => row.label));
  }
  dials.forEach((dial, n) => {
    if (root.held === dial.name) return;
    root.rows[n].input.value = dial.value;
    root.rows[n].shown.value = written(dial, dial.value);
  });
}

// Points on the input, and places on the output: where their handles lie, what they are called, what Python calls them.
const SIDES = {
  points: { canvas: ".source", size: (scene) => scene, label: "Source point" },
  places: { canvas: ".output", size: (scene) => scene.shown, label: "Place of point" },
};

function handle(root, side, number) {
  const knob = document.createElement("button");
  const name = `${side} ${number}`;
  const go = (x, y, settled) => {
    (root.speaker.moved[side] ??= {})[number] = [x, y];
    place(root, knob, side, number, [x, y]);
    settled ? root.speaker.send(true) : root.speaker.soon();
  };
  const release = () => {
    if (root.held !== name) return;
    root.held = null;
    knob.classList.remove("held");
    root.speaker.send(true);
  };
  knob.addEventListener("pointerdown", (event) => {
    knob.setPointerCapture(event.pointerId);
    knob.classList.add("held");
    root.held = name;
  });
  knob.addEventListener("pointermove", (event) => {
    const { canvas, size } = SIDES[side];
    if (root.held === name) go(...pointed(root.querySelector(canvas), event, size(root.scene)), false);
  });
  knob.addEventListener("pointerup", release);
  knob.addEventListener("pointercancel", release);
  knob.addEventListener("keydown", (event) => {
    if (!KEYS[event.key]) return;
    event.preventDefault();
    const { width, height } = SIDES[side].size(root.scene);
    const [right, down] = root.scene.numbered ? [2 / width, 2 / height] : [0.02, 0.02]; // a pixel of what is shown
    const steps = event.shiftKey ? (root.scene.numbered ? 10 : 5) : 1;
    const [x, y] = knob.at;
    go(x + right * steps * KEYS[event.key][0], y + down * steps * KEYS[event.key][1], true);
  });
  return knob;
}

function place(root, knob, side, number, [x, y]) {
  const { size, label } = SIDES[side];
  const [across, down] = extent(size(root.scene));
  knob.at = [x, y];
  knob.style.left = `${50 + (50 * x * size(root.scene).width) / across}%`;
  knob.style.top = `${50 + (50 * y * size(root.scene).height) / down}%`;
  knob.ariaLabel = `${label} ${number + 1}: x ${x.toFixed(2)}, y ${y.toFixed(2)}. Arrow keys move it.`;
}

function showHandles(root, side, points, numbered) {
  const holder = root.querySelector(`.${side}`);
  if (holder.children.length !== points.length)
    holder.replaceChildren(...points.map((_, number) => handle(root, side, number)));
  points.forEach((point, number) => {
    const knob = holder.children[number];
    knob.className = ["handle", numbered && "numbered", root.held === `${side} ${number}` && "held"].filter(Boolean).join(" ");
    knob.dataset.number = number + 1;
    if (root.held !== `${side} ${number}`) place(root, knob, side, number, point);
  });
}

// Where a canvas was pointed at, in the coordinates of the frame: ±1 are the edges of the picture.
function pointed(canvas, event, scene) {
  const box = canvas.getBoundingClientRect();
  const [across, down] = extent(scene);
  return [
    (((event.clientX - box.left) / box.width - 0.5) * 2 * across) / scene.width,
    (((event.clientY - box.top) / box.height - 0.5) * 2 * down) / scene.height,
  ];
}

function choosePixel(root, event) {
  if (root.scene.numbered) return;
  const [x, y] = pointed(event.currentTarget, event, root.scene);
  if (Math.abs(x) >= 1 || Math.abs(y) >= 1) return;
  root.speaker.moved.pixel = [Math.floor(((x + 1) / 2) * root.scene.width), Math.floor(((y + 1) / 2) * root.scene.height)];
  root.speaker.send(true);
}

// -- one answer ----------------------------------------------------------------------------------------

async function show(root, scene) {
  const number = (root.shows = (root.shows ?? 0) + 1);
  const [output, source] = await Promise.all([
    createImageBitmap(scene.output),
    scene.source ? createImageBitmap(scene.source) : root.source,
  ]);
  if (number < root.shows || !source) return; // a later answer is on its way
  Object.assign(root, { source, digest: scene.digest, output, scene });
  redraw(root);
}

function redraw(root) {
  const { scene } = root;
  const [source, output] = [root.querySelector(".source"), root.querySelector(".output")];
  for (const [canvas, size] of [[source, scene], [output, scene.shown]]) {
    const [across, down] = extent(size);
    canvas.parentElement.style.aspectRatio = across / down;
  }
  drawSource(source, root.source, scene);
  drawOutput(output, root.output, scene);
  source.ariaLabel = scene.alts[0];
  output.ariaLabel = scene.alts[1];
  root.querySelectorAll("figcaption").forEach((caption, n) => { caption.textContent = scene.captions[n]; });
  root.querySelector(".said").textContent = scene.said;
  showDials(root, scene.dials);
  showHandles(root, "points", scene.handles, scene.numbered);
  showHandles(root, "places", scene.places, scene.numbered);
  output.dataset.turn = scene.turn; // this answer is drawn
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".stage");
  if (!root.speaker) {
    root.speaker = speaker(root, setStateValue);
    root.querySelector(".output").addEventListener("click", (event) => choosePixel(root, event));
    gestures(root, root.querySelector(".source"));
    new ResizeObserver(() => root.scene && redraw(root)).observe(root.querySelector(".source"));
  }
  root.speaker.setStateValue = setStateValue;
  const scene = unpack(data);
  root.speaker.hear(scene.turn);
  if (!scene.source && root.digest !== scene.digest) root.speaker.send(true); // Python thinks that the input is here
  else show(root, scene);
}
