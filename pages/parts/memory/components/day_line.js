// The price line with the day: the chosen day is a cursor that moves at once; Python hears of it and draws the numbers of that day.
// Python's answer comes when everything that follows the day is drawn. The next move is sent only after it (or 400 ms), so that a
// day that was passed by never holds up the one that is shown.

const LEFT = 50, RIGHT = 10, TOP = 20, PRICE = 150, AXIS = 22, WHOLE = 38; // pixels
const QUIET = 400; // ms without a move: the day has settled, and stands in the URL from then on
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const TYPED_IN = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=slider], " +
  "[role=listbox], [role=option], [role=menu], [role=tab], [role=combobox], [role=dialog], [role=grid]";
const CHOSEN_BY_KEYS = "[role=radio], input[type=radio]"; // if reached by Tab; after a click the keys are the day's

// -- what Python said: four bytes of length, a header as JSON, then the arrays it points into ----------

function unpack(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const body = bytes.slice(4 + length).buffer;
  const array = (place, Kind) => new Kind(body.slice(place.start, place.end));
  const { series } = header;
  if (series) header.series = { ...series, days: array(series.days, Int32Array), close: array(series.close, Float64Array),
    move: array(series.move, Float64Array) };
  header.maps = header.maps?.map((map) => ({ ...map, values: array(map.values, Int8Array) }));
  return header;
}

// -- words ---------------------------------------------------------------------------------------------

const dateOf = (day) => new Date(day * 86400000);
const sayDay = (day) => { const d = dateOf(day); return `${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()}`; };
const sayClose = (value) => value.toLocaleString("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: value < 10 ? 4 : 2 });
const sayMove = (share) => `${share < 0 ? "−" : "+"}${(100 * Math.abs(share)).toFixed(2)} % that day`;

function say(root) {
  const { series, at } = root;
  const period = series.spans.find((span) => at >= span.first && at <= span.last)?.name;
  const words = { date: sayDay(series.days[at]), close: `close ${sayClose(series.close[at])}`, move: sayMove(series.move[at]),
    period: period ? `${period} day` : "" };
  for (const [name, text] of Object.entries(words)) root.querySelector(`.${name}`).textContent = text;
  const numbers = { valuenow: at, valuemax: series.days.length - 1, valuetext: Object.values(words).join(", ") };
  for (const [name, value] of Object.entries(numbers)) root.setAttribute(`aria-${name}`, value);
}

// -- moves, on their way to Python ---------------------------------------------------------------------

const isoDay = (day) => dateOf(day).toISOString().slice(0, 10);

function speaker(root) {
  const state = { turn: 0, sent: 0, waiting: null, settling: null, answered: true };
  state.send = (settled) => {
    clearTimeout(state.waiting);
    Object.assign(state, { waiting: null, sent: performance.now(), answered: false, turn: state.turn + 1 });
    root.setStateValue("moved", { day: root.series ? isoDay(root.series.days[root.at]) : null, settled, turn: state.turn, have: root.have() });
  };
  state.soon = () => {
    clearTimeout(state.settling);
    state.settling = setTimeout(() => state.send(true), QUIET);
    if (state.waiting !== null) return;
    const wait = state.answered ? 0 : Math.max(0, QUIET - (performance.now() - state.sent));
    state.waiting = setTimeout(() => state.send(false), wait);
  };
  state.hear = (turn) => {
    if (turn < state.turn) return;
    Object.assign(state, { answered: true, turn });
    if (state.waiting !== null) state.send(false);
  };
  return state;
}

function moveTo(root, at) {
  at = Math.min(root.series.days.length - 1, Math.max(0, at));
  if (at === root.at) return;
  root.at = at;
  placeCursor(root);
  root.speaker.soon();
}

// The last day of the series until this many months away.
function monthsOn(root, months) {
  const date = dateOf(root.series.days[root.at]);
  const wanted = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, date.getUTCDate()) / 86400000;
  const after = root.series.days.findIndex((day) => day > wanted);
  return after < 0 ? root.series.days.length - 1 : after - 1;
}

function onKey(root, event) {
  if (event.key === "Tab") root.tabbed = true;
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
  const target = event.composedPath()[0];
  const here = event.composedPath().includes(root);
  if (!here && target instanceof Element && (target.closest(TYPED_IN) || (root.tabbed && target.matches(CHOSEN_BY_KEYS)))) return;
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const month = step ? event.shiftKey && step : here && { PageUp: 1, PageDown: -1 }[event.key];
  if (!step && !month) return;
  event.preventDefault();
  event.stopPropagation();
  moveTo(root, month ? monthsOn(root, month) : root.at + step);
}

