// Heat maps under the price line: a column a day, a row a unit, on the same time axis, so that one cursor crosses all of them.

const MAP = 96, NAME = 20, TRACE = 64; // pixels
const MISSING = -128; // a day on which a network had not read enough yet

const mapHeight = (map, chosen) => NAME + MAP + (chosen?.model === map.model ? TRACE : 0);
const mapsHeight = ({ maps, chosen }) => (maps ?? []).reduce((sum, map) => sum + mapHeight(map, chosen), maps?.length ? 8 : 0);

function rgb(colour) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.fillStyle = colour;
  return [1, 3, 5].map((at) => parseInt(pen.fillStyle.slice(at, at + 2), 16));
}

// The part of a map that is seen, as a picture with one pixel a day and unit.
function picture(map, days, { from, to }, colours) {
  const canvas = document.createElement("canvas"), rows = map.units.length, columns = to - from + 1;
  Object.assign(canvas, { width: columns, height: rows });
  const pen = canvas.getContext("2d"), image = pen.createImageData(columns, rows);
  const ends = { high: rgb(colours.high), low: rgb(colours.low) };
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const value = map.values[row * days + from + column];
      const [r, g, b] = value > 0 ? ends.high : ends.low;
      image.data.set([r, g, b, value === MISSING ? 0 : 2 * Math.abs(value)], 4 * (row * columns + column));
    }
  pen.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

function traceOf(map, days, { from, to, x }, row, top) {
  const y = (value) => top + TRACE / 2 - ((TRACE / 2 - 6) * value) / 127;
  const points = [];
  for (let n = from; n <= to; n++) {
    const value = map.values[row * days + n];
    if (value !== MISSING) points.push([x(n), y(value)]);
  }
  const zero = `<line class="grid" x1="${x(from)}" x2="${x(to)}" y1="${y(0)}" y2="${y(0)}"/>`;
  const ends = `<text x="${LEFT - 6}" y="${y(127) + 8}" text-anchor="end">${map.scale.toFixed(1)}</text>` +
    `<text x="${LEFT - 6}" y="${y(-127)}" text-anchor="end">−${map.scale.toFixed(1)}</text>`;
  return points.length ? `${zero}${ends}<path class="trace" d="${line(points)}"/>` : "";
}

function drawMaps(root, place) {
  const days = root.series.days.length;
  let top = TOP + PRICE + AXIS;
  return (root.maps ?? []).map((map) => {
    const row = root.chosen?.model === map.model ? map.units.indexOf(root.chosen.unit) : -1;
    const about = row < 0 ? `${map.units.length} units` : `unit ${root.chosen.unit}`;
    const [left, wide, high] = [place.x(place.from), place.x(place.to) - place.x(place.from), MAP / map.units.length];
    const drawn = `<text class="name" x="${left}" y="${top + 14}">${map.name}: ${map.gate}, ${about}</text>` +
      `<image x="${left}" y="${top + NAME}" width="${wide}" height="${MAP}" preserveAspectRatio="none" style="image-rendering:pixelated" ` +
      `href="${picture(map, days, place, root.colours)}"/><rect class="frame" x="${left}" y="${top + NAME}" width="${wide}" height="${MAP}"/>` +
      (row < 0 ? "" : `<rect class="row" x="${left}" y="${top + NAME + row * high}" width="${wide}" height="${high}"/>` +
        traceOf(map, days, place, row, top + NAME + MAP));
    top += mapHeight(map, root.chosen);
    return drawn;
  }).join("");
}

// The unit of the row that was pointed at.
function unitAt(root, y) {
  let top = TOP + PRICE + AXIS;
  for (const map of root.maps ?? []) {
    const row = Math.floor(((y - top - NAME) / MAP) * map.units.length);
    if (y >= top + NAME && row >= 0 && row < map.units.length) return { model: map.model, unit: map.units[row] };
    top += mapHeight(map, root.chosen);
  }
  return null;
}
