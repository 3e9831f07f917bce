// Draws a run that is alive from the server's event stream. The first event is the whole, those after it the blocks that have
// changed. Where a proxy holds streams back, the whole is asked for once a second. A tab that is not seen does not listen.

const FIRST_MS = 8000; // a stream that has said nothing by then is being held back
const ASK_MS = 1000, BUSY_MS = 5000; // between two questions where there is no stream, and when too many listen
const TELL_MS = 1000; // between two messages to the page
const AGAIN_MS = 3000; // before the page is told once more of a state that it has not taken up
const CONFIG = { displaylogo: false, modeBarButtonsToRemove: ["toImage", "select2d", "lasso2d"] };

const views = new WeakMap(); // by the element of the component

// -- Plotly, loaded once a page -----------------------------------------------------------------------------------------------

function plotly(address) {
  window.gridcastPlotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { window.gridcastPlotly = undefined; reject(new Error("Plotly cannot be loaded")); };
    document.head.append(script);
  });
  return window.gridcastPlotly;
}

const plots = (view) => view.root.querySelectorAll(".js-plotly-plot");

// Plotly rejects what is not displayed. What is removed or folded away has no width; what is shown again is observed again.
function fit(view) {
  for (const place of plots(view)) if (place.clientWidth) window.Plotly?.Plots.resize(place).catch(warn);
}

function purge(view) {
  for (const place of plots(view)) window.Plotly?.purge(place);
}

const warn = (error) => console.warn(error.message);

// -- drawing ------------------------------------------------------------------------------------------------------------------

const element = (name, className = "", text = "") => {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
};

function bar(share) {
  const outer = element("div"), inner = element("div");
  inner.style.width = `${100 * share}%`;
  outer.append(inner);
  return outer;
}

const CELLS = {
  words: (value) => [document.createTextNode(value)],
  link: ([words, address]) => [Object.assign(element("a", "", words), { href: address, target: "_blank", rel: "noopener" })],
  share: (value) => {
    const cell = element("div", "share");
    cell.append(bar(value), element("span", "", `${Math.round(100 * value)} %`));
    return [cell];
  },
};

const KINDS = {
  figure(place, block, view) {
    place.style.height = `${block.height}px`;
    place.role = "img";
    place.ariaLabel = block.alt;
    if (!block.plotly) return;
    const { data, layout } = block.plotly;
    const drawn = { ...layout, height: block.height, autosize: true, uirevision: "live" };
    view.drawing = view.drawing.then(() => plotly(view.data.plotly)).then((Plotly) => {
      if (place.isConnected && !view.gone) return Plotly.react(place, data, drawn, CONFIG);
    }).catch(warn);
  },

  picture(place, block) {
    let picture = place.querySelector("img");
    if (!block.source) {
      const waits = element("div", "live-waits");
      waits.style.aspectRatio = block.aspect;
      place.replaceChildren(waits, element("figcaption", "", block.caption));
      return;
    }
    if (!picture) {
      picture = element("img");
      place.replaceChildren(picture, element("figcaption", "", block.caption));
    }
    picture.style.aspectRatio = block.aspect;
    picture.alt = block.alt;
    picture.src = block.source;
    place.querySelector("figcaption").textContent = block.caption;
  },

  table(place, block) {
    place.className = "live-table";
    place.style.height = `${block.height}px`;
    place.role = "region";
    place.ariaLabel = block.alt;
    place.tabIndex = 0;
    const table = element("table"), head = table.createTHead().insertRow();
    for (const column of block.columns) head.append(element("th", "", column.title));
    const body = table.createTBody();
    for (const row of block.rows) {
      const line = body.insertRow();
      row.forEach((value, number) => {
        const cell = line.insertCell();
        cell.className = block.columns[number].wide ? "wide" : "";
        cell.append(...CELLS[block.columns[number].kind](value));
      });
    }
    const { scrollTop } = place;
    place.replaceChildren(table);
    place.scrollTop = scrollTop;
  },
};

function lay(view, layout) {
  const laid = JSON.stringify(layout);
  if (view.laid === laid) return false;
  view.laid = laid;
  view.places = {};
  purge(view);
  view.rows.replaceChildren(...layout.map((columns) => {
    const row = element("div", "live-row");
    row.append(...columns.map(({ share, blocks }) => {
      const column = element("div", "live-column");
      column.style.flexGrow = share;
      column.append(...blocks.map((name) => (view.places[name] = element("figure"))));
      return column;
    }));
    return row;
  }));
  return true;
}