// -- drawing -------------------------------------------------------------------------------------------

const line = (points) => `M${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L")}`;

// Where days and prices lie: of the part that is seen, and of the whole period below it.
function layout(root) {
  const { series, at } = root, count = series.days.length;
  const width = root.querySelector(".plot").clientWidth || 600, across = width - LEFT - RIGHT;
  const seen = Math.min(root.span || count, count);
  let [from, to] = root.view ?? [0, -1];
  if (to - from + 1 !== seen || at < from || at > to) {
    from = Math.min(count - seen, Math.max(0, at - Math.floor(seen / 2)));
    to = from + seen - 1;
  }
  root.view = [from, to];
  const x = (n) => LEFT + (across * (n - from)) / Math.max(1, to - from);
  const bottom = TOP + PRICE + AXIS + mapsHeight(root);
  return { width, from, to, x, all: (n) => LEFT + (across * n) / Math.max(1, count - 1), bottom, height: bottom + WHOLE + 2,
    day: (px) => Math.round(from + ((px - LEFT) / across) * (to - from)), any: (px) => Math.round(((px - LEFT) / across) * (count - 1)) };
}

function logarithmic(values, low, high) { // pixels of a value between two heights
  const [least, most] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, 0]);
  const share = (value) => Math.log(value / least) / (Math.log(most / least) || 1);
  return { least, most, y: (value) => high - (high - low) * (0.04 + 0.92 * share(value)) };
}

function roundNumbers(least, most) {
  const step = 10 ** Math.floor(Math.log10((most - least || most) / 2));
  const size = [5, 2, 1].map((n) => n * step).find((n) => most / n - least / n >= 2) ?? step;
  const ticks = [];
  for (let tick = Math.ceil(least / size) * size; tick <= most; tick += size) ticks.push(tick);
  return ticks.length > 4 ? ticks.filter((_, n) => n % 2 === 0) : ticks;
}

// The first day of as many months as have room for their name, whose type a projector enlarges.
function timeTicks(series, { from, to, width }) {
  const room = 75 * (parseFloat(getComputedStyle(document.documentElement).fontSize) / 16);
  const months = (series.days[to] - series.days[from]) / 30.4;
  const every = [1, 2, 3, 6, 12, 24, 60, 120].find((n) => months / n <= (width - LEFT) / room) ?? 240;
  const ticks = [];
  for (let n = from + 1; n <= to; n++) {
    const [date, before] = [dateOf(series.days[n]), dateOf(series.days[n - 1])];
    if (date.getUTCMonth() === before.getUTCMonth() || (date.getUTCFullYear() * 12 + date.getUTCMonth()) % every) continue;
    ticks.push([n, every >= 12 ? `${date.getUTCFullYear()}` : `${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`]);
  }
  return ticks;
}

function bands(series, x, from, to, top, height, named) {
  return series.spans.map((span, number) => {
    const [first, last] = [Math.max(span.first, from), Math.min(span.last, to)];
    if (first > last) return "";
    const [left, wide] = [x(first), x(last) - x(first)];
    const name = named && wide > 70 ? `<text class="name" x="${left + 4}" y="${top - 6}">${span.name}</text>` : "";
    return `<rect class="band band-${number}" x="${left}" y="${top}" width="${wide}" height="${height}"/>${name}`;
  }).join("");
}

function priceLine(series, place) {
  const { from, to, x, width } = place;
  const scale = logarithmic(series.close.subarray(from, to + 1), TOP, TOP + PRICE);
  const numbers = roundNumbers(scale.least, scale.most).map((tick) =>
    `<line class="grid" x1="${LEFT}" x2="${width - RIGHT}" y1="${scale.y(tick)}" y2="${scale.y(tick)}"/>` +
    `<text x="${LEFT - 6}" y="${scale.y(tick) + 4}" text-anchor="end">${tick.toLocaleString("en-GB")}</text>`).join("");
  const times = timeTicks(series, place).filter(([n]) => x(n) < width - 40).map(([n, word]) =>
    `<text x="${x(n)}" y="${TOP + PRICE + 15}" text-anchor="${x(n) < LEFT + 20 ? "start" : "middle"}">${word}</text>`).join("");
  const points = Array.from({ length: to - from + 1 }, (_, n) => [x(from + n), scale.y(series.close[from + n])]);
  return { scale, drawn: `${bands(series, x, from, to, TOP, PRICE, true)}${numbers}${times}<path class="price" d="${line(points)}"/>` };
}

