/**
 * `ctr content ls`: which blobs of containerd's content store are records of MicroVMs, and which of each is the newest
 * (flintlock: infrastructure/containerd/repo.go, getVMLabels). Labels hold a name that a caller of the API chose and are
 * printed as they are, so a row only says which blob to read; what counts is in the blob.
 */

export interface RecordRow {
  /** Lower-case hex, SHA-256. */
  digest: string;
  /** Null where the row's labels can be read in more than one way. */
  uid: string | null;
  version: number | null;
}

const prefix = "dev.liquidmetal.flintlockd/";

export function parseContentList(text: string): { rows: RecordRow[] } | { problem: string } {
  const lines = text.split("\n");
  if (!/^DIGEST\s+SIZE\s+AGE\s+LABELS/.test(lines[0] ?? "")) return { problem: "ctr content ls printed no table" };
  const rows: RecordRow[] = [];
  for (const row of rowsOf(lines)) {
    const digest = rowBegins.exec(row)?.[1];
    if (digest !== undefined && row.includes(`${prefix}type=microvm`)) rows.push({ digest, ...labelsOf(row) });
  }
  return { rows };
}

const rowBegins = /^sha256:([0-9a-f]{64})\t/;

/** A name with a line break in it goes on in the next line. */
function rowsOf(lines: readonly string[]): string[] {
  const rows: string[] = [];
  for (const line of lines) {
    const last = rows.length - 1;
    if (rowBegins.test(line) || last < 0) rows.push(line);
    else rows[last] = `${rows[last] ?? ""}\n${line}`;
  }
  return rows;
}

function labelsOf(line: string): Pick<RecordRow, "uid" | "version"> {
  const only = (label: string): string | null => {
    const at = line.indexOf(`${prefix}${label}=`);
    if (at === -1 || line.includes(`${prefix}${label}=`, at + 1)) return null;
    return /^[A-Za-z0-9_-]{1,64}(?=,|\s|$)/.exec(line.slice(at + prefix.length + label.length + 1, at + 200))?.[0] ?? null;
  };
  const [uid, version] = [only("uid"), only("version")];
  return uid !== null && version !== null && /^\d{1,9}$/.test(version) ? { uid, version: Number(version) } : { uid: null, version: null };
}

/** The blobs to read: the highest version of each UID, and every row that cannot be told. */
export function newestRows(rows: readonly RecordRow[]): string[] {
  const newest = new Map<string, { version: number; digest: string }>();
  const unclear = new Set<string>();
  for (const { digest, uid, version } of rows) {
    if (uid === null || version === null) unclear.add(digest);
    else if (version > (newest.get(uid)?.version ?? -1)) newest.set(uid, { version, digest });
  }
  return [...new Set([...[...newest.values()].map(({ digest }) => digest), ...unclear])];
}
