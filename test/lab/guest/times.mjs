// Where the time of a scenario goes: a line for each thing that it did, and sums for the pass list.

const none = () => ({ begun: Date.now(), lines: [], sums: { fix: 0, runs: 0, waiting: 0, restore: 0 } });
const state = none();

export const beginTimes = () => Object.assign(state, none());

export const sums = () => ({ ...state.sums });

/** When each thing began, in seconds since the scenario did, how long it took, and what it was. */
export const timeline = () => state.lines.map(({ at, ms, what }) => `${seconds(at).padStart(7)} ${seconds(ms).padStart(7)}  ${what}\n`).join("");

const seconds = (ms) => (ms / 1000).toFixed(1);

/** Shorter than this is not worth a line, in milliseconds. */
const briefMs = 20;

/** Notes what was begun at `begun` (Unix milliseconds) and is done now. */
export function note(what, begun) {
  if (Date.now() - begun >= briefMs) state.lines.push({ at: begun - state.begun, ms: Date.now() - begun, what: what.slice(0, 200) });
}

export function ranFix(ms) {
  state.sums.runs += 1;
  state.sums.fix += ms;
}

/** Notes a wait; runs of fix in it are counted as such. */
export function waited(what, begun, fixBefore) {
  note(what, begun);
  state.sums.waiting += Date.now() - begun - (state.sums.fix - fixBefore);
}

export function restored(begun) {
  note("put the host back", begun);
  state.sums.restore = Date.now() - begun;
}

export const fixSoFar = () => state.sums.fix;
