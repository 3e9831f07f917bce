// Which tasks are done, kept in this browser: what Python adds is written down, what was written before is told to Python.

const KEPT = "gridcast.tasks.";

function read(list) {
  try {
    return JSON.parse(localStorage.getItem(KEPT + list)) ?? {};
  } catch {
    return {}; // no storage in a private window, or somebody else's words
  }
}

function write(list, kept) {
  try {
    localStorage.setItem(KEPT + list, JSON.stringify(kept));
  } catch {
    // then it is known until the tab is closed
  }
}

// `known` is what Python has from here, `done` what it has seen itself; the latter is written down once, so that what another tab
// has forgotten meanwhile stays forgotten.
function settle(root, { data, setStateValue }) {
  const kept = read(data.list);
  const forgetting = data.forget && data.forget !== kept.forgot;
  const before = forgetting || !Array.isArray(kept.done) ? [] : kept.done;
  const fresh = data.done.filter((id) => !root.written.has(id) && !before.includes(id));
  data.done.forEach((id) => root.written.add(id));
  const done = [...before, ...fresh];
  if (fresh.length || forgetting) write(data.list, { done, forgot: data.forget || kept.forgot });
  const shown = data.tasks.filter((id) => done.includes(id));
  const news = shown.some((id) => !data.known.includes(id) && !data.done.includes(id));
  if (news || data.known.some((id) => !shown.includes(id))) setStateValue("done", { tasks: shown, forgot: data.forget });
}

export default function (component) {
  const root = component.parentElement;
  root.latest = component;
  root.written ??= new Set();
  if (!root.listening) {
    root.listening = (event) => event.key?.startsWith(KEPT) && settle(root, root.latest); // done in another tab
    window.addEventListener("storage", root.listening);
  }
  settle(root, component);
}
