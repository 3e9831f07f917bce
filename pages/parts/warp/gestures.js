// -- the grid, taken on the input: dragged, turned and made larger by one pointer (with Shift it turns and grows) or two ---------
// What a gesture says goes the way of the dials: of their values when it began. The points of a spline move all together.

const bounded = ({ low, high, step }, value) => Math.min(high, Math.max(low, Math.round(value / step) * step));
const turnedOnce = (degrees) => ((((degrees + 180) % 360) + 360) % 360) - 180;

// Frame coordinates (±1: the edges of the picture) to those with the same unit on both axes, in which theta is told, and back.
const unit = ({ width, height }) => [width / Math.min(width, height), height / Math.min(width, height)];

// The similarity between where pointers were and where they are: [shift x, shift y, scale, degrees clockwise] about their middle.
function similarity(before, now) {
  const middle = (points) => [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  const [from, to] = [middle(before), middle(now)];
  const shift = [to[0] - from[0], to[1] - from[1]];
  if (before.length < 2) return [...shift, 1, 0];
  const arm = ([first, second]) => [second[0] - first[0], second[1] - first[1]];
  const [was, is] = [arm(before), arm(now)];
  const degrees = ((Math.atan2(is[1], is[0]) - Math.atan2(was[1], was[0])) * 180) / Math.PI;
  return [...shift, Math.hypot(...is) / Math.max(1e-6, Math.hypot(...was)), degrees];
}

function gestures(root, canvas) {
  const pointers = new Map();
  let began = null;
  const free = () => root.scene && !root.scene.numbered && (root.scene.dials.length || root.scene.handles.length);
  const place = (event) => {
    const [across, down] = unit(root.scene);
    const [x, y] = pointed(canvas, event, root.scene);
    return [x * across, y * down];
  };
  const begin = () => {
    const { moved } = root.speaker; // what Python has not answered yet
    const dials = Object.fromEntries(root.scene.dials.map(({ name, value }) => [name, moved.dials?.[name] ?? value]));
    began = { pointers: [...pointers.values()], dials, handles: root.scene.handles.map((point, n) => moved.points?.[n] ?? point) };
  };
  const about = (centre, pointer) => [pointer, [2 * centre[0] - pointer[0], 2 * centre[1] - pointer[1]]];
  const centre = () => {
    const [across, down] = unit(root.scene), { dials, handles } = began;
    if (!handles.length) return [dials.shift_x ?? 0, dials.shift_y ?? 0];
    const sum = handles.reduce(([x, y], point) => [x + point[0], y + point[1]], [0, 0]);
    return [(sum[0] / handles.length) * across, (sum[1] / handles.length) * down];
  };
  const move = (settled, turning) => {
    let [before, now] = [began.pointers, [...pointers.values()]];
    if (turning && now.length === 1) [before, now] = [about(centre(), before[0]), about(centre(), now[0])];
    const [x, y, scale, degrees] = similarity(before, now);
    began.handles.length ? movePoints(x, y, scale, degrees) : moveDials(x, y, scale, degrees);
    settled ? root.speaker.send(true) : root.speaker.soon();
  };
  const moveDials = (x, y, scale, degrees) => {
    const wanted = {
      shift_x: (value) => value + x,
      shift_y: (value) => value + y,
      scale_x: (value) => value * scale,
      scale_y: (value) => value * scale,
      rotation_deg: (value) => turnedOnce(value + degrees),
    };
    for (const dial of root.scene.dials)
      if (wanted[dial.name]) (root.speaker.moved.dials ??= {})[dial.name] = bounded(dial, wanted[dial.name](began.dials[dial.name]));
  };
  const movePoints = (x, y, scale, degrees) => {
    const [across, down] = unit(root.scene), [left, top] = centre();
    const [cos, sin] = [scale * Math.cos((degrees * Math.PI) / 180), scale * Math.sin((degrees * Math.PI) / 180)];
    began.handles.forEach(([u, v], number) => {
      const [right, below] = [u * across - left, v * down - top];
      const at = [left + x + cos * right - sin * below, top + y + sin * right + cos * below];
      (root.speaker.moved.points ??= {})[number] = [at[0] / across, at[1] / down];
    });
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (!free() || pointers.size === 2) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, place(event));
    root.held = "grid";
    begin();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!pointers.has(event.pointerId)) return;
    pointers.set(event.pointerId, place(event));
    move(false, event.shiftKey);
  });
  const release = (event) => {
    if (!pointers.has(event.pointerId)) return;
    move(true, event.shiftKey);
    pointers.delete(event.pointerId);
    pointers.size ? begin() : (root.held = null);
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  // Two fingers on a trackpad arrive as a wheel with Ctrl; without it the page scrolls.
  canvas.addEventListener("wheel", (event) => {
    if (!free() || !event.ctrlKey) return;
    event.preventDefault();
    begin();
    const scale = Math.exp(-event.deltaY / 200);
    began.handles.length ? movePoints(0, 0, scale, 0) : moveDials(0, 0, scale, 0);
    root.speaker.send(true);
  }, { passive: false });
}

