"use strict";

const WIDTH = 600, HEIGHT = 160, SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);
const clock = (s) => s === null ? "never" : `${Math.floor(s / 60)}:${String(Math.floor(s) % 60).padStart(2, "0")}`;

function make(tag, text, className) {
  const node = document.createElement(tag);
  node.textContent = text;
  if (className) node.className = className;
  return node;
}

/* Replaced only if it changes, so that a selection or a screen reader's place stays. */
function fill(id, items, nothing) {
  const key = JSON.stringify(items), list = byId(id);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...items.map((cells) => {
    const item = make("li", "");
    item.append(...cells.flatMap(([text, name]) => [make("span", text, name), " "]));
    return item;
  }));
  if (!items.length) list.append(make("li", nothing, "muted"));
}

function chart(state, regions) {
  const last = Math.max(state.now, 60);
  byId("chart").replaceChildren(...regions.map((region, number) => {
    const line = document.createElementNS(SVG, "polyline");
    const points = [...state.samples, [state.now, state.connected]].map(([at, counts]) =>
      `${(at / last * WIDTH).toFixed(1)},${(HEIGHT - 4 - counts[region] / state.devices * (HEIGHT - 8)).toFixed(1)}`);
    line.setAttribute("points", points.join(" "));
    line.setAttribute("class", `r${number % 4}`);
    return line;
  }));
}

function score(result) {
  byId("score").hidden = false;
  const when = result.outage_began === null ? "had not begun" : `after ${clock(result.outage_began)}`;
  byId("outage").textContent = `${result.outage}: ${result.title}, in ${result.region}, ${when}.`;
  const { operated, without_operator: alone } = result;
  const rows = [
    ["Noticed after", clock(result.noticed), ""],
    ["Acted after", clock(result.acted), ""],
    ["Wrong actions", result.wrong_actions, ""],
    ["Messages lost", operated.messages_lost, alone.messages_lost],
    ["Devices back after", clock(operated.back), clock(alone.back)],
  ];
  byId("outcomes").replaceChildren(...rows.map(([name, you, without]) => {
    const row = document.createElement("tr");
    row.append(make("td", name), make("td", you, "number"), make("td", without, "number"));
    return row;
  }));
  const wrong = result.commands.filter((each) => each.wrong);
  byId("mistakes").replaceChildren(...wrong.map((each) => make("li", `${each.name} at ${clock(each.at)}: ${each.wrong}`)));
}

const events = new EventSource("events");
events.onopen = () => { byId("gone").hidden = true; };
events.onerror = () => { byId("gone").hidden = false; };
events.onmessage = (event) => {
  const state = JSON.parse(event.data);
  if (!state.connected) return;
  const regions = Object.keys(state.connected);
  byId("environment").textContent = state.environment;
  byId("speed").textContent = state.speed;
  byId("now").textContent = clock(state.now);
  byId("linked").textContent = regions.reduce((sum, region) => sum + state.connected[region], 0);
  byId("devices").textContent = state.devices;
  byId("answer").textContent = state.answer;
  chart(state, regions);
  fill("regions", regions.map((region, number) =>
    [["", `key r${number % 4}`], [region, ""], [String(state.connected[region]), "count"]]), "");
  fill("alarms", Object.entries(state.alarms).flatMap(([region, names]) =>
    names.map((name) => [[name, ""], [region, "muted"]])), "none");
  fill("commands", [...state.commands].reverse().map((each) =>
    [[clock(each.at), "at"], [each.name, each.is_write ? "write" : ""]]), "none yet");
  if (state.score) {
    events.close();
    score(state.score);
  }
};
