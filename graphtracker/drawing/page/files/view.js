// Which part of the drawing is seen, and how large. While it moves, the drawing is a layer that the browser only shifts
// and scales; at rest it is drawn anew, sharp.
const fonts = [...drawing.querySelectorAll("g.node text")].map(text => parseFloat(text.getAttribute("font-size")));
const least = Math.min(12, ...fonts.filter(font => font > 9));  // smaller: the random end of a name
const READABLE = 11 / least, LEGIBLE = 8 / 12, LARGEST = 8;  // LEGIBLE: of the names, which are 12 high
const size = svg.viewBox.baseVal;
let all = {x: 0, y: 0, width: size.width, height: size.height};  // what is drawn, wherever it was dragged
let view = {x: 0, y: 0, scale: 1}, kept = open, resting = 0;  // kept: what is done again when the room changes
document.body.classList.toggle("broad", size.width > size.height);  // which paper is turned for
svg.setAttribute("width", size.width);
svg.setAttribute("height", size.height);

function see(x, y, scale) {
  view = {x, y, scale};
  svg.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
  svg.style.willChange = "transform";
  clearTimeout(resting);
  resting = setTimeout(() => { svg.style.willChange = ""; }, 200);
}
function whole() {
  return Math.min(1.5, picture.clientWidth / all.width, picture.clientHeight / all.height);
}
function zoom(factor, x = picture.clientWidth / 2, y = picture.clientHeight / 2) {
  const scale = Math.min(LARGEST, Math.max(Math.min(whole(), 0.05), view.scale * factor)), real = scale / view.scale;
  kept = null;
  see(x - (x - view.x) * real, y - (y - view.y) * real, scale);
}
function fit() {
  kept = fit;
  const scale = whole();
  see((picture.clientWidth - all.width * scale) / 2 - all.x * scale, (picture.clientHeight - all.height * scale) / 2 - all.y * scale, scale);
}
function place(node) {
  const box = node.group.getBoundingClientRect(), from = svg.getBoundingClientRect();
  const [x, y, w, h] = [box.x - from.x, box.y - from.y, box.width, box.height].map(length => length / view.scale);
  return {x: x + w / 2, y: y + h / 2, w, h};
}
function center(node, scale = Math.max(view.scale, READABLE)) {
  const {x, y} = place(node);
  kept = null;
  const within = (at, begin, length, room) => {  // no empty ground where there is more to see
    const last = room - (begin + length) * scale;
    return length * scale < room ? (last - begin * scale) / 2 : Math.min(-begin * scale, Math.max(last, room / 2 - at * scale));
  };
  see(within(x, all.x, all.width, picture.clientWidth), within(y, all.y, all.height, picture.clientHeight), scale);
}
function reveal(node) {
  const box = node.group.getBoundingClientRect(), there = picture.getBoundingClientRect();
  const out = (begin, end, least, most) => Math.max(0, least - begin) || Math.min(0, most - end);
  const dx = out(box.left - 20, box.right + 20, there.left, there.right);
  const dy = out(box.top - 20, box.bottom + 20, there.top, there.bottom);
  if ((dx || dy) && kept !== fit) see(view.x + dx, view.y + dy, view.scale);
}
function open() {
  if (whole() >= LEGIBLE || !nodes.has(data.start)) return fit();
  const oneSide = Math.max(picture.clientWidth / all.width, picture.clientHeight / all.height);
  center(nodes.get(data.start), oneSide < LEGIBLE ? READABLE : Math.min(READABLE, oneSide));
  kept = open;  // the room is 0 where a cell of a notebook is not seen yet
}
function tidy() {  // no empty ground on one side of what is cut on the other
  const within = (at, begin, length, room) => {
    const ends = [-begin * view.scale, room - (begin + length) * view.scale];
    return Math.min(Math.max(...ends), Math.max(Math.min(...ends), at));
  };
  see(within(view.x, all.x, all.width, picture.clientWidth), within(view.y, all.y, all.height, picture.clientHeight), view.scale);
}
new ResizeObserver(() => (kept ?? tidy)()).observe(picture);