function wholeLine(series, { all, bottom, from, to }) {
  const scale = logarithmic(series.close, bottom, bottom + WHOLE);
  const every = Math.max(1, Math.floor(series.days.length / 1500));
  const points = Array.from(series.close).map((close, n) => [all(n), scale.y(close)]).filter((_, n) => n % every === 0);
  const seen = to - from + 1 < series.days.length;
  const window = `<rect class="window" x="${all(from)}" y="${bottom}" width="${Math.max(3, all(to) - all(from))}" height="${WHOLE}"/>`;
  return `${bands(series, all, 0, series.days.length - 1, bottom, WHOLE, false)}<path class="price whole" d="${line(points)}"/>${seen ? window : ""}`;
}

function draw(root) {
  const plot = root.querySelector(".plot");
  const place = (root.place = layout(root));
  const price = priceLine(root.series, place);
  Object.assign(root, { scale: price.scale, drawnView: root.view.join(), drawnWidth: place.width });
  plot.setAttribute("viewBox", `0 0 ${place.width} ${place.height}`);
  plot.style.height = `${place.height}px`;
  const foot = place.bottom - 8;
  plot.innerHTML = price.drawn + drawMaps(root, place) + wholeLine(root.series, place) +
    `<g class="cursor"><line y1="${TOP}" y2="${foot}"/><circle r="4.5"/></g>`;
}

// The cursor at the day; everything is drawn again only where it has left the part that is seen.
function placeCursor(root) {
  layout(root);
  if (root.view.join() !== root.drawnView) draw(root);
  const cursor = root.querySelector(".cursor");
  cursor.setAttribute("transform", `translate(${root.place.x(root.at).toFixed(1)},0)`);
  cursor.querySelector("circle").setAttribute("cy", root.scale.y(root.series.close[root.at]));
  say(root);
}

// -- pointer -------------------------------------------------------------------------------------------

function listen(root) {
  const plot = root.querySelector(".plot");
  let held = null;
  const pointed = (event) => {
    const box = plot.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const go = (event) => {
    const [x] = pointed(event);
    moveTo(root, held === "whole" ? root.place.any(x) : Math.min(root.view[1], Math.max(root.view[0], root.place.day(x))));
  };
  plot.addEventListener("pointerdown", (event) => {
    held = pointed(event)[1] >= root.place.bottom ? "whole" : "seen";
    const unit = held === "seen" && unitAt(root, pointed(event)[1]);
    if (unit) root.setStateValue("unit", unit);
    plot.setPointerCapture(event.pointerId);
    root.focus({ preventScroll: true });
    go(event);
  });
  plot.addEventListener("pointermove", (event) => held && go(event));
  for (const end of ["pointerup", "pointercancel"]) plot.addEventListener(end, () => { held = null; });
  const heard = { keydown: (event) => onKey(root, event), pointerdown: () => { root.tabbed = false; } };
  for (const [name, hear] of Object.entries(heard)) { // before the control that was clicked last takes the key
    const own = (event) => root.isConnected ? hear(event) : window.removeEventListener(name, own, true);
    window.addEventListener(name, own, true);
  }
  new ResizeObserver(() => {
    if (root.series && plot.clientWidth !== root.drawnWidth) { draw(root); placeCursor(root); }
  }).observe(plot);
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".line");
  root.setStateValue = setStateValue;
  if (!root.speaker) {
    Object.assign(root, { speaker: speaker(root), have: () => `${root.digest ?? ""}/${root.mapsDigest ?? ""}` });
    listen(root);
  }
  const said = unpack(data);
  if (said.series) Object.assign(root, { series: said.series, digest: said.digest, view: null });
  const mine = said.turn < root.speaker.turn || root.speaker.waiting !== null; // a move of this side is not answered yet
  root.speaker.hear(said.turn);
  if (said.maps) Object.assign(root, { maps: said.maps, mapsDigest: said.mapsDigest });
  else if (!said.mapsDigest) Object.assign(root, { maps: null, mapsDigest: "" });
  Object.assign(root, { chosen: said.chosen, colours: said.colours });
  const lacks = root.digest !== said.digest || (root.mapsDigest ?? "") !== said.mapsDigest;
  if (lacks) return root.speaker.send(true); // Python thinks that they are here
  if (!mine) root.at = said.at;
  root.span = said.span;
  const looks = [said.span, said.digest, said.mapsDigest, JSON.stringify(said.chosen), JSON.stringify(said.colours)].join();
  if (looks !== root.looks) draw(root);
  root.looks = looks;
  placeCursor(root);
  root.dataset.turn = said.turn;
}