function draw(view, frame) {
  const { head } = frame;
  if (head.ended || head.state !== view.data.state) tell(view, head.state);
  if (head.ended) {
    view.ended = true;
    return stop(view);
  }
  view.root.querySelector(".live-words").textContent = head.words;
  view.root.querySelector(".live-bar > div").style.width = `${100 * head.share}%`;
  view.root.querySelector(".live-bar").ariaValueNow = Math.round(100 * head.share);
  view.root.querySelector(".live-note").hidden = head.note === null;
  view.root.querySelector(".live-note").textContent = head.note;
  Object.assign(view.blocks, frame.blocks);
  const names = lay(view, frame.layout) ? Object.keys(view.places) : Object.keys(frame.blocks);
  for (const name of names) {
    const block = view.blocks[name];
    if (block && view.places[name]) KINDS[block.kind](view.places[name], block, view);
  }
}

// The page offers other buttons, the result or another list in another state. It is told at most once a second.
function tell(view, state) {
  const since = performance.now() - (view.toldAt ?? -Infinity);
  if (view.told === state && since < AGAIN_MS) return;
  clearTimeout(view.telling);
  view.telling = setTimeout(() => {
    Object.assign(view, { told: state, toldAt: performance.now() });
    view.setTriggerValue("changed", state);
  }, Math.max(0, TELL_MS - since));
}

// -- listening ----------------------------------------------------------------------------------------------------------------

function stop(view) {
  view.stream?.close();
  clearTimeout(view.waiting);
  Object.assign(view, { stream: null, waiting: null, asked: null });
}

function listen(view) {
  stop(view);
  view.ended = false;
  const stream = (view.stream = new EventSource(view.data.events));
  view.waiting = setTimeout(() => ask(view), FIRST_MS);
  stream.onmessage = (event) => {
    clearTimeout(view.waiting);
    draw(view, JSON.parse(event.data));
  };
  stream.onerror = () => {
    if (stream.readyState === EventSource.CLOSED && view.stream === stream) ask(view); // refused: ask why
  };
}

async function ask(view) {
  stop(view);
  let pause = ASK_MS;
  const asked = (view.asked = Symbol("asked"));
  try {
    const answer = await fetch(`${view.data.events}&once=1`);
    if (view.asked !== asked) return; // stopped meanwhile
    if (answer.status === 404) return tell(view, "gone");
    if (answer.ok) draw(view, await answer.json());
    else pause = BUSY_MS;
  } catch {
    pause = BUSY_MS; // the server is away
  }
  if (view.asked !== asked) return;
  view.waiting = setTimeout(() => ask(view), pause);
}

function made(parentElement) {
  const root = parentElement.querySelector(".live");
  const outer = element("div", "live-bar");
  outer.append(element("div"));
  Object.assign(outer, { role: "progressbar", ariaLabel: "Progress", ariaValueMin: 0, ariaValueMax: 100 });
  const rows = element("div");
  root.replaceChildren(element("p", "live-words"), outer, element("p", "live-note"), rows);
  const view = { root, rows, blocks: {}, places: {}, drawing: Promise.resolve() };
  view.seen = () => (document.hidden ? stop(view) : listen(view));
  document.addEventListener("visibilitychange", view.seen);
  view.sizes = new ResizeObserver(() => fit(view));
  view.sizes.observe(root);
  return view;
}

export default function ({ parentElement, data, setTriggerValue }) {
  const view = views.get(parentElement) ?? made(parentElement);
  views.set(parentElement, view);
  const before = view.data?.events;
  Object.assign(view, { data, setTriggerValue });
  view.root.classList.toggle("live-stacked", data.stacked);
  view.root.hidden = data.hidden;
  if (before !== data.events && !document.hidden) listen(view);
  return () => {
    view.gone = true;
    stop(view);
    clearTimeout(view.telling);
    document.removeEventListener("visibilitychange", view.seen);
    view.sizes.disconnect();
    purge(view);
    views.delete(parentElement);
  };
}