byId("in").onclick = () => zoom(1.4);
byId("out").onclick = () => zoom(1 / 1.4);
byId("fit").onclick = fit;
const framed = window.top !== window;
picture.addEventListener("wheel", event => {
  if (framed && !event.ctrlKey && !document.hasFocus()) return;  // whoever only scrolls past in a notebook
  event.preventDefault();
  const there = picture.getBoundingClientRect(), speed = event.deltaMode ? 0.05 : event.ctrlKey ? 0.01 : 0.0015;
  zoom(Math.exp(-event.deltaY * speed), event.clientX - there.x, event.clientY - there.y);
}, {passive: false});

// One finger, or the mouse, moves the ground, and the mouse a node; two fingers come closer.
const fingers = new Map();
let held = null;
picture.addEventListener("pointerdown", event => {
  if (event.button !== 0) return;
  fingers.set(event.pointerId, event);
  held = {node: nodes.get(event.target.closest("g.node")?.dataset.name), moved: fingers.size > 1};
  picture.setPointerCapture(event.pointerId);
});
picture.addEventListener("pointermove", event => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const dx = event.clientX - before.clientX, dy = event.clientY - before.clientY;
  if (!held.moved && Math.hypot(dx, dy) < 5) return;
  const still = [...fingers.values()].find(other => other.pointerId !== event.pointerId);
  fingers.set(event.pointerId, event);
  held.moved = true;
  kept = null;
  if (still) pinch(before, event, still);
  else if (held.node && event.pointerType === "mouse") drag(held.node, dx / view.scale, dy / view.scale);
  else see(view.x + dx, view.y + dy, view.scale);
});
picture.addEventListener("pointerup", event => {
  if (held?.moved && held.node) measure();
  if (fingers.delete(event.pointerId) && !held.moved) pick(held.node, event.shiftKey || event.ctrlKey || event.metaKey);
});
picture.addEventListener("pointercancel", event => fingers.delete(event.pointerId));

function pinch(before, now, still) {
  const there = picture.getBoundingClientRect();
  const apart = finger => Math.hypot(finger.clientX - still.clientX, finger.clientY - still.clientY) || 1;
  see(view.x + (now.clientX - before.clientX) / 2, view.y + (now.clientY - before.clientY) / 2, view.scale);
  zoom(apart(now) / apart(before), (now.clientX + still.clientX) / 2 - there.x, (now.clientY + still.clientY) / 2 - there.y);
}
function drag(node, dx, dy) {
  node.dx += dx;
  node.dy += dy;
  node.group.setAttribute("transform", `translate(${node.dx} ${node.dy})`);
  for (const edge of node.edges) straighten(edge, node);
}
function measure() {
  const {x, y, width, height} = svg.getBBox(), [left, top] = [Math.min(0, x - 4), Math.min(0, y - 4)];
  const right = Math.max(size.width, x + width + 4), bottom = Math.max(size.height, y + height + 4);
  all = {x: left, y: top, width: right - left, height: bottom - top};
}
function straighten(edge, moved) {
  const [begin, end] = edge.ends.map(name => nodes.get(name));
  if (!begin || !end || begin === end) {  // to what was left out, or a source of itself: it moves along
    for (const group of [edge.group, ...edge.ends.map(name => cuts.get(name))])
      group?.setAttribute("transform", `translate(${moved.dx} ${moved.dy})`);
    return;
  }
  const spot = ({group, dx, dy}, box = group.getBBox()) =>
    ({x: box.x + dx + box.width / 2, y: box.y + dy + box.height / 2, w: box.width / 2, h: box.height / 2});
  const a = spot(begin), b = spot(end), dx = b.x - a.x, dy = b.y - a.y;
  const until = ({w, h}) => Math.min(1, w / Math.abs(dx || 1e-9), h / Math.abs(dy || 1e-9));
  const from = until(a), to = 1 - until(b), angle = Math.atan2(dy, dx), tip = [a.x + dx * to, a.y + dy * to];
  const side = turn => [tip[0] - 8 * Math.cos(angle + turn), tip[1] - 8 * Math.sin(angle + turn)];
  edge.group.querySelector("path").setAttribute("d", `M${a.x + dx * from},${a.y + dy * from}L${tip}`);
  edge.group.querySelector("polygon")?.setAttribute("points", [tip, side(0.4), side(-0.4)].join(" "));
}
